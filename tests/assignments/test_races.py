"""Many annotators at once: each item ends with its overlap, and the counters tell the truth."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from random import Random
from threading import Event

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app import db
from app.annotations.actions import submit_safety_label
from app.annotations.check import check_all_of
from app.annotations.forms import SafetyLabel
from app.assignments.actions import (
    AssignmentClosed,
    claim_next,
    expire_leases,
    lock_member,
    skip_assignment,
)
from app.assignments.eligibility import Membership
from app.assignments.interventions import apply_overlap
from app.assignments.models import Assignment, AssignmentStatus, SkipReason
from app.db import transaction
from app.projects.pku import PKU
from app.queues.members import set_avoided
from app.queues.models import Queue, QueueItem
from tests import make
from tests.count import answers_by_item

N_ITEMS = 300
OVERLAP = 3
SAFE = SafetyLabel(is_safe=True)
# A broken item would wait for an admin.
WITHOUT_AN_ADMIN = (SkipReason.CANNOT_JUDGE, SkipReason.DISTRESS)
SWEEP_SECONDS = 0.02
LONGEST_SECONDS = 60


@pytest.fixture
def wide_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A connection for every thread, or they would wait for each other outside of the database."""
    monkeypatch.setattr(db, "POOL_SIZE", 48)
    usual = db.engine()
    forget_engine()
    yield
    db.engine().dispose()
    forget_engine()
    usual.dispose()


def forget_engine() -> None:
    db.engine.cache_clear()
    db.session_factory.cache_clear()


@pytest.mark.parametrize(("n_annotators", "n_tabs"), [(32, 1), (16, 2)])
@pytest.mark.usefixtures("database", "wide_pool")
def test_every_item_gets_its_overlap_whatever_annotators_do_at_once(n_annotators: int, n_tabs: int) -> None:
    queue_id, annotator_ids = committed_queue(n_annotators)
    with leases_running_out(queue_id), overlap_changing(queue_id) as is_settled:
        in_threads(
            [
                partial(annotate, queue_id, annotator_id, Random(seed), is_settled)
                for seed, annotator_id in enumerate(annotator_ids * n_tabs)
            ]
        )
    with transaction() as session:
        assert answers_by_item(session, queue_id) == [(OVERLAP, OVERLAP)] * N_ITEMS
    with transaction(snapshot=True) as session:
        assert check_all_of(session, queue_id) == []


@pytest.mark.usefixtures("database")
def test_a_claim_that_waited_sees_the_topics_as_they_are_now() -> None:
    with transaction() as session:
        project = make.project(session)
        make.item(session, project)
        annotator = make.user(session)
        queue = make.queue(session, project, members=(annotator,))
        session.execute(update(QueueItem).values(harm_mask=PKU.mask_of(["Violence"])))
        set_avoided(session, annotator.id, ["Violence"])
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            set_avoided(session, annotator.id, [])
            waiting = pool.submit(claim_alone, queue.id, annotator.id)
            time.sleep(0.3)
            assert not waiting.done()
        assert waiting.result() is not None


def claim_alone(queue_id: int, annotator_id: int) -> int | None:
    with transaction() as session:
        return claim_next(session, lock_member(session, queue_id, annotator_id))


def committed_queue(n_annotators: int) -> tuple[int, list[int]]:
    with transaction() as session:
        project = make.project(session)
        for _ in range(N_ITEMS):
            make.item(session, project)
        members = tuple(make.user(session) for _ in range(n_annotators))
        queue = make.queue(session, project, overlap=OVERLAP, members=members)
        return queue.id, [member.id for member in members]


def in_threads(calls: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(calls)) as pool:
        for running in [pool.submit(call) for call in calls]:
            running.result()


def annotate(queue_id: int, annotator_id: int, random: Random, is_settled: Event) -> None:
    """Label, skip and send twice until every item is finished and the overlap is settled."""
    assignment_id = None
    give_up_at = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < give_up_at:
        try:
            assignment_id = one_request(queue_id, annotator_id, assignment_id, random)
        except AssignmentClosed:
            assignment_id = None
            continue
        if assignment_id is None:
            with transaction() as session:
                if is_settled.is_set() and is_finished(session, queue_id):
                    return
            time.sleep(0.05)


def one_request(queue_id: int, annotator_id: int, assignment_id: int | None, random: Random) -> int | None:
    """As a route does it: answer and claim the next in one transaction."""
    with transaction() as session:
        member = lock_member(session, queue_id, annotator_id)
        if assignment_id is not None:
            answer(session, member, assignment_id, random)
        return claim_next(session, member)


def answer(session: Session, member: Membership, assignment_id: int, random: Random) -> None:
    if random.random() < 0.05:
        skip_assignment(session, member, assignment_id, random.choice(WITHOUT_AN_ADMIN))
        return
    submit_safety_label(session, member, assignment_id, SAFE)
    if random.random() < 0.2:
        with pytest.raises(AssignmentClosed):
            submit_safety_label(session, member, assignment_id, SAFE)


def is_finished(session: Session, queue_id: int) -> bool:
    unfinished = select(QueueItem).where(
        QueueItem.queue_id == queue_id, QueueItem.n_submitted < QueueItem.overlap
    )
    return not session.scalar(select(unfinished.exists()))


@contextmanager
def overlap_changing(queue_id: int) -> Iterator[Event]:
    """Meanwhile an admin can't make up their mind; it ends with OVERLAP, and the event says so."""
    is_settled = Event()

    def change_to(overlap: int) -> None:
        with transaction() as session:
            queue = session.get_one(Queue, queue_id)
            queue.overlap = queue.max_overlap = overlap
        done_to: int | None = 0
        while done_to is not None:
            with transaction() as session:
                done_to = apply_overlap(session, queue_id, done_to, limit=40)

    def change() -> None:
        for overlap in (OVERLAP + 1, OVERLAP - 1, OVERLAP):
            time.sleep(0.5)
            change_to(overlap)
        is_settled.set()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(change)
        yield is_settled
        running.result()


@contextmanager
def leases_running_out(queue_id: int) -> Iterator[None]:
    """Meanwhile some leases run out, and two workers sweep them."""
    is_over = Event()

    def run_out() -> None:
        while not is_over.wait(SWEEP_SECONDS):
            with transaction() as session:
                session.execute(
                    update(Assignment)
                    .where(Assignment.status == AssignmentStatus.OPEN, func.random() < 0.1)
                    .values(expires_at=func.now() - text("interval '1 second'"))
                )

    def sweep() -> None:
        while not is_over.wait(SWEEP_SECONDS):
            with transaction() as session:
                expire_leases(session, queue_id)

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(call) for call in (run_out, sweep, sweep)]
        try:
            yield
        finally:
            is_over.set()
        for ended in running:
            ended.result()
