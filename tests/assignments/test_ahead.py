"""Holding the item after the one that is judged."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.actions import claim_ahead, claim_next, expire_leases, keep_ahead, lock_member
from app.assignments.check import check_queue
from app.assignments.models import Assignment
from app.assignments.queries import open_assignment_id
from app.db import now
from app.queues.models import Queue, QueueItem
from tests import answer, make
from tests.browse import enter, post


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


def queue_of_three(session: Session, annotator: User, **settings: Any) -> Queue:
    project = make.project(session)
    for _ in range(3):
        make.item(session, project)
    return make.queue(session, project, members=(annotator,), **{"overlap": 1} | settings)


def ahead(session: Session, queue: Queue, annotator: User) -> int | None:
    return claim_ahead(session, lock_member(session, queue.id, annotator.id))


def test_it_is_another_item_and_the_next_claim_brings_it(session: Session, annotator: User) -> None:
    queue = queue_of_three(session, annotator)
    held = make.assignment(session, queue, annotator)
    loaded = ahead(session, queue, annotator)
    assert loaded not in {None, held.id}
    assert ahead(session, queue, annotator) == loaded
    assert open_assignment_id(session, queue.id, annotator.id) == held.id
    assert claim_next(session, lock_member(session, queue.id, annotator.id)) == held.id
    answer.safety(session, held)
    brought = make.assignment(session, queue, annotator)
    assert (brought.id, brought.is_ahead) == (loaded, False)
    assert brought.expires_at > now() + timedelta(minutes=queue.lease_minutes - 1)
    assert check_queue(session, queue.id) == []


def test_it_takes_a_place(session: Session, annotator: User) -> None:
    queue = queue_of_three(session, annotator)
    make.assignment(session, queue, annotator)
    ahead(session, queue, annotator)
    assigned = select(QueueItem.n_assigned).where(QueueItem.queue_id == queue.id)
    assert sorted(session.scalars(assigned)) == [0, 1, 1]
    other = make.member(session, queue)
    make.assignment(session, queue, other)
    assert ahead(session, queue, other) is None


def test_nothing_is_held_ahead_of_nothing(session: Session, annotator: User) -> None:
    assert ahead(session, queue_of_three(session, annotator), annotator) is None


def test_a_cap_that_the_answer_reaches_leaves_nothing_ahead(session: Session, annotator: User) -> None:
    queue = queue_of_three(session, annotator, max_total=2)
    answer.safety(session, make.assignment(session, queue, annotator))
    make.assignment(session, queue, annotator)
    assert ahead(session, queue, annotator) is None


def test_it_does_not_count_as_held_in_other_queues(session: Session, annotator: User) -> None:
    first = queue_of_three(session, annotator)
    make.assignment(session, first, annotator)
    ahead(session, first, annotator)
    second = queue_of_three(session, annotator, max_at_once=2)
    assert make.claim(session, second, annotator) is not None


def test_its_lease_is_short_and_ends_alone(session: Session, annotator: User) -> None:
    queue = queue_of_three(session, annotator)
    held = make.assignment(session, queue, annotator)
    loaded = session.get_one(Assignment, ahead(session, queue, annotator))
    assert loaded.expires_at < now() + timedelta(minutes=3)
    keep_ahead(session, lock_member(session, queue.id, annotator.id))
    session.execute(
        update(Assignment).where(Assignment.id == loaded.id).values(expires_at=now() - timedelta(hours=1))
    )
    assert expire_leases(session, queue.id) == 1
    assert open_assignment_id(session, queue.id, annotator.id) == held.id
    assert check_queue(session, queue.id) == []


def test_the_page_asks_for_it_and_gets_what_the_next_submission_shows(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = queue_of_three(session, annotator)
    enter(client, session, annotator)
    path = f"/annotate/queues/{queue.id}/ahead"
    assert post(client, path, htmx=True).status_code == 204
    held = make.assignment(session, queue, annotator)
    loaded = post(client, path, htmx=True)
    assert loaded.status_code == 200
    next_id = ahead(session, queue, annotator)
    assert f"/annotate/assignments/{next_id}/safety-label" in loaded.text
    submit = f"/annotate/assignments/{held.id}/safety-label"
    stored = post(client, submit, htmx=True, is_safe="true", shown_next=f"{next_id}:0-1")
    assert "1 done today" in stored.text
    assert "<form" not in stored.text
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, path, htmx=True).status_code == 403
    enter(client, session, make.user(session))
    assert post(client, path, htmx=True).status_code == 403
