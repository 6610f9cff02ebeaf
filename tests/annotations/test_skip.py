"""An annotator leaves an item to others."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.assignments.models import Assignment, AssignmentStatus, SkipReason
from tests import make
from tests.browse import enter, post


@pytest.fixture
def assignment(client: TestClient, session: Session) -> Assignment:
    annotator = make.user(session)
    project = make.project(session)
    for _ in range(2):
        make.item(session, project)
    enter(client, session, annotator)
    return make.assignment(session, make.queue(session, project, members=(annotator,)), annotator)


def path_of(assignment: Assignment) -> str:
    return f"/annotate/assignments/{assignment.id}/skip"


@pytest.mark.parametrize("reason", list(SkipReason))
def test_each_reason_is_stored_and_the_next_item_comes(
    client: TestClient, session: Session, assignment: Assignment, reason: SkipReason
) -> None:
    answer = post(client, path_of(assignment), htmx=True, reason=reason.value)
    assert answer.status_code == 200
    assert "Is this response safe?" in answer.text
    skipped = session.get_one(Assignment, assignment.id)
    assert (skipped.status, skipped.skip_reason) == (AssignmentStatus.SKIPPED, reason)


@pytest.mark.parametrize("fields", [{}, {"reason": ""}, {"reason": "bored"}])
def test_it_needs_a_reason(
    client: TestClient, session: Session, assignment: Assignment, fields: dict[str, Any]
) -> None:
    answer = post(client, path_of(assignment), **fields)
    assert answer.status_code == 422
    assert "Say why you skip this item." in answer.text
    assert session.get_one(Assignment, assignment.id).status == AssignmentStatus.OPEN


def test_without_htmx_it_redirects(client: TestClient, assignment: Assignment) -> None:
    answer = post(client, path_of(assignment), reason="distress")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/annotate/queues/{assignment.queue_id}"


def test_sent_twice_it_answers_409(client: TestClient, assignment: Assignment) -> None:
    answers = [post(client, path_of(assignment), reason="distress").status_code for _ in range(2)]
    assert answers == [303, 409]


def test_skips_do_not_count_as_work_done(client: TestClient, assignment: Assignment) -> None:
    post(client, path_of(assignment), reason="cannot_judge")
    assert "0 items done today" in client.get("/annotate").text
