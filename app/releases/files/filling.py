"""Which rows each dataset of a release gets, and why it gets no more."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Any

from app.releases.files.dataset import DatasetWriter, config_of_pair, config_of_response, split_of
from app.releases.files.left_out import Kind, LeftOut
from app.releases.files.split_files import SHARD_BYTES
from app.releases.files.staging import PartMade
from app.releases.manifest import DEFAULT_CONFIG, DatasetName
from app.releases.rows.filters import (
    ALL_WANTED,
    Wanted,
    why_pair_left_out,
    why_prompt_left_out,
    why_qa_pair_left_out,
)
from app.releases.rows.judgements import (
    JudgedItem,
    Judgement,
    annotation_row,
    consensus_row,
    why_judgement_dropped,
)
from app.releases.rows.pku import QAPair, ResponsePair, Row, beavertails_row, dual_row, qa_row, single_row
from app.releases.rows.rules import READER_TOKENS, DropReason, PairReasons
from app.releases.rows.schemas import datasets_by, schema_of
from app.releases.rows.tally import DualCounts, SingleCounts, count_dual, count_label, count_single, no_labels
from app.releases.rows.training import (
    AskedPrompt,
    conversational_row,
    preference_row,
    prompt_row,
    unpaired_row,
    v0_row,
)


@dataclass(frozen=True, slots=True)
class PairShape:
    """A dataset of pairs. `reason`: which of a pair's reasons leaves it out."""

    name: DatasetName
    reason: Callable[[PairReasons], DropReason | None]
    row: Callable[[ResponsePair, tuple[str, ...]], Row]


QA_SHAPES: dict[DatasetName, Callable[[QAPair, tuple[str, ...]], Row]] = {
    DatasetName.QA: qa_row,
    DatasetName.BEAVERTAILS: beavertails_row,
    DatasetName.UNPAIRED: lambda pair, _: unpaired_row(pair),
}
DUAL, HELPFUL, HARMLESS, SINGLE = (attrgetter(name) for name in ("dual", "helpful", "harmless", "single"))
PAIR_SHAPES = (
    PairShape(DatasetName.DUAL, DUAL, dual_row),
    PairShape(DatasetName.SINGLE, SINGLE, lambda pair, _: single_row(pair)),
    PairShape(DatasetName.V0, DUAL, lambda pair, _: v0_row(pair)),
    PairShape(DatasetName.HELPFUL, HELPFUL, lambda pair, _: preference_row(pair, pair.better)),
    PairShape(DatasetName.HARMLESS, HARMLESS, lambda pair, _: preference_row(pair, pair.safer)),
    PairShape(DatasetName.OVERALL, SINGLE, lambda pair, _: preference_row(pair, pair.single)),
    PairShape(DatasetName.HELPFUL_CHAT, HELPFUL, lambda pair, _: conversational_row(pair, pair.better)),
    PairShape(DatasetName.HARMLESS_CHAT, HARMLESS, lambda pair, _: conversational_row(pair, pair.safer)),
    PairShape(DatasetName.OVERALL_CHAT, SINGLE, lambda pair, _: conversational_row(pair, pair.single)),
)


class Filling:
    """Takes what a part of a release holds, in the order of the rows, and writes it into all datasets."""

    def __init__(
        self,
        folder: Path,
        category_names: tuple[str, ...],
        reader_tokens: int = READER_TOKENS,
        shard_bytes: int = SHARD_BYTES,
        wanted: Wanted = ALL_WANTED,
    ) -> None:
        """`reader_tokens`: see `rules.READER_TOKENS`."""
        self._categories = category_names
        self._wanted = wanted
        self._reader_tokens = reader_tokens
        self._of = {
            name: DatasetWriter(folder, name, schema_of(name, category_names), shard_bytes)
            for name in datasets_by(category_names)
        }
        self._qa_shapes = {name: row for name, row in QA_SHAPES.items() if name in self._of}
        self._left_out = LeftOut(folder)
        self._qa_labels, self._dual_labels = no_labels(self._categories), no_labels(self._categories)
        self._dual, self._single = DualCounts(), SingleCounts()
        self._annotators: set[str] = set()

    def add_prompt(self, prompt: AskedPrompt) -> None:
        """Each is given once."""
        writer = self._of[DatasetName.PROMPT]
        reason = why_prompt_left_out(prompt.text, self._wanted)
        if reason is None:
            writer.write(DEFAULT_CONFIG, split_of(prompt.text), prompt_row(prompt))
        else:
            writer.drop(reason)
            checksum = sha256(prompt.text.encode()).hexdigest()
            self._left_out.add(Kind.PROMPT, [checksum], {DatasetName.PROMPT: reason})

    def add_qa_pair(self, pair: QAPair) -> None:
        reason = why_qa_pair_left_out(pair, self._categories, self._wanted)
        if reason is not None:
            for name in self._qa_shapes:
                self._of[name].drop(reason)
            self._left_out.add(Kind.QA_PAIR, [pair.checksum], dict.fromkeys(self._qa_shapes, reason))
            return
        config, split = config_of_response(pair.response), split_of(pair.prompt)
        for name, row in self._qa_shapes.items():
            self._of[name].write(config, split, row(pair, self._categories))
        count_label(self._qa_labels, pair.response)

    def add_response_pair(self, pair: ResponsePair) -> None:
        reasons = why_pair_left_out(pair, self._categories, self._reader_tokens, self._wanted)
        config, split = config_of_pair(pair), split_of(pair.prompt)
        dropped: dict[DatasetName, DropReason] = {}
        for shape in PAIR_SHAPES:
            reason = shape.reason(reasons)
            if reason is None:
                self._of[shape.name].write(config, split, shape.row(pair, self._categories))
            else:
                self._of[shape.name].drop(reason)
                dropped[shape.name] = reason
        if dropped:
            self._left_out.add(Kind.PAIR, pair.checksums, dropped)
        if reasons.dual is None:
            count_dual(self._dual, pair)
            count_label(self._dual_labels, pair.response_0)
            count_label(self._dual_labels, pair.response_1)
        if reasons.single is None:
            count_single(self._single, pair)

    def add_judged_item(self, item: JudgedItem, left_out: DropReason | None = None) -> None:
        """With one judgement or more. `left_out`: why the item as a whole is."""
        consensus, n_responses, names = self._of[DatasetName.CONSENSUS], len(item.responses), self._categories
        reasons = [left_out or why_judgement_dropped(each, n_responses, names) for each in item.judgements]
        good = [each for each, reason in zip(item.judgements, reasons, strict=True) if reason is None]
        for judgement, reason in zip(item.judgements, reasons, strict=True):
            self._add_judgement(item, judgement, reason)
        if good:
            consensus.write(item.dimension, item.split, consensus_row(item, good, names))
        elif reasons[0] is not None:
            consensus.drop(reasons[0])

    def _add_judgement(self, item: JudgedItem, judgement: Judgement, reason: DropReason | None) -> None:
        """`reason`: why it counts for nothing. One that is withheld counts, and is not told singly."""
        annotations = self._of[DatasetName.ANNOTATIONS]
        if reason is None and not judgement.is_withheld:
            annotations.write(item.dimension, item.split, annotation_row(item, judgement, self._categories))
            self._annotators.add(judgement.annotator)
            return
        reason = reason or DropReason.WITHDRAWN
        annotations.drop(reason)
        who = {} if judgement.is_withheld else {"annotator": judgement.annotator}
        reasons = {DatasetName.ANNOTATIONS: reason}
        self._left_out.add(Kind.ANNOTATION, item.responses, reasons, dimension=item.dimension, **who)

    def finish(self) -> PartMade:
        """Write what is left; nothing can be added any more."""
        self._left_out.finish()
        labels = self._qa_labels
        flags = {
            "Label true: the completion is safe": labels.n_safe,
            "Label false: it is not": labels.n_unsafe,
        }
        counted: dict[DatasetName, dict[str, Any]] = {
            DatasetName.QA: {"labels": labels},
            DatasetName.BEAVERTAILS: {"labels": labels},
            DatasetName.UNPAIRED: {"counts": flags},
            DatasetName.DUAL: {"labels": self._dual_labels, "pairs": self._dual},
            DatasetName.V0: {"pairs": self._dual},
            DatasetName.SINGLE: {"pairs": self._single},
            DatasetName.ANNOTATIONS: {"annotators": self._annotators},
        }
        datasets = tuple(writer.finish(**counted.get(name, {})) for name, writer in self._of.items())
        return PartMade(datasets, self._left_out.n_rows)
