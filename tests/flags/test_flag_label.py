"""An annotator of a response set looks up a safety label and flags it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.actions import displayed_order
from app.assignments.models import Assignment
from app.flags.models import LabelFlag
from app.queues.models import Dimension, QueueKind
from tests import answer, make
from tests.browse import enter, post

TEXTS = ("Tea is calmer.", "Coffee is stronger.")


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


@pytest.fixture
def assignment(session: Session, annotator: User) -> Assignment:
    """Of a set whose first response two people called harmful, and whose second nobody labelled."""
    project = make.project(session)
    made = make.item_with_pairs(session, project, responses=TEXTS)
    labellers = (make.user(session), make.user(session))
    safety = make.queue(session, project, overlap=2, members=labellers, item_order="imported")
    for labeller in labellers:
        answer.safety(session, make.assignment(session, safety, labeller), answer.harmful("Violence"))
    queue = make.queue(session, project, kind=QueueKind.HARMLESSNESS, members=(annotator,))
    ranking = make.assignment(session, queue, annotator)
    assert ranking.item_id == made.id
    return ranking


def path_of(assignment: Assignment, position: int) -> str:
    order = displayed_order(assignment.id, Dimension.HARMLESSNESS, len(TEXTS))
    return f"/annotate/assignments/{assignment.id}/labels/harmlessness/{order.index(position)}"


def flags(session: Session) -> list[tuple[int, str]]:
    return [(flag.position, flag.reason) for flag in session.scalars(select(LabelFlag))]


def test_the_label_is_that_of_the_response_in_this_place(client: TestClient, assignment: Assignment) -> None:
    first = client.get(path_of(assignment, 0)).text
    assert "Harmful, moderate:" in first
    assert "Violence" in first
    assert "Nobody has labelled it yet." in client.get(path_of(assignment, 1)).text


def test_a_flag_is_kept_with_its_reason_and_sent_twice_is_one(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    for reason in ("It is about tea.", "It is only about tea."):
        assert post(client, path_of(assignment, 0), reason=reason).status_code == 303
    assert flags(session) == [(0, "It is only about tea.")]
    assert "You flagged it" in client.get(path_of(assignment, 0)).text


def test_a_flag_needs_a_reason(client: TestClient, session: Session, assignment: Assignment) -> None:
    assert post(client, path_of(assignment, 0), reason=" ").status_code == 422
    assert flags(session) == []


@pytest.mark.parametrize("place", [2, -1])
def test_a_place_that_the_page_does_not_have_is_not_found(
    client: TestClient, assignment: Assignment, place: int
) -> None:
    path = f"/annotate/assignments/{assignment.id}/labels/harmlessness/{place}"
    assert client.get(path).status_code == 404


def test_others_can_not_look_or_flag(client: TestClient, session: Session, assignment: Assignment) -> None:
    enter(client, session, make.user(session))
    assert client.get(path_of(assignment, 0)).status_code == 404
    assert post(client, path_of(assignment, 0), reason="It is wrong.").status_code == 404
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get(path_of(assignment, 0)).status_code == 403
    assert flags(session) == []
