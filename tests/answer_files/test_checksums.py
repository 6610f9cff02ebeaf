"""Rows that name their item by the SHA-256 of its texts, as a release's annotations do."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.annotations.models import Verdict
from app.items.models import ImportState, Item, ItemKind
from app.projects.models import Project
from app.queues.models import Queue, QueueKind
from tests import make
from tests.answer_files.files import bring_in, bring_in_path, queue_in, safety, stored
from tests.items.samples import JsonObject, harm, json_lines, report_rows
from tests.items.samples import bring_in as bring_in_items

PROMPT, ANSWERS = "What is a fjord?", ("An inlet.", "A boat.", "A hill.")


def checksum(response: str, prompt: str = PROMPT) -> str:
    return sha256((prompt + response).encode()).hexdigest()


def named(*responses: str, **changes: object) -> JsonObject:
    """A row as a release has it, but for its answer."""
    checksums = [checksum(response) for response in responses]
    row = {
        "item": checksums[0] if len(checksums) == 1 else sha256("".join(checksums).encode()).hexdigest(),
        "responses": checksums,
        "annotator": "a1",
        "answered_at": "2026-03-01T09:30:00+00:00",
        "taxonomy_version": "earlier-1",
        "guideline_version": 2,
    }
    return row | changes


def label(*responses: str, **changes: object) -> JsonObject:
    said = {"dimension": "safety", "is_safe": False, "severity_level": 2, "harm_category": harm("Violence")}
    return named(*responses, **(said | {"verdict": None, "ranks": None} | changes))


def order(ranks: list[int], *responses: str, **changes: object) -> JsonObject:
    said = {"dimension": "single", "is_safe": None, "verdict": "ordered", "ranks": ranks}
    shown = {"displayed_order": [*range(1, len(ranks)), 0], "strength": 2}
    return named(*responses, **(said | shown | changes))


@pytest.fixture
def project(session: Session, home: Path) -> Project:
    """With a QA pair of each answer, and a set of the first two, the other way round."""
    made = make.project(session)
    rows = [
        {"prompt": PROMPT, "responses": [ANSWERS[1], ANSWERS[0]]},
        {"prompt": PROMPT, "response": ANSWERS[2]},
    ]
    bring_in_items(session, made, json_lines(rows), home)
    return made


def test_a_label_reaches_the_pair_whose_texts_have_the_checksum(
    session: Session, home: Path, project: Project
) -> None:
    ended = bring_in(session, project, [label(ANSWERS[2])], home)
    ((name, given),) = stored(session, queue_in(session, project))
    assert (name, given.severity, given.harm_categories) == ("a1", 2, ["Violence"])
    assert (given.taxonomy_version, given.guideline_version) == ("earlier-1", 2)
    assert (ended.import_.n_new_qa_pairs, ended.import_.n_new_response_sets) == (0, 0)


def test_an_order_and_its_page_are_turned_as_the_item_has_them(
    session: Session, home: Path, project: Project
) -> None:
    ended = bring_in(session, project, [order([1, 2], *ANSWERS[:2])], home)
    ((_, given),) = stored(session, queue_in(session, project))
    assert (given.ranks, given.displayed_order, given.strength) == ([2, 1], [0, 1], 2)
    assert ended.import_.n_new_response_sets == 0


def test_a_set_that_is_not_there_is_made_of_responses_that_are(
    session: Session, home: Path, project: Project
) -> None:
    bad = order([1, 1, 1], *ANSWERS, verdict="all_bad", strength=None)
    ended = bring_in(session, project, [bad], home)
    ((_, given),) = stored(session, queue_in(session, project))
    assert (given.verdict, given.ranks, given.displayed_order) == (Verdict.ALL_BAD, [1, 1, 1], [1, 2, 0])
    assert (ended.import_.n_new_qa_pairs, ended.import_.n_new_response_sets) == (0, 1)


def test_what_is_not_there_is_reported_and_the_rest_comes_in(
    session: Session, home: Path, project: Project
) -> None:
    rows = [label("A dog."), label(ANSWERS[0]), safety("a1", prompt="Why?", response="So.")]
    ended = bring_in(session, project, rows, home)
    assert (ended.brought.n_answers, ended.import_.n_rejected) == (2, 1)
    reason = "is of no prompt and response in this project; bring in their texts first"
    assert report_rows(ended.import_) == [(1, "error", "responses[0]", reason)]


def test_a_file_of_items_that_are_not_there_leaves_nothing(
    session: Session, home: Path, project: Project
) -> None:
    n_items = session.scalar(select(func.count()).select_from(Item))
    ended = bring_in(session, project, [order([1, 2], ANSWERS[0], "A dog.")], home)
    assert ended.import_.state == ImportState.FAILED
    assert "The first: line 1: responses[1] is of no prompt and response" in (ended.import_.error or "")
    assert session.scalars(select(Queue)).all() == []
    assert session.scalar(select(func.count()).select_from(Item)) == n_items


def test_items_of_another_project_are_not_met(session: Session, home: Path, project: Project) -> None:
    ended = bring_in(session, make.project(session), [label(ANSWERS[0])], home)
    assert ended.import_.state == ImportState.FAILED


def test_of_texts_that_part_at_several_places_the_common_prompt_tells(
    session: Session, home: Path, project: Project
) -> None:
    """A checksum is of prompt and response with nothing between them."""
    split = {"prompt": PROMPT + "An", "response": " inlet."}
    bring_in_items(session, project, json_lines([split]), home)
    ended = bring_in(session, project, [order([1, 2], ANSWERS[0], ANSWERS[2])], home)
    assert ended.brought.n_answers == 1
    ended = bring_in(session, project, [label(ANSWERS[0])], home)
    assert "responses fit several prompts here" in (ended.import_.error or "")


def test_responses_to_different_prompts_make_no_set(session: Session, home: Path, project: Project) -> None:
    bring_in_items(session, project, json_lines([{"prompt": "Why?", "response": "So."}]), home)
    mixed = order([1, 2], *ANSWERS[:2], responses=[checksum(ANSWERS[0]), checksum("So.", "Why?")])
    ended = bring_in(session, project, [mixed], home)
    assert "responses are of different prompts here" in (ended.import_.error or "")


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (order([1, 2], *ANSWERS[:2], responses=[checksum("A"), "A"]), "responses[1]", "must be a SHA-256 in"),
        (order([1, 2], ANSWERS[0], ANSWERS[0]), "responses", "two of them are the same"),
        (order([1], ANSWERS[0]), "responses", "must be two or more where the answer is of single"),
        (order([1, 2, 3], *ANSWERS[:2]), "ranks", "must be an array of 2 whole numbers"),
        (order([1, 2], *ANSWERS[:2], verdict="cannot_judge"), "verdict", "must be ordered or all_bad"),
        (order([1, 2], *ANSWERS[:2], verdict="all_bad"), "ranks", "must all be 1 where"),
        (order([1, 1], *ANSWERS[:2], verdict="all_bad"), "strength", "must be null where"),
        (order([1, 2], *ANSWERS[:2], strength=4), "strength", "must be a whole number from 1 to 3"),
        (order([1, 2], *ANSWERS[:2], displayed_order=[1, 1]), "displayed_order", "must name each place"),
        (order([1, 2], *ANSWERS[:2], displayed_order="10"), "displayed_order", "must name each place"),
        (order([1, 2], *ANSWERS[:2], taxonomy_version=3), "taxonomy_version", "must be a string of 1 to 100"),
        (order([1, 2], *ANSWERS[:2], guideline_version=True), "guideline_version", "must be a whole number"),
    ],
)
def test_a_row_that_can_not_be_used_is_reported(
    session: Session, home: Path, project: Project, row: JsonObject, field: str, reason: str
) -> None:
    ended = bring_in(session, project, [order([1, 2], *ANSWERS[:2]), row], home)
    assert ended.brought.n_answers == 1
    ((line, severity, at, said),) = report_rows(ended.import_)
    assert (line, severity, at) == (2, "error", field)
    assert said.startswith(reason)


def test_a_folder_becomes_a_queue_for_each_kind_of_answer(
    session: Session, home: Path, project: Project
) -> None:
    folder = home / "annotations"
    folder.mkdir()
    (folder / "1.jsonl").write_bytes(json_lines([order([1, 2], *ANSWERS[:2])]))
    (folder / "2.jsonl").write_bytes(json_lines([label(ANSWERS[0]), label("A dog.")]))
    (folder / "3.jsonl").write_bytes(json_lines([order([2, 1], *ANSWERS[:2], annotator="a2")]))
    ended = bring_in_path(session, project, folder)
    assert ended.brought.queue_name == "annotations single, annotations safety"
    assert (ended.brought.n_answers, ended.brought.n_annotators) == (3, 3)
    assert (ended.import_.shape, ended.import_.n_rows) == ("answers: single, answers: safety", 4)
    queues = session.scalars(select(Queue).where(Queue.project_id == project.id).order_by(Queue.id)).all()
    assert [(queue.kind, queue.overlap) for queue in queues] == [
        (QueueKind.SINGLE, 2),
        (QueueKind.SAFETY, 1),
    ]
    assert bring_in_path(session, project, folder).brought.n_known == 3


def test_a_folder_with_another_file_is_refused_by_its_name(
    session: Session, home: Path, project: Project
) -> None:
    folder = home / "mixed"
    folder.mkdir()
    (folder / "1.jsonl").write_bytes(json_lines([label(ANSWERS[0])]))
    (folder / "2.jsonl").write_bytes(json_lines([{"prompt": "Why?", "response": "So."}]))
    ended = bring_in_path(session, project, folder)
    assert (ended.import_.error or "").startswith("2.jsonl: The first row holds no answer")
    assert session.scalars(select(Queue)).all() == []
    assert session.scalars(select(Item).where(Item.kind == ItemKind.RESPONSE_SET)).one()
