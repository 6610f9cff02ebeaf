"""How far a queue is: sums that follow its items, whatever changes them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import transaction
from app.projects.models import Project
from app.queues.counting import fold_progress, is_progress_stray, rebuild_progress
from app.queues.models import HeldFor, Queue, QueueItem, queue_progress
from app.queues.queries import Progress, progress_by_queue
from tests import answer, make


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


@pytest.fixture
def queue(session: Session, annotator: User) -> Queue:
    """Three items for two annotators each: one has one answer, one is leased."""
    project = make.project(session)
    for _ in range(3):
        make.item(session, project)
    made = make.queue(session, project, overlap=2, members=(annotator, make.user(session)))
    answer.safety(session, make.assignment(session, made, annotator))
    make.assignment(session, made, annotator)
    return made


def progress(session: Session, queue: Queue) -> Progress:
    return progress_by_queue(session, [queue.id])[queue.id]


def test_claims_and_answers_are_counted_at_once(session: Session, queue: Queue) -> None:
    assert progress(session, queue) == Progress(
        n_items=3, n_done=0, n_submitted=1, n_leased=1, n_wanted=6, n_surplus=0, n_broken=0, n_waiting=0
    )


def test_items_that_are_gold_alone_are_none_to_finish(session: Session, queue: Queue) -> None:
    session.execute(update(QueueItem).values(overlap=0).where(QueueItem.n_assigned == 0))
    assert progress(session, queue).n_items == 2


def test_a_fold_changes_no_sum(session: Session, queue: Queue) -> None:
    before = progress(session, queue)
    fold_progress(session)
    fold_progress(session)
    assert session.scalar(select(func.count()).select_from(queue_progress)) == 1
    assert progress(session, queue) == before
    assert not is_progress_stray(session, queue.id)


@pytest.mark.parametrize(
    "change",
    [
        update(QueueItem).values(overlap=5),
        update(QueueItem).values(overlap=0).where(QueueItem.n_assigned == 0),
        update(QueueItem).values(overlap=1, n_assigned=1, n_submitted=1),
        update(QueueItem).values(held_for=HeldFor.BROKEN),
        update(QueueItem).values(held_for=HeldFor.SAFETY, n_surplus=2),
        update(QueueItem).values(lane=1),
        delete(QueueItem).where(QueueItem.n_assigned == 0),
        text("INSERT INTO queue_item (queue_id, item_id, pos, overlap, held_for)"
             " SELECT queue.id, item.id, 100 + item.id, 3, 'broken' FROM queue, item"
             " WHERE NOT EXISTS (SELECT FROM queue_item WHERE queue_id = queue.id AND item_id = item.id)"),
    ],
    ids=["overlap", "gold alone", "done", "broken", "waiting", "lane", "gone", "added"],
)  # fmt: skip
def test_whatever_changes_items_the_sums_follow(session: Session, queue: Queue, change: object) -> None:
    fold_progress(session)
    other = make.queue(session, make.project(session))
    make.item(session, session.get_one(Project, queue.project_id))
    session.execute(update(QueueItem).values(held_for=HeldFor.BROKEN).where(QueueItem.n_assigned == 0))
    session.execute(change)  # type: ignore[call-overload]
    assert not is_progress_stray(session, queue.id)
    assert not is_progress_stray(session, other.id)


def test_wrong_sums_are_found_and_counted_anew(session: Session, queue: Queue) -> None:
    before = progress(session, queue)
    fold_progress(session)
    session.execute(update(queue_progress).values(n_done=7))
    assert is_progress_stray(session, queue.id)
    rebuild_progress(session, queue.id)
    assert not is_progress_stray(session, queue.id)
    assert progress(session, queue) == before


def test_folds_at_the_same_time_lose_nothing(database: None) -> None:
    with transaction() as session:
        project = make.project(session)
        items = [make.item(session, project) for _ in range(8)]
        queue = make.queue(session, project)
    started = threading.Barrier(9)

    def change(item_id: int) -> None:
        started.wait()
        for _ in range(5):
            with transaction() as session:
                session.execute(
                    update(QueueItem)
                    .values(overlap=QueueItem.overlap + 1)
                    .where(QueueItem.item_id == item_id)
                )
                fold_progress(session)

    with ThreadPoolExecutor(8) as pool:
        changing = [pool.submit(change, item.id) for item in items]
        started.wait()
    assert [each.result() for each in changing] == [None] * 8
    with transaction() as session:
        assert not is_progress_stray(session, queue.id)
        assert progress(session, queue).n_wanted == 8 * (queue.overlap + 5)
