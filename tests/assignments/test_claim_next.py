"""Which item an annotator gets next."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assignments.models import Assignment, SkipReason
from app.errors import Forbidden
from app.queues.actions import set_queue_state
from app.queues.members import set_members
from app.queues.models import Queue, QueueItem, QueueState
from tests import answer, make


def running_queue(
    session: Session, *, n_items: int, overlap: int = 1, n_members: int = 1
) -> tuple[Queue, list[User]]:
    project = make.project(session)
    for _ in range(n_items):
        make.item(session, project)
    members = [make.user(session) for _ in range(n_members)]
    return make.queue(session, project, overlap=overlap, members=tuple(members)), members


def items_in_order(session: Session, queue: Queue) -> list[int]:
    return list(
        session.scalars(
            select(QueueItem.item_id).where(QueueItem.queue_id == queue.id).order_by(QueueItem.pos)
        )
    )


def label_everything(session: Session, queue: Queue, annotator: User) -> list[int]:
    """Item ids in the order they were handed out."""
    labelled = []
    while (assignment_id := make.claim(session, queue, annotator)) is not None:
        assignment = session.get_one(Assignment, assignment_id)
        answer.safety(session, assignment)
        labelled.append(assignment.item_id)
    return labelled


def test_items_come_in_the_queues_order(session: Session) -> None:
    queue, (annotator,) = running_queue(session, n_items=12)
    assert label_everything(session, queue, annotator) == items_in_order(session, queue)


def test_nobody_gets_an_item_twice_and_no_item_passes_its_overlap(session: Session) -> None:
    queue, members = running_queue(session, n_items=10, overlap=2, n_members=3)
    handed_out = [label_everything(session, queue, annotator) for annotator in members]
    assert all(len(set(items)) == len(items) for items in handed_out)
    assert [len(items) for items in handed_out] == [10, 10, 0]


def test_reloading_and_a_second_tab_give_the_same_assignment(session: Session) -> None:
    queue, (annotator,) = running_queue(session, n_items=5)
    first = make.claim(session, queue, annotator)
    assert [make.claim(session, queue, annotator) for _ in range(3)] == [first] * 3


def test_two_annotators_hold_different_items_where_one_is_enough(session: Session) -> None:
    queue, (first, second) = running_queue(session, n_items=5, n_members=2)
    held = {make.assignment(session, queue, annotator).item_id for annotator in (first, second)}
    assert len(held) == 2


def test_a_paused_queue_hands_out_nothing_new_but_lets_held_work_be_finished(session: Session) -> None:
    queue, (annotator,) = running_queue(session, n_items=5)
    held = make.assignment(session, queue, annotator)
    set_queue_state(session, queue.id, QueueState.PAUSED)
    session.refresh(queue)
    assert make.claim(session, queue, annotator) == held.id
    answer.safety(session, held)
    assert make.claim(session, queue, annotator) is None
    set_queue_state(session, queue.id, QueueState.RUNNING)
    session.refresh(queue)
    assert make.claim(session, queue, annotator) is not None


def test_someone_removed_gets_nothing_new_and_goes_on_where_they_were_when_back(session: Session) -> None:
    queue, (annotator,) = running_queue(session, n_items=5)
    done = make.assignment(session, queue, annotator)
    answer.safety(session, done)
    set_members(session, queue.id, [])
    assert make.claim(session, queue, annotator) is None
    set_members(session, queue.id, [annotator.id])
    assert make.assignment(session, queue, annotator).item_id == items_in_order(session, queue)[1]


def test_someone_removed_does_not_get_what_others_left_over_either(session: Session) -> None:
    queue, (annotator, other) = running_queue(session, n_items=1, n_members=2)
    answer.skip(session, make.assignment(session, queue, other), SkipReason.CANNOT_JUDGE)
    set_members(session, queue.id, [other.id])
    assert make.claim(session, queue, annotator) is None


def test_someone_who_was_never_a_member_gets_nothing(session: Session) -> None:
    queue, _ = running_queue(session, n_items=5)
    with pytest.raises(Forbidden):
        make.claim(session, queue, make.user(session))


def test_items_left_over_behind_the_cursor_are_found(session: Session) -> None:
    queue, (first, second) = running_queue(session, n_items=3, n_members=2)
    skipped = make.assignment(session, queue, first)
    taken = [make.assignment(session, queue, second)]
    answer.safety(session, taken[0])
    taken.append(make.assignment(session, queue, second))
    assert taken[-1].item_id == items_in_order(session, queue)[2]
    answer.safety(session, taken[-1])
    assert make.claim(session, queue, second) is None
    answer.skip(session, skipped, SkipReason.CANNOT_JUDGE)
    assert make.assignment(session, queue, second).item_id == skipped.item_id


def test_an_empty_queue_has_nothing(session: Session) -> None:
    queue, (annotator,) = running_queue(session, n_items=0)
    assert make.claim(session, queue, annotator) is None


def test_an_annotator_may_hold_one_item_in_each_of_two_queues(session: Session) -> None:
    project = make.project(session)
    make.item(session, project)
    annotator = make.user(session)
    queues = [make.queue(session, project, members=(annotator,)) for _ in range(2)]
    held = [make.assignment(session, queue, annotator) for queue in queues]
    assert held[0].id != held[1].id
    assert held[0].item_id == held[1].item_id
