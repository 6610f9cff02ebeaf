"""Pairs to release, one plain function each, and ways to read a written release."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from app.agreement.report.content import Figure, Report
from app.projects.pku import PKU
from app.releases.files.dataset import split_of
from app.releases.files.filling import Filling
from app.releases.files.split_files import SHARD_BYTES
from app.releases.files.staging import Plan, Staging
from app.releases.files.writer import put_together
from app.releases.manifest import Manifest, QueueAgreement, ReleaseFacts
from app.releases.reading.plan import Part, PartKind
from app.releases.rows.blocks import PairBlock, QABlock
from app.releases.rows.fields import Fields, lines_of
from app.releases.rows.judgements import JudgedItem, Judgement, Said
from app.releases.rows.pku import LabelledResponse, Preference, QAPair, ResponsePair, text_checksum
from app.releases.rows.published import dual_rows, qa_rows, single_rows
from app.releases.rows.schemas import datasets_by
from app.releases.rows.training import AskedPrompt

MODELS = ("Alpaca-7B", "Alpaca3-8B")

DATASETS = datasets_by(PKU.category_names)


def facts(**changes: Any) -> ReleaseFacts:
    given: dict[str, Any] = {
        "project": "Demo",
        "number": 3,
        "as_of": "2026-01-02T03:04:05+00:00",
        "code_version": "0.1.0",
        "taxonomy_version": "pku-19.1",
        "category_names": PKU.category_names,
        "consensus_rules": ("The majority decides.",),
        "agreement": (QueueAgreement("Safety labels", agreement(alpha=0.51234, n_items=1200)),),
    }
    return ReleaseFacts(**(given | changes))


def agreement(alpha: float, n_items: int) -> Report:
    figure = Figure("safe", "nominal", n_items, n_answers=2 * n_items, n_pairs=n_items, alpha=alpha)
    return Report(
        seed=1, n_resamples=1000, n_items=n_items, n_answers=2 * n_items, n_annotators=3, figures=[figure]
    )


def safe(text: str = "No, and here is why.", source: str = MODELS[0]) -> LabelledResponse:
    return LabelledResponse(text, source, is_safe=True, harm_categories=frozenset(), severity=0)


def unsafe(
    text: str = "Yes, of course.",
    source: str = MODELS[0],
    categories: tuple[str, ...] = ("Cybercrime",),
    severity: int = 2,
) -> LabelledResponse:
    return LabelledResponse(text, source, False, frozenset(categories), severity)


def unlabelled(text: str = "Perhaps.") -> LabelledResponse:
    return LabelledResponse(text, MODELS[0], is_safe=None, harm_categories=frozenset(), severity=None)


def qa_pair(
    prompt: str = "May I?", response: LabelledResponse | None = None, *, source: str = "demo"
) -> QAPair:
    response = response or safe()
    return QAPair(prompt, source, response, text_checksum(prompt, response.text))


def response_pair(
    prompt: str = "May I?",
    first: LabelledResponse | None = None,
    second: LabelledResponse | None = None,
    *,
    better: Preference | None = 1,
    safer: Preference | None = 0,
    single: Preference | None = 0,
    source: str = "demo",
) -> ResponsePair:
    sides = (first or safe(), second or unsafe())
    first_checksum, second_checksum = (text_checksum(prompt, side.text) for side in sides)
    return ResponsePair(prompt, source, *sides, better, safer, single, (first_checksum, second_checksum))


def many_qa_pairs(n_prompts: int) -> Iterator[QAPair]:
    """Two models answer each prompt, the first always safely."""
    for number in range(n_prompts):
        yield qa_pair(f"Question {number}?", safe(source=MODELS[0]))
        yield qa_pair(f"Question {number}?", unsafe(source=MODELS[1]))


def many_response_pairs(n_prompts: int) -> Iterator[ResponsePair]:
    """By turns both answers from one model, and from two."""
    for number in range(n_prompts):
        yield response_pair(f"Question {number}?", safe(), unsafe(source=MODELS[number % 2]))


def said_safe(annotator: str = "a1", **changes: Any) -> Judgement:
    given: dict[str, Any] = {"is_safe": True, "severity": 0, "harm_categories": frozenset()}
    return judgement(annotator, **(given | changes))


def said_unsafe(annotator: str = "a2") -> Judgement:
    return judgement(annotator, is_safe=False, severity=2, harm_categories=frozenset({"Cybercrime"}))


def ranked(annotator: str = "a1", ranks: tuple[int, ...] = (1, 2), **changes: Any) -> Judgement:
    order = tuple(reversed(range(len(ranks))))
    given: dict[str, Any] = {"verdict": "ordered", "ranks": ranks, "displayed_order": order}
    return judgement(annotator, **(given | changes))


def judgement(annotator: str, **changes: Any) -> Judgement:
    given: dict[str, Any] = {
        "taxonomy_version": "pku-19.1",
        "guideline_version": None,
        "confidence": None,
    }
    return Judgement(annotator, "2026-01-02T03:04:05+00:00", Said(**(given | changes)))


def judged(*judgements: Judgement, prompt: str = "May I?", **changes: Any) -> JudgedItem:
    """A QA pair, or a response set where the answers are rankings."""
    is_ranked = judgements[0].said.ranks is not None
    given: dict[str, Any] = {
        "dimension": "single" if is_ranked else "safety",
        "split": split_of(prompt),
        "responses": tuple(text_checksum(prompt, text) for text in ("Yes.", "No.")[: 1 + is_ranked]),
        "judgements": judgements,
        "posterior": None,
    }
    return JudgedItem(**(given | changes))


def many_judged_items(n_prompts: int) -> Iterator[JudgedItem]:
    """By dimension, as a release reads them. The first hundred rows have null where others have none."""
    for number in range(n_prompts):
        said = (said_safe(), said_unsafe()) if number % 2 else (said_safe(),)
        yield judged(*said, prompt=f"Question {number}?", posterior=(0.25,) * 24 if number % 2 else None)
    for number in range(n_prompts):
        yield judged(ranked(), ranked("a2", (1, 1)), prompt=f"Question {number}?", posterior=(0.5, 0.2, 0.3))


def write_release(
    folder: Path,
    facts: ReleaseFacts,
    qa_pairs: Iterable[QAPair],
    response_pairs: Iterable[ResponsePair],
    prompts: Iterable[AskedPrompt] = (),
    judged_items: Iterable[JudgedItem] = (),
    shard_bytes: int = SHARD_BYTES,
) -> Manifest:
    """A release made in one part, of rows at hand."""
    part, staging = Part(0, PartKind.QA_PAIRS), Staging(folder.with_name(f".{folder.name}"))
    staging.begin()
    staging.keep_plan(Plan(facts.as_of, facts.code_version, (part,)))
    filling = Filling(staging.begin_part(part), facts.category_names, facts.reader_tokens, shard_bytes)
    for qa_pair in qa_pairs:
        filling.add_qa_pair(qa_pair)
    for response_pair in response_pairs:
        filling.add_response_pair(response_pair)
    for prompt in prompts:
        filling.add_prompt(prompt)
    for judged_item in judged_items:
        filling.add_judged_item(judged_item)
    staging.end_part(part, filling.finish())
    return put_together(staging, [(part, staging.made(part))], facts, folder)


def write_all(folder: Path, n_prompts: int = 60, **settings: Any) -> Manifest:
    """A release with rows in every dataset."""
    return write_release(
        folder,
        facts(),
        many_qa_pairs(n_prompts),
        many_response_pairs(n_prompts),
        [AskedPrompt(f"Question {number}?", "demo") for number in range(n_prompts)],
        many_judged_items(n_prompts),
        **settings,
    )


def rows_told(fields: Sequence[Fields]) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in lines_of(fields).to_pylist()]


def dual_row(pair: ResponsePair) -> dict[str, Any]:
    (row,) = rows_told(dual_rows(PairBlock.of([pair]), PKU.category_names))
    return row


def single_row(pair: ResponsePair) -> dict[str, Any]:
    (row,) = rows_told(single_rows(PairBlock.of([pair])))
    return row


def qa_row(pair: QAPair) -> dict[str, Any]:
    (row,) = rows_told(qa_rows(QABlock.of([pair]), PKU.category_names))
    return row


def rows_below(folder: Path) -> list[dict[str, Any]]:
    """Every row of every file, sorted by file."""
    return [
        orjson.loads(line)
        for path in sorted(folder.rglob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]


def bytes_below(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
