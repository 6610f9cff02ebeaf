"""A lease ends by an answer, by skipping, or by running out."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.models import Annotation
from app.assignments import jobs
from app.assignments.actions import AssignmentClosed, expire_leases, lock_member, skip_assignment
from app.assignments.models import Assignment, AssignmentStatus, SkipReason
from app.db import now, transaction
from app.queues.models import Queue, QueueItem
from tests import answer, make


def one_item_queue(session: Session, *, overlap: int = 1) -> tuple[Queue, User, User]:
    project = make.project(session)
    make.item(session, project)
    first, second = make.user(session), make.user(session)
    return make.queue(session, project, overlap=overlap, members=(first, second)), first, second


def run_out(session: Session, assignment: Assignment) -> None:
    assignment.expires_at = now() - timedelta(seconds=1)
    session.flush()


def counters(session: Session, queue: Queue) -> tuple[int, int]:
    """(n_assigned, n_submitted) of the queue's only item."""
    row = session.execute(
        select(QueueItem.n_assigned, QueueItem.n_submitted).where(QueueItem.queue_id == queue.id)
    ).one()
    return row.n_assigned, row.n_submitted


def test_a_lease_lasts_as_long_as_the_queue_says(session: Session) -> None:
    queue, first, _ = one_item_queue(session)
    assignment = make.assignment(session, queue, first)
    assert assignment.expires_at - assignment.created_at == timedelta(minutes=queue.lease_minutes)


def test_a_submitted_item_keeps_its_place(session: Session) -> None:
    queue, first, second = one_item_queue(session)
    answer.safety(session, make.assignment(session, queue, first))
    assert counters(session, queue) == (1, 1)
    assert make.claim(session, queue, second) is None


def test_sent_twice_an_answer_is_stored_once(session: Session) -> None:
    queue, first, _ = one_item_queue(session)
    assignment = make.assignment(session, queue, first)
    answer.safety(session, assignment)
    with pytest.raises(AssignmentClosed):
        answer.safety(session, assignment)
    assert session.scalar(select(func.count()).select_from(Annotation)) == 1
    assert counters(session, queue) == (1, 1)


def test_a_lease_that_ran_out_frees_the_place_for_someone_else(session: Session) -> None:
    queue, first, second = one_item_queue(session)
    lapsed = make.assignment(session, queue, first)
    run_out(session, lapsed)
    assert expire_leases(session, queue.id) == 1
    assert counters(session, queue) == (0, 0)
    assert make.assignment(session, queue, second).item_id == lapsed.item_id


def test_the_same_annotator_may_get_it_again_after_it_ran_out(session: Session) -> None:
    queue, first, _ = one_item_queue(session)
    lapsed = make.assignment(session, queue, first)
    run_out(session, lapsed)
    expire_leases(session, queue.id)
    again = make.assignment(session, queue, first)
    assert (again.id, again.status) == (lapsed.id, AssignmentStatus.OPEN)


def test_somebody_who_finds_nothing_else_sweeps_the_queue_themselves(session: Session) -> None:
    queue, first, second = one_item_queue(session)
    lapsed = make.assignment(session, queue, first)
    assert make.claim(session, queue, second) is None
    run_out(session, lapsed)
    assert make.assignment(session, queue, second).item_id == lapsed.item_id


def test_an_answer_that_is_late_but_not_yet_swept_is_kept(session: Session) -> None:
    queue, first, _ = one_item_queue(session)
    late = make.assignment(session, queue, first)
    run_out(session, late)
    answer.safety(session, late)
    assert expire_leases(session, queue.id) == 0
    assert counters(session, queue) == (1, 1)


def test_a_live_lease_is_not_swept(session: Session) -> None:
    queue, first, _ = one_item_queue(session)
    make.assignment(session, queue, first)
    assert expire_leases(session, queue.id) == 0
    assert counters(session, queue) == (1, 0)


def test_one_queue_is_swept_alone(session: Session) -> None:
    queue, first, _ = one_item_queue(session)
    other, other_first, _ = one_item_queue(session)
    run_out(session, make.assignment(session, queue, first))
    run_out(session, make.assignment(session, other, other_first))
    assert expire_leases(session, queue.id) == 1
    assert counters(session, queue) == (0, 0)
    assert counters(session, other) == (1, 0)


def test_several_leases_of_one_item_are_freed_together(session: Session) -> None:
    queue, first, second = one_item_queue(session, overlap=2)
    for annotator in (first, second):
        run_out(session, make.assignment(session, queue, annotator))
    assert counters(session, queue) == (2, 0)
    assert expire_leases(session, queue.id) == 2
    assert counters(session, queue) == (0, 0)


@pytest.mark.parametrize("reason", [SkipReason.CANNOT_JUDGE, SkipReason.DISTRESS])
def test_a_skipped_item_goes_to_others_and_never_comes_back(session: Session, reason: SkipReason) -> None:
    queue, first, second = one_item_queue(session)
    skipped = make.assignment(session, queue, first)
    answer.skip(session, skipped, reason)
    assert counters(session, queue) == (0, 0)
    assert make.claim(session, queue, first) is None
    assert make.assignment(session, queue, second).item_id == skipped.item_id
    session.refresh(skipped)
    assert (skipped.status, skipped.skip_reason) == (AssignmentStatus.SKIPPED, reason)


def test_skipping_twice_frees_one_place(session: Session) -> None:
    queue, first, _ = one_item_queue(session)
    assignment = make.assignment(session, queue, first)
    answer.skip(session, assignment, SkipReason.DISTRESS)
    with pytest.raises(AssignmentClosed):
        answer.skip(session, assignment, SkipReason.DISTRESS)
    assert counters(session, queue) == (0, 0)


def test_nobody_can_end_someone_elses_lease(session: Session) -> None:
    queue, first, second = one_item_queue(session)
    assignment = make.assignment(session, queue, first)
    with pytest.raises(AssignmentClosed):
        skip_assignment(
            session, lock_member(session, queue.id, second.id), assignment.id, SkipReason.DISTRESS
        )
    assert counters(session, queue) == (1, 0)


@pytest.mark.usefixtures("database")
def test_the_job_sweeps_every_queue_and_may_run_twice() -> None:
    with transaction() as session:
        queue, first, _ = one_item_queue(session)
        run_out(session, make.assignment(session, queue, first))
    for _ in range(2):
        jobs.expire_all_leases()
        with transaction() as session:
            assert counters(session, queue) == (0, 0)
