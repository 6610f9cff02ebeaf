"""The end of a queue, drained or closed at once, and what still can be done in it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.actions import submit_safety_label
from app.annotations.check import check_all_of
from app.assignments.actions import (
    AssignmentClosed,
    claim_ahead,
    claim_next,
    lock_member,
    release_assignment,
    renew_lease,
)
from app.assignments.eligibility import Refusal
from app.assignments.jobs import end_all_drained
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.moves import move_items, set_priority
from app.assignments.queries import empty_state
from app.assignments.states import close_queue, drain_queue, drained_queues, end_drained, reopen_queue
from app.audit.models import AuditEntry
from app.db import now, transaction
from app.projects.models import Project
from app.queues.actions import QueueClosed, change_queue, fill_queue, set_queue_state
from app.queues.forms import QueueSettings
from app.queues.hours import OFF_HOURS
from app.queues.members import set_members
from app.queues.models import Lane, Queue, QueueItem, QueueState
from app.work.actions import revise_safety_label
from app.work.queries import NotChangeable
from tests import answer, make

REASON = "The round is over"


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(2)]


@pytest.fixture
def queue(session: Session, people: list[User]) -> Queue:
    project = make.project(session)
    for _ in range(4):
        make.item(session, project)
    return make.queue(session, project, overlap=2, members=tuple(people))


def state_of(session: Session, queue: Queue) -> tuple[str, str | None]:
    session.refresh(queue)
    return queue.state, queue.drains_to


def why_nothing(session: Session, queue: Queue, person: User) -> str:
    return empty_state(session, lock_member(session, queue.id, person.id)).reason


def test_a_draining_queue_hands_out_nothing_and_lets_people_finish(
    session: Session, queue: Queue, people: list[User]
) -> None:
    held = make.assignment(session, queue, people[0])
    ahead = claim_ahead(session, lock_member(session, queue.id, people[0].id))
    drain_queue(session, queue.id, QueueState.PAUSED, REASON)
    assert session.get_one(Assignment, ahead, populate_existing=True).status == AssignmentStatus.RELEASED
    assert make.claim(session, queue, people[1]) is None
    assert why_nothing(session, queue, people[1]) == Refusal.DRAINING
    assert make.claim(session, queue, people[0]) == held.id
    assert claim_ahead(session, lock_member(session, queue.id, people[0].id)) is None
    renew_lease(session, held.id, lock_member(session, queue.id, people[0].id))
    assert drained_queues(session) == []
    answer.safety(session, held)
    assert make.claim(session, queue, people[0]) is None
    assert check_all_of(session, queue.id) == []


@pytest.mark.parametrize("drains_to", [QueueState.PAUSED, QueueState.CLOSED])
def test_it_ends_by_itself_once_nobody_holds_an_item(
    session: Session, queue: Queue, people: list[User], drains_to: QueueState
) -> None:
    held = make.assignment(session, queue, people[0])
    drain_queue(session, queue.id, drains_to, REASON)
    assert not end_drained(session, queue.id)
    assert state_of(session, queue) == (QueueState.DRAINING, drains_to)
    release_assignment(session, lock_member(session, queue.id, people[0].id), held.id)
    assert drained_queues(session) == [queue.id]
    assert end_drained(session, queue.id)
    assert not end_drained(session, queue.id)
    assert state_of(session, queue) == (drains_to, None)


def test_closing_gives_back_what_is_held_and_takes_no_answers(
    session: Session, queue: Queue, people: list[User]
) -> None:
    done = make.assignment(session, queue, people[0])
    answer.safety(session, done)
    held = make.assignment(session, queue, people[0])
    close_queue(session, queue.id, REASON)
    assert session.get_one(Assignment, held.id, populate_existing=True).status == AssignmentStatus.RELEASED
    with pytest.raises(AssignmentClosed, match="closed this queue"):
        answer.safety(session, held)
    member = lock_member(session, queue.id, people[0].id)
    with pytest.raises(AssignmentClosed, match="closed this queue"):
        renew_lease(session, held.id, member)
    with pytest.raises(NotChangeable):
        revise_safety_label(session, member, done.id, answer.harmful("Violence"))
    assert make.claim(session, queue, people[1]) is None
    assert why_nothing(session, queue, people[1]) == Refusal.CLOSED
    assert check_all_of(session, queue.id) == []


def test_a_closed_queue_is_only_read(session: Session, queue: Queue, people: list[User]) -> None:
    project = session.get_one(Project, queue.project_id)
    other = make.queue(session, project)
    item_ids = list(session.scalars(select(QueueItem.item_id).where(QueueItem.queue_id == queue.id)))
    close_queue(session, queue.id, REASON)
    changes = (
        lambda: change_queue(session, queue.id, QueueSettings(name="Other")),
        lambda: fill_queue(session, queue.id),
        lambda: set_members(session, queue.id, []),
        lambda: set_queue_state(session, queue.id, QueueState.RUNNING),
        lambda: set_priority(session, queue.id, item_ids, Lane.HIGH),
        lambda: move_items(session, queue.id, other.id, item_ids, REASON),
        lambda: move_items(session, other.id, queue.id, item_ids, REASON),
    )
    for change in changes:
        with pytest.raises(QueueClosed):
            change()
    drain_queue(session, queue.id, QueueState.PAUSED, REASON)
    assert state_of(session, queue) == (QueueState.CLOSED, None)


def test_it_is_opened_again_paused_and_goes_on_as_it_was(
    session: Session, queue: Queue, people: list[User]
) -> None:
    held = make.assignment(session, queue, people[0])
    for _ in range(2):
        close_queue(session, queue.id, REASON)
    for _ in range(2):
        reopen_queue(session, queue.id, "There is more to do")
    assert state_of(session, queue) == (QueueState.PAUSED, None)
    set_queue_state(session, queue.id, QueueState.RUNNING)
    assert make.assignment(session, queue, people[0]).item_id == held.item_id
    told = session.scalars(
        select(AuditEntry.reason)
        .where(AuditEntry.queue_id == queue.id, AuditEntry.reason.is_not(None))
        .order_by(AuditEntry.id)
    ).all()
    assert told == [REASON, "There is more to do"]


def test_a_draining_queue_can_go_on_or_stop_at_once(session: Session, queue: Queue) -> None:
    for state in (QueueState.RUNNING, QueueState.PAUSED):
        set_queue_state(session, queue.id, QueueState.RUNNING)
        drain_queue(session, queue.id, QueueState.CLOSED, REASON)
        set_queue_state(session, queue.id, state)
        assert state_of(session, queue) == (state, None)


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.usefixtures("database")
def test_while_people_claim_nobody_gets_an_item_after_the_end(closes: bool) -> None:
    """No lease is younger than the end; nobody holds one in the end; and all that was stored counts."""
    with transaction() as session:
        project = make.project(session)
        for _ in range(200):
            make.item(session, project)
        members = tuple(make.user(session) for _ in range(8))
        queue = make.queue(session, project, overlap=2, members=members)
        queue_id, person_ids = queue.id, [member.id for member in members]
    has_ended = Event()
    with ThreadPoolExecutor(8) as pool:
        works = [pool.submit(work, queue_id, person_id, has_ended) for person_id in person_ids]
        with transaction() as session:
            if closes:
                close_queue(session, queue_id, REASON)
            else:
                drain_queue(session, queue_id, QueueState.CLOSED, REASON)
        has_ended.set()
        n_late = sum(each.result() for each in works)
    end_all_drained.run()
    assert n_late == 0
    with transaction(snapshot=True) as session:
        assert session.get_one(Queue, queue_id).state == QueueState.CLOSED
        assert check_all_of(session, queue_id) == []
        held = select(Assignment.id).where(
            Assignment.queue_id == queue_id, Assignment.status == AssignmentStatus.OPEN
        )
        assert session.scalars(held).all() == []


def work(queue_id: int, person_id: int, has_ended: Event) -> int:
    """Until nothing comes; how many items were new to this person after the end?"""
    n_late, held = 0, None
    while True:
        is_late = has_ended.is_set()
        try:
            with transaction() as session:
                member = lock_member(session, queue_id, person_id)
                if held is not None:
                    submit_safety_label(session, member, held, answer.SAFE)
            with transaction() as session:
                before, held = held, claim_next(session, lock_member(session, queue_id, person_id))
        except AssignmentClosed:
            return n_late
        if held is None:
            return n_late
        n_late += is_late and held != before


@pytest.mark.parametrize(
    ("opens_in", "closes_in", "reason"),
    [(1, 2, Refusal.SCHEDULED), (-2, -1, Refusal.ENDED), (-1, 1, None), (None, None, None)],
)
def test_a_running_queue_hands_out_items_within_its_times(
    session: Session,
    queue: Queue,
    people: list[User],
    opens_in: int | None,
    closes_in: int | None,
    reason: Refusal | None,
) -> None:
    held = make.assignment(session, queue, people[0])
    queue.opens_at = None if opens_in is None else now() + timedelta(hours=opens_in)
    queue.closes_at = None if closes_in is None else now() + timedelta(hours=closes_in)
    session.flush()
    assert queue.shown_state == (reason or QueueState.RUNNING)
    got = make.claim(session, queue, people[1])
    assert (got is None) == (reason is not None)
    if reason is not None:
        assert why_nothing(session, queue, people[1]) == reason
    renew_lease(session, held.id, lock_member(session, queue.id, people[0].id))
    answer.safety(session, held)
    assert (claim_ahead(session, lock_member(session, queue.id, people[1].id)) is None) == bool(reason)


def test_outside_of_its_hours_what_is_held_is_finished_and_nothing_new_comes(
    session: Session, queue: Queue, people: list[User]
) -> None:
    held = make.assignment(session, queue, people[0])
    claim_ahead(session, lock_member(session, queue.id, people[0].id))
    queue.weekdays = [(now() + timedelta(days=3)).isoweekday()]
    session.flush()
    assert queue.shown_state == OFF_HOURS
    assert make.claim(session, queue, people[1]) is None
    assert why_nothing(session, queue, people[1]) == Refusal.OFF_HOURS
    member = lock_member(session, queue.id, people[0].id)
    assert claim_next(session, member) == held.id
    renew_lease(session, held.id, member)
    answer.safety(session, held)
    assert make.claim(session, queue, people[0]) is None
    assert claim_ahead(session, lock_member(session, queue.id, people[0].id)) is None
    queue.weekdays = [1, 2, 3, 4, 5, 6, 7]
    session.flush()
    assert make.claim(session, queue, people[0]) is not None


def test_a_queue_opens_once_the_one_before_it_is_done(
    session: Session, queue: Queue, people: list[User]
) -> None:
    project = session.get_one(Project, queue.project_id)
    later = make.queue(session, project, overlap=1, members=tuple(people), after_queue_id=queue.id)
    assert make.claim(session, later, people[0]) is None
    assert why_nothing(session, later, people[0]) == Refusal.STAGE_BEFORE
    for person in people:
        for _ in range(4):
            assert make.claim(session, later, person) is None
            answer.safety(session, make.assignment(session, queue, person))
    assert make.claim(session, later, people[0]) is not None


def test_a_queue_opens_once_the_one_before_it_is_closed(
    session: Session, queue: Queue, people: list[User]
) -> None:
    project = session.get_one(Project, queue.project_id)
    later = make.queue(session, project, members=tuple(people), after_queue_id=queue.id)
    make.claim(session, queue, people[0])
    session.execute(update(QueueItem).where(QueueItem.queue_id == queue.id).values(overlap=1))
    for person in (people[1], people[1], people[1]):
        answer.safety(session, make.assignment(session, queue, person))
    assert make.claim(session, queue, people[1]) is None
    assert make.claim(session, later, people[1]) is None
    close_queue(session, queue.id, REASON)
    assert make.claim(session, later, people[1]) is not None
