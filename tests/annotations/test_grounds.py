"""What stands behind an answer: confidence, reasons, evidence, active time; verdicts that are no order."""

from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.agreement.loading import rankings
from app.annotations.actions import contradicts_labels, displayed_order
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.queues.models import Dimension, QueueKind
from tests import answer, make
from tests.browse import enter, post

TEXTS = ("Tea is calmer \U0001fad6.", "Coffee.")


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


def pair(session: Session, annotator: User, kind: QueueKind = QueueKind.SINGLE) -> Assignment:
    project = make.project(session)
    make.item(session, project, responses=TEXTS)
    return make.assignment(session, make.queue(session, project, kind=kind, members=(annotator,)), annotator)


def send(client: TestClient, assignment: Assignment, **fields: Any) -> int:
    path = f"/annotate/assignments/{assignment.id}/rankings/single"
    return post(client, path, **({"preferred": "first"} | fields)).status_code


def stored(session: Session) -> Annotation:
    return session.scalars(select(Annotation)).one()


def test_all_of_it_is_stored(client: TestClient, session: Session, annotator: User) -> None:
    assignment = pair(session, annotator)
    assert (
        send(client, assignment, confidence="0", rationale=" Because. ", active_ms="4200", strength="3")
        == 200
    )
    row = stored(session)
    assert (row.confidence, row.rationale, row.active_ms, row.strength) == (0, " Because. ", 4200, 3)


def test_none_of_it_is_needed(client: TestClient, session: Session, annotator: User) -> None:
    assignment = pair(session, annotator)
    empty = dict.fromkeys(("confidence", "rationale", "evidence", "active_ms", "strength"), "")
    assert send(client, assignment, **empty) == 200
    row = stored(session)
    assert (row.confidence, row.rationale, row.evidence, row.active_ms, row.strength) == (None,) * 5


def test_evidence_is_stored_for_the_response_not_for_the_place(
    client: TestClient, session: Session, annotator: User
) -> None:
    assignment = pair(session, annotator)
    order = displayed_order(assignment.id, Dimension.SINGLE, 2)
    span = {"place": order.index(0), "start": 14, "end": len(TEXTS[0])}
    assert send(client, assignment, evidence=orjson.dumps([span]).decode()) == 200
    assert stored(session).evidence == [{"position": 0, "start": 14, "end": len(TEXTS[0])}]


@pytest.mark.parametrize(
    "spans",
    [
        [{"place": 0, "start": 3, "end": 3}],
        [{"place": 0, "start": -1, "end": 3}],
        [{"place": 2, "start": 0, "end": 1}],
        [{"place": 0, "start": 0, "end": 1000}],
        [{"place": 0, "start": 0, "end": 1, "colour": "red"}],
        [{"place": 0, "start": 0, "end": 1}] * 51,
        {"place": 0},
        "not a list",
    ],
)
def test_evidence_outside_the_text_is_refused(
    client: TestClient, session: Session, annotator: User, spans: Any
) -> None:
    assignment = pair(session, annotator)
    sent = spans if isinstance(spans, str) else orjson.dumps(spans).decode()
    assert send(client, assignment, evidence=sent) == 422
    assert session.scalars(select(Annotation)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("confidence", "4"),
        ("confidence", "-1"),
        ("active_ms", "-5"),
        ("rationale", "x" * 5001),
        ("strength", "9"),
    ],
)
def test_what_is_out_of_range_comes_back(
    client: TestClient, session: Session, annotator: User, field: str, value: str
) -> None:
    assert send(client, pair(session, annotator), **{field: value}) == 422


@pytest.mark.parametrize(("verdict", "ranks"), [("all_bad", [1, 1]), ("cannot_judge", None)])
def test_a_verdict_that_is_no_order_is_neither_a_tie_nor_a_skip(
    client: TestClient, session: Session, annotator: User, verdict: str, ranks: list[int] | None
) -> None:
    assignment = pair(session, annotator)
    assert send(client, assignment, preferred=verdict, strength="2") == 200
    row = stored(session)
    assert (row.verdict, row.ranks, row.strength) == (verdict, ranks, None)
    read = rankings(session, assignment.queue_id, Dimension.SINGLE)
    assert read.ranks.tolist() == ([ranks] if ranks else [])


@pytest.mark.parametrize(
    ("ranks", "is_safe", "contradicts"),
    [
        ([1, 2], {0: False, 1: True}, True),
        ([2, 1], {0: False, 1: True}, False),
        ([1, 1], {0: False, 1: True}, False),
        ([1, 2], {0: False, 1: False}, False),
        ([1, 2], {0: False}, False),
        ([3, 1, 2], {0: True, 2: False}, True),
        ([1, 2], {}, False),
    ],
)
def test_a_harmful_response_above_a_safe_one_contradicts(
    ranks: list[int], is_safe: dict[int, bool], contradicts: bool
) -> None:
    assert contradicts_labels(ranks, is_safe) is contradicts


def test_a_contradiction_is_asked_about_before_anything_is_stored(
    client: TestClient, session: Session, annotator: User
) -> None:
    project = make.project(session)
    make.item_with_pairs(session, project, responses=TEXTS)
    safety = make.queue(session, project, members=(annotator,), item_order="imported")
    for label in (answer.harmful("Violence"), answer.SAFE):
        answer.safety(session, make.assignment(session, safety, annotator), label)
    queue = make.queue(session, project, kind=QueueKind.HARMLESSNESS, members=(annotator,))
    assignment = make.assignment(session, queue, annotator)
    order = displayed_order(assignment.id, Dimension.HARMLESSNESS, 2)
    fields: dict[str, Any] = {"preferred": "first" if order[0] == 0 else "second"}
    path = f"/annotate/assignments/{assignment.id}/rankings/harmlessness"
    asked = post(client, path, **fields)
    assert asked.status_code == 422
    assert "Keep my order" in asked.text
    assert session.scalar(select(Annotation).where(Annotation.assignment_id == assignment.id)) is None
    assert post(client, path, keep_contradiction="true", **fields).status_code == 200
    kept = session.scalars(select(Annotation).where(Annotation.assignment_id == assignment.id)).one()
    assert kept.contradicts_labels is True
