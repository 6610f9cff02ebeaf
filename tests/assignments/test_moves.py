"""A set of items gets another priority, or goes to another queue."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.actions import submit_safety_label
from app.annotations.check import check_all_of
from app.assignments.actions import claim_next, lock_member
from app.assignments.moves import Moving, NotMovable, Stays, move_items, moving, set_priority
from app.audit.models import AuditEntry
from app.db import transaction
from app.queues.models import HeldFor, Lane, Queue, QueueItem, QueueKind
from tests import answer, make

REASON = "Asked for by the client"


def ids_of(session: Session, queue: Queue) -> list[int]:
    ids = select(QueueItem.item_id).where(QueueItem.queue_id == queue.id)
    return list(session.scalars(ids.order_by(QueueItem.lane, QueueItem.pos)))


def two_queues(session: Session, n_items: int) -> tuple[Queue, Queue, list[User]]:
    """With the same two members; of the first one's items the second has one, and asks another overlap."""
    project = make.project(session)
    people = [make.user(session) for _ in range(2)]
    make.item(session, project)
    target = make.queue(session, project, overlap=1, members=tuple(people))
    for _ in range(n_items - 1):
        make.item(session, project)
    return make.queue(session, project, overlap=2, members=tuple(people)), target, people


def test_items_nobody_had_go_behind_those_of_the_other_queue(session: Session) -> None:
    queue, target, people = two_queues(session, 4)
    there = ids_of(session, target)
    first, second, third = (each for each in ids_of(session, queue) if each not in there)
    set_priority(session, queue.id, [third], Lane.HIGH)
    assert move_items(session, queue.id, target.id, [second, third], REASON) == Moving(2, {})
    assert set(ids_of(session, queue)) == {first, *there}
    assert ids_of(session, target) == [third, *there, second]
    place = session.get_one(QueueItem, (target.id, second))
    assert (place.overlap, place.held_for, place.lane) == (1, None, Lane.NORMAL)
    assert make.assignment(session, target, people[0]).item_id == third
    for each in (queue, target):
        assert check_all_of(session, each.id) == []


def test_what_anybody_had_stays_and_is_counted_by_why(session: Session) -> None:
    queue, target, people = two_queues(session, 6)
    queue.returned_first = False
    answer.safety(session, make.assignment(session, queue, people[0]))
    skipped = make.assignment(session, queue, people[0])
    answer.skip(session, skipped)
    held = make.assignment(session, queue, people[0])
    free = next(
        each.item_id
        for each in session.scalars(select(QueueItem).where(QueueItem.queue_id == queue.id))
        if each.item_id not in {held.item_id, skipped.item_id, *ids_of(session, target)}
        and not each.n_assigned
    )
    make.gold(session, queue.id, free)
    every = ids_of(session, queue)
    expected = moving(session, queue.id, target.id, [*every, 999_999])
    assert {Stays.GOLD, Stays.ANSWERED, Stays.HANDED_OUT, Stays.IN_WORK} <= set(expected.n_staying)
    assert expected.n_moved == len(every) - sum(expected.n_staying.values()) > 0
    assert move_items(session, queue.id, target.id, every, REASON) == expected
    assert move_items(session, queue.id, target.id, every, REASON).n_moved == 0
    for each in (queue, target):
        assert check_all_of(session, each.id) == []


def test_both_queues_tell_of_the_move(session: Session) -> None:
    queue, target, _people = two_queues(session, 3)
    move_items(session, queue.id, target.id, ids_of(session, queue), REASON)
    told = {
        entry.queue_id: (entry.reason, entry.after)
        for entry in session.scalars(select(AuditEntry).where(AuditEntry.subject == "queue items"))
    }
    assert told == {
        queue.id: (REASON, {"n_items": 2, "to_queue": target.id}),
        target.id: (REASON, {"n_items": 2, "from_queue": queue.id}),
    }


def test_they_wait_where_the_other_queue_waits_for_safety_labels(session: Session) -> None:
    project = make.project(session)
    target = make.queue(session, project, kind=QueueKind.DUAL, waits_for_safety=True)
    make.item(session, project, responses=("A.", "B."))
    queue = make.queue(session, project, kind=QueueKind.DUAL)
    item_ids = ids_of(session, queue)
    move_items(session, queue.id, target.id, item_ids, REASON)
    assert session.get_one(QueueItem, (target.id, item_ids[0])).held_for == HeldFor.SAFETY


def test_another_kind_project_or_purpose_is_no_place_for_them(session: Session) -> None:
    project = make.project(session)
    make.item(session, project)
    queue, of_rankings = (
        make.queue(session, project, kind=kind) for kind in (QueueKind.SAFETY, QueueKind.DUAL)
    )
    elsewhere = make.queue(session, make.project(session))
    exam = make.exam(session, project, n_items=1)
    for target_id in (queue.id, of_rankings.id, elsewhere.id, exam.id, 999_999):
        with pytest.raises(NotMovable):
            move_items(session, queue.id, target_id, ids_of(session, queue), REASON)


def test_a_priority_set_twice_moves_nothing_the_second_time(session: Session) -> None:
    queue, _target, _people = two_queues(session, 3)
    first, second, third = ids_of(session, queue)
    assert set_priority(session, queue.id, [first, second, 999_999], Lane.LOW, REASON) == 2
    assert ids_of(session, queue) == [third, first, second]
    assert set_priority(session, queue.id, [second, first], Lane.LOW, REASON) == 0
    assert ids_of(session, queue) == [third, first, second]
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "queue items")).all()
    assert [(entry.reason, entry.after) for entry in entries] == [(REASON, {"priority": "low", "n_items": 2})]


@pytest.mark.usefixtures("database")
def test_while_people_claim_nothing_is_lost_or_in_both_queues() -> None:
    with transaction() as session:
        queue, target, people = two_queues(session, 60)
        ids = [queue.id, target.id]
        person_ids = [person.id for person in people]
        item_ids = ids_of(session, queue)
    with ThreadPoolExecutor(6) as pool:
        moves = [
            pool.submit(move_alone, way[0], way[1], item_ids) for way in (ids, ids[::-1]) for _ in range(2)
        ]
        works = [pool.submit(work_through, ids, person_id) for person_id in person_ids]
        for each in (*moves, *works):
            each.result()
    with transaction(snapshot=True) as session:
        assert check_all_of(session, ids[0]) == check_all_of(session, ids[1]) == []
        n_places = select(func.count(), func.count(func.distinct(QueueItem.item_id)))
        assert session.execute(n_places.where(QueueItem.queue_id.in_(ids))).one() == (61, 60)


def move_alone(queue_id: int, target_id: int, item_ids: list[int]) -> None:
    for start in range(0, len(item_ids), 10):
        with transaction() as session:
            move_items(session, queue_id, target_id, item_ids[start : start + 10], REASON)


def work_through(queue_ids: list[int], person_id: int) -> None:
    for queue_id in queue_ids * 10:
        with transaction() as session:
            held = claim_next(session, lock_member(session, queue_id, person_id))
        if held is not None:
            with transaction() as session:
                member = lock_member(session, queue_id, person_id)
                submit_safety_label(session, member, held, answer.SAFE)
