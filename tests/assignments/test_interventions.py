"""What an admin changes in mid-flight."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assignments.check import check_queue
from app.assignments.interventions import (
    add_places,
    apply_overlap,
    hand_out_again,
    open_ready_sets,
    reassign,
    release_lease,
    void_answers,
)
from app.assignments.models import Assignment, AssignmentStatus, SkipReason
from app.assignments.moves import set_priority
from app.errors import Refused
from app.projects.models import Project
from app.queues.actions import fill_queue
from app.queues.models import HeldFor, Lane, Queue, QueueItem, QueueKind
from tests import answer, make


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(3)]


@pytest.fixture
def queue(session: Session, people: list[User]) -> Queue:
    project = make.project(session)
    for _ in range(4):
        make.item(session, project)
    return make.queue(session, project, overlap=2, members=tuple(people))


def in_order(session: Session, queue: Queue) -> list[int]:
    items = select(QueueItem.item_id).where(QueueItem.queue_id == queue.id).order_by(QueueItem.pos)
    return list(session.scalars(items))


def label_next(session: Session, queue: Queue, person: User) -> int:
    held = make.assignment(session, queue, person)
    answer.safety(session, held)
    return held.item_id


def change_overlap(session: Session, queue: Queue, overlap: int) -> None:
    """In small batches, as the job does it in larger ones."""
    queue.overlap = queue.max_overlap = overlap
    session.flush()
    done_to: int | None = 0
    while done_to is not None:
        done_to = apply_overlap(session, queue.id, done_to, limit=3)


def statuses(session: Session, queue: Queue) -> list[str]:
    found = select(Assignment.status).where(Assignment.queue_id == queue.id).order_by(Assignment.id)
    return list(session.scalars(found))


def test_a_lease_taken_back_goes_to_the_next_who_asks(
    session: Session, queue: Queue, people: list[User]
) -> None:
    first = [make.assignment(session, queue, person) for person in people[:2]]
    assert first[0].item_id == first[1].item_id
    release_lease(session, queue.id, first[0].id)
    assert make.assignment(session, queue, people[2]).item_id == first[0].item_id
    assert check_queue(session, queue.id) == []


def test_a_lease_passed_on_keeps_its_place(session: Session, queue: Queue, people: list[User]) -> None:
    held = make.assignment(session, queue, people[0])
    reassign(session, queue.id, held.id, people[1].id)
    session.refresh(held)
    assert held.status == AssignmentStatus.RELEASED
    assert make.assignment(session, queue, people[1]).item_id == held.item_id
    assert check_queue(session, queue.id) == []


def test_it_is_not_passed_to_someone_who_holds_or_had_the_item(
    session: Session, queue: Queue, people: list[User]
) -> None:
    held = make.assignment(session, queue, people[0])
    make.assignment(session, queue, people[1])
    with pytest.raises(Refused):
        reassign(session, queue.id, held.id, people[1].id)


def test_voided_work_is_kept_and_asked_of_others(session: Session, queue: Queue, people: list[User]) -> None:
    done = [label_next(session, queue, people[0]) for _ in range(2)]
    ids = list(session.scalars(select(Assignment.id).where(Assignment.queue_id == queue.id)))
    assert void_answers(session, queue.id, ids, "Clicked at random") == 2
    assert void_answers(session, queue.id, ids, "Once more") == 0
    for each in session.scalars(select(Assignment).where(Assignment.queue_id == queue.id)):
        assert (each.void_reason, each.voided_at is None) == ("Clicked at random", False)
    assert statuses(session, queue) == [AssignmentStatus.VOIDED] * 2
    redone = [label_next(session, queue, people[1]) for _ in range(4)]
    assert set(done) <= set(redone)
    assert make.assignment(session, queue, people[0]).item_id not in done
    assert check_queue(session, queue.id) == []


def test_less_overlap_withdraws_leases_and_keeps_the_newest_answers_as_surplus(
    session: Session, queue: Queue, people: list[User]
) -> None:
    for person in people[:2]:
        label_next(session, queue, person)
    open_ones = [make.assignment(session, queue, person) for person in people[:2]]
    change_overlap(session, queue, 1)
    assert sorted(statuses(session, queue)) == sorted(["submitted", "surplus", "open", "released"])
    assert check_queue(session, queue.id) == []
    withdrawn = next(held for held in open_ones if refreshed(session, held).status == "released")
    answer.safety(session, withdrawn)
    assert refreshed(session, withdrawn).status == AssignmentStatus.SURPLUS


def test_more_overlap_reaches_everyone_who_was_past_the_items(
    session: Session, queue: Queue, people: list[User]
) -> None:
    for person in people[:2]:
        for _ in range(4):
            label_next(session, queue, person)
    assert make.claim(session, queue, people[2]) is None
    change_overlap(session, queue, 3)
    assert {label_next(session, queue, people[2]) for _ in range(4)} == set(in_order(session, queue))
    assert check_queue(session, queue.id) == []


def refreshed(session: Session, assignment: Assignment) -> Assignment:
    session.refresh(assignment)
    return assignment


def test_a_broken_item_waits_for_the_admin_and_then_comes_first(
    session: Session, queue: Queue, people: list[User]
) -> None:
    held = make.assignment(session, queue, people[0])
    answer.skip(session, held, SkipReason.BROKEN_ITEM)
    assert held.item_id not in [label_next(session, queue, people[1]) for _ in range(3)]
    assert make.claim(session, queue, people[1]) is None
    assert hand_out_again(session, queue.id, [held.item_id], HeldFor.BROKEN) == 1
    assert make.assignment(session, queue, people[1]).item_id == held.item_id


def test_priority_decides_between_lanes_and_what_came_back_goes_before_them(
    session: Session, queue: Queue, people: list[User]
) -> None:
    first, second, third, fourth = in_order(session, queue)
    set_priority(session, queue.id, [third], Lane.HIGH)
    set_priority(session, queue.id, [first], Lane.LOW)
    held = make.assignment(session, queue, people[0])
    assert held.item_id == third
    answer.skip(session, held)
    got = [label_next(session, queue, people[1]) for _ in range(4)]
    assert got == [third, second, fourth, first]


def test_what_came_back_goes_to_the_end_of_its_lane_where_the_queue_says_so(
    session: Session, queue: Queue, people: list[User]
) -> None:
    queue.returned_first = False
    session.flush()
    held = make.assignment(session, queue, people[0])
    answer.skip(session, held)
    assert [label_next(session, queue, people[1]) for _ in range(4)][-1] == held.item_id


def test_new_items_of_a_higher_priority_are_found_by_those_who_are_far_ahead(
    session: Session, queue: Queue, people: list[User]
) -> None:
    for _ in range(2):
        label_next(session, queue, people[0])
    urgent = make.item(session, session.get_one(Project, queue.project_id)).id
    fill_queue(session, queue.id, Lane.HIGH)
    assert label_next(session, queue, people[0]) == urgent


def test_one_more_place_is_for_finished_items_alone_and_never_beyond_the_most(
    session: Session, queue: Queue, people: list[User]
) -> None:
    item_id = label_next(session, queue, people[0])
    assert add_places(session, queue.id, [item_id]) == 0
    label_next(session, queue, people[1])
    assert add_places(session, queue.id, [item_id]) == 0
    queue.max_overlap, queue.uncertain_first = 3, True
    session.flush()
    assert add_places(session, queue.id, [item_id]) == 1
    assert label_next(session, queue, people[2]) == item_id
    assert add_places(session, queue.id, [item_id]) == 0


def test_a_response_set_opens_once_all_its_qa_pairs_have_their_safety_labels(
    session: Session, people: list[User]
) -> None:
    project = make.project(session)
    pair_set = make.item_with_pairs(session, project, responses=("One.", "Two."))
    labelling = make.queue(session, project, overlap=1, members=tuple(people))
    ranking = make.queue(
        session, project, kind=QueueKind.DUAL, overlap=1, members=tuple(people), waits_for_safety=True
    )
    assert make.claim(session, ranking, people[0]) is None
    for n_opened in (0, 1):
        label_next(session, labelling, people[1])
        assert open_ready_sets(session, ranking.id) == n_opened
    assert make.assignment(session, ranking, people[0]).item_id == pair_set.id
