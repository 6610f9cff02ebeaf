"""An answer that comes after its lease has ended is never discarded."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.models import Annotation
from app.assignments.actions import AssignmentClosed, expire_leases, lock_member_of, renew_lease
from app.assignments.check import check_queue
from app.assignments.interventions import apply_overlap, void_answers
from app.assignments.models import Assignment, AssignmentStatus, SkipReason
from app.db import now
from app.queues.models import Queue, QueueItem
from tests import answer, make


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(3)]


@pytest.fixture
def queue(session: Session, people: list[User]) -> Queue:
    project = make.project(session)
    make.item(session, project)
    return make.queue(session, project, overlap=1, members=tuple(people))


@pytest.fixture
def lapsed(session: Session, queue: Queue, people: list[User]) -> Assignment:
    held = make.assignment(session, queue, people[0])
    held.expires_at = now() - timedelta(hours=1)
    session.flush()
    expire_leases(session, queue.id)
    return held


def counts(session: Session, queue: Queue) -> tuple[int, int, int]:
    row = session.execute(
        select(QueueItem.n_assigned, QueueItem.n_submitted, QueueItem.n_surplus).where(
            QueueItem.queue_id == queue.id
        )
    ).one()
    return row.n_assigned, row.n_submitted, row.n_surplus


def status(session: Session, assignment: Assignment) -> str:
    session.refresh(assignment)
    return assignment.status


def test_it_takes_the_place_where_that_is_still_free(
    session: Session, queue: Queue, lapsed: Assignment
) -> None:
    answer.safety(session, lapsed)
    assert status(session, lapsed) == AssignmentStatus.SUBMITTED
    assert counts(session, queue) == (1, 1, 0)


def test_else_it_is_kept_as_surplus(
    session: Session, queue: Queue, lapsed: Assignment, people: list[User]
) -> None:
    make.assignment(session, queue, people[1])
    answer.safety(session, lapsed)
    assert status(session, lapsed) == AssignmentStatus.SURPLUS
    assert counts(session, queue) == (1, 0, 1)
    assert session.scalar(select(func.count()).select_from(Annotation)) == 1


@pytest.mark.parametrize("ends", ["skip", "expire", "void"])
def test_surplus_counts_as_soon_as_a_place_comes_free(
    session: Session, queue: Queue, lapsed: Assignment, people: list[User], ends: str
) -> None:
    taken = make.assignment(session, queue, people[1])
    answer.safety(session, lapsed)
    if ends == "skip":
        answer.skip(session, taken, SkipReason.CANNOT_JUDGE)
    elif ends == "expire":
        taken.expires_at = now() - timedelta(hours=1)
        session.flush()
        expire_leases(session, queue.id)
    else:
        answer.safety(session, taken)
        void_answers(session, queue.id, [taken.id], "a test")
    assert status(session, lapsed) == AssignmentStatus.SUBMITTED
    assert counts(session, queue) == (1, 1, 0)
    assert make.claim(session, queue, people[2]) is None
    assert check_queue(session, queue.id) == []


def test_more_overlap_counts_surplus_before_anyone_is_asked(
    session: Session, queue: Queue, lapsed: Assignment, people: list[User]
) -> None:
    make.assignment(session, queue, people[1])
    answer.safety(session, lapsed)
    queue.overlap = queue.max_overlap = 2
    session.flush()
    apply_overlap(session, queue.id)
    assert status(session, lapsed) == AssignmentStatus.SUBMITTED
    assert counts(session, queue) == (2, 1, 0)
    assert make.claim(session, queue, people[2]) is None


def test_sent_twice_it_is_stored_once(session: Session, queue: Queue, lapsed: Assignment) -> None:
    answer.safety(session, lapsed)
    with pytest.raises(AssignmentClosed):
        answer.safety(session, lapsed)
    assert session.scalar(select(func.count()).select_from(Annotation)) == 1


def test_a_beat_of_the_open_page_takes_the_place_again(
    session: Session, queue: Queue, lapsed: Assignment
) -> None:
    renew_lease(session, lapsed.id, lock_member_of(session, lapsed.id, lapsed.annotator_id))
    assert status(session, lapsed) == AssignmentStatus.OPEN
    assert lapsed.expires_at > now()
    assert counts(session, queue) == (1, 0, 0)


def test_but_not_where_someone_else_has_it(
    session: Session, queue: Queue, lapsed: Assignment, people: list[User]
) -> None:
    make.assignment(session, queue, people[1])
    with pytest.raises(AssignmentClosed, match="You can still submit"):
        renew_lease(session, lapsed.id, lock_member_of(session, lapsed.id, lapsed.annotator_id))
    assert counts(session, queue) == (1, 0, 0)
