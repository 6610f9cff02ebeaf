"""When a gold item is asked, and what that leaves alone."""

from typing import NamedTuple

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assignments.actions import claim_ahead, lock_member, release_assignment
from app.assignments.check import check_queue
from app.assignments.models import Assignment
from app.gold.models import GoldState
from app.projects.models import Project
from app.queues.models import Queue, QueueItem, QueueMember, QueuePurpose
from tests import answer, make

N_ITEMS = 12
N_GOLD = 2


class Stream(NamedTuple):
    queue: Queue
    annotator: User
    gold: list[int]


@pytest.fixture
def stream(session: Session) -> Stream:
    """Two gold items, asked at each third turn, among others."""
    project = make.project(session)
    items = [make.item(session, project).id for _ in range(N_ITEMS)]
    annotator = make.user(session)
    queue = make.queue(session, project, overlap=1, members=(annotator,))
    queue.gold_every = 3
    gold = items[:N_GOLD]
    session.execute(update(QueueItem).where(QueueItem.item_id.in_(gold)).values(overlap=0))
    for item_id in gold:
        make.gold(session, queue.id, item_id)
    return Stream(queue, annotator, gold)


def labelled(session: Session, stream: Stream, n: int) -> list[int]:
    """Items of the next turns."""
    seen = []
    for _ in range(n):
        held = make.assignment(session, stream.queue, stream.annotator)
        answer.safety(session, held)
        seen.append(held.item_id)
    return seen


def test_a_gold_item_comes_at_each_kth_turn_once(session: Session, stream: Stream) -> None:
    seen = labelled(session, stream, N_ITEMS)
    turns = [turn for turn, item_id in enumerate(seen) if item_id in stream.gold]
    assert len(turns) == N_GOLD
    assert turns[1] - turns[0] == stream.queue.gold_every
    assert len(set(seen)) == N_ITEMS


def test_it_takes_no_place(session: Session, stream: Stream) -> None:
    labelled(session, stream, N_ITEMS)
    asked = session.scalars(select(Assignment.takes_place).where(Assignment.item_id.in_(stream.gold))).all()
    assert asked == [False] * N_GOLD
    assert check_queue(session, stream.queue.id) == []


def test_loading_the_page_again_draws_nothing_anew(session: Session, stream: Stream) -> None:
    for _ in range(N_ITEMS):
        held = make.claim(session, stream.queue, stream.annotator)
        assert held == make.claim(session, stream.queue, stream.annotator)
        labelled(session, stream, 1)


def test_an_item_ahead_is_gold_where_its_turn_is(session: Session, stream: Stream) -> None:
    seen = []
    for _ in range(N_ITEMS):
        held = make.assignment(session, stream.queue, stream.annotator)
        claim_ahead(session, lock_member(session, stream.queue.id, stream.annotator.id))
        answer.safety(session, held)
        seen.append(held.item_id)
    turns = [turn for turn, item_id in enumerate(seen) if item_id in stream.gold]
    assert turns[1] - turns[0] == stream.queue.gold_every


def test_one_that_was_given_back_comes_again(session: Session, stream: Stream) -> None:
    held = make.assignment(session, stream.queue, stream.annotator)
    while held.takes_place:
        answer.safety(session, held)
        held = make.assignment(session, stream.queue, stream.annotator)
    release_assignment(session, lock_member(session, stream.queue.id, stream.annotator.id), held.id)
    assert make.claim(session, stream.queue, stream.annotator) == held.id


def test_what_was_seen_as_gold_in_another_queue_is_not_asked(session: Session, stream: Stream) -> None:
    labelled(session, stream, N_ITEMS)
    project = session.get_one(Project, stream.queue.project_id)
    other = make.queue(session, project, overlap=1, members=(stream.annotator,))
    other.purpose = QueuePurpose.EXAM
    make.gold(session, other.id, stream.gold[0])
    make.attempt(session, other, stream.annotator, 1)
    assert make.claim(session, other, stream.annotator) is None


def test_a_suspended_one_is_not_asked(session: Session, stream: Stream) -> None:
    for item_id in stream.gold:
        gold = make.gold(session, stream.queue.id, item_id)
        gold.state, gold.suspended_for = GoldState.SUSPENDED, "Everyone misses it."
    session.flush()
    assert not set(labelled(session, stream, N_ITEMS - N_GOLD)) & set(stream.gold)


def test_an_exam_has_gold_items_alone(session: Session, stream: Stream) -> None:
    stream.queue.purpose = QueuePurpose.EXAM
    make.attempt(session, stream.queue, stream.annotator, N_ITEMS)
    assert sorted(labelled(session, stream, N_GOLD)) == stream.gold
    assert make.claim(session, stream.queue, stream.annotator) is None


def test_at_a_rate_it_comes_about_as_often(session: Session, stream: Stream) -> None:
    stream.queue.gold_every, stream.queue.gold_rate = None, 0.5
    session.flush()
    seen = labelled(session, stream, N_ITEMS)
    assert set(stream.gold) <= set(seen)


def test_who_is_paused_gets_nothing(session: Session, stream: Stream) -> None:
    held = make.claim(session, stream.queue, stream.annotator)
    session.execute(update(QueueMember).values(pause_reason="Please read the guidelines again."))
    assert make.claim(session, stream.queue, stream.annotator) == held
    answer.safety(session, session.get_one(Assignment, held))
    assert make.claim(session, stream.queue, stream.annotator) is None
