"""A claim waits for no item that another request is busy with; it says that there is more."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.accounts.throttle import limiter
from app.assignments.actions import expire_leases, lock_member
from app.assignments.interventions import apply_overlap
from app.assignments.models import Assignment
from app.assignments.queries import Nothing, empty_state
from app.db import now, transaction
from app.main import create_app
from app.queues.models import Queue, QueueItem
from tests import answer, make
from tests.browse import post, sign_in

pytestmark = pytest.mark.usefixtures("database")


def lock_items(session: Session, queue: Queue) -> None:
    session.execute(select(QueueItem.item_id).where(QueueItem.queue_id == queue.id).with_for_update())


def test_two_requests_that_want_each_others_item_both_go_on() -> None:
    with transaction() as session:
        project = make.project(session)
        for _ in range(2):
            make.item(session, project)
        people = make.user(session), make.user(session)
        queue = make.queue(session, project, overlap=1, members=people)
        held = [make.assignment(session, queue, person) for person in people]
        queue.overlap = queue.max_overlap = 2
        session.flush()
        apply_overlap(session, queue.id)
    with transaction() as first, transaction() as second:
        for session, assignment in zip((first, second), held, strict=True):
            session.execute(text("SET LOCAL lock_timeout = '5s'"))  # to fail, where it would wait for ever
            answer.safety(session, assignment)
        for session, person in zip((first, second), people, strict=True):
            assert make.claim(session, queue, person) is None
            assert empty_state(session, lock_member(session, queue.id, person.id)).reason == Nothing.BUSY
    for person, theirs in zip(people, reversed(held), strict=True):
        with transaction() as session:
            assert make.assignment(session, queue, person).item_id == theirs.item_id


def test_sweeping_leaves_a_busy_item_for_the_next_time() -> None:
    with transaction() as session:
        project = make.project(session)
        make.item(session, project)
        annotator = make.user(session)
        queue = make.queue(session, project, members=(annotator,))
        make.assignment(session, queue, annotator)
        session.execute(update(Assignment).values(expires_at=now()))
    with transaction() as busy:
        lock_items(busy, queue)
        with transaction() as session:
            assert expire_leases(session, queue.id) == 0
    with transaction() as session:
        assert expire_leases(session, queue.id) == 1


def test_the_page_looks_again_by_itself_while_the_last_items_are_busy() -> None:
    with transaction() as session:
        project = make.project(session)
        make.item(session, project)
        annotator = make.user(session)
        queue = make.queue(session, project, members=(annotator,))
    limiter().storage.reset()
    with TestClient(create_app()) as client:
        sign_in(client, annotator)
        with transaction() as busy:
            lock_items(busy, queue)
            page = post(client, f"/annotate/queues/{queue.id}/next").text
            assert "One moment" in page
            assert 'hx-trigger="load delay:500ms, submit"' in page
        assert "Is this response safe?" in post(client, f"/annotate/queues/{queue.id}/next", htmx=True).text
