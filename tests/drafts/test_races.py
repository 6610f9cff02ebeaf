"""A save against the submission of the same answer, each in a transaction of its own."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.actions import WrongStep, keep_draft
from app.assignments.actions import AssignmentClosed, expire_leases
from app.assignments.models import Assignment
from app.db import transaction
from app.drafts.models import Draft
from app.queues.models import Dimension, Queue, QueueKind
from tests import answer, make

WAIT_SECONDS = 0.3
N_ROUNDS = 60
N_SAVERS = 4

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(N_SAVERS + 1) as opened:
        yield opened


@dataclass(frozen=True)
class Held:
    """An item's only place, and who else may have it."""

    queue: Queue
    other: User
    assignment: Assignment
    step: Dimension

    def save(self, session: Session, preferred: str = "tie") -> int | None:
        annotator_id, content = self.assignment.annotator_id, {"preferred": preferred}
        return keep_draft(session, annotator_id, self.assignment.id, self.step, content, known=0)

    def save_alone(self, preferred: str = "tie") -> int | None:
        with transaction() as session:
            return self.save(session, preferred)

    def submit(self, session: Session) -> None:
        if self.step is Dimension.SAFETY:
            answer.safety(session, self.assignment)
        else:
            answer.ranking(session, self.assignment, self.step, [1, 2])

    def submit_alone(self) -> None:
        with transaction() as session:
            self.submit(session)

    def lose_place(self) -> None:
        with transaction() as session:
            session.execute(update(Assignment).values(expires_at=func.now()))
            expire_leases(session, self.queue.id)
            assert make.claim(session, self.queue, self.other)


def held(kind: QueueKind = QueueKind.SAFETY) -> Held:
    with transaction() as session:
        project, annotator, other = make.project(session), make.user(session), make.user(session)
        make.item(session, project, responses=("Tea.", "Coffee.")[: 1 if kind is QueueKind.SAFETY else 2])
        queue = make.queue(session, project, kind=kind, overlap=1, members=(annotator, other))
        return Held(queue, other, make.assignment(session, queue, annotator), kind.steps[0])


def assert_it_waits(call: Future[Any]) -> None:
    time.sleep(WAIT_SECONDS)
    assert not call.done()


def n_drafts() -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(Draft)) or 0


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("kind", [QueueKind.SAFETY, QueueKind.DUAL])
def test_a_save_that_waits_for_the_answer_keeps_nothing(
    pool: ThreadPoolExecutor, kind: QueueKind, is_late: bool
) -> None:
    mine = held(kind)
    if is_late:
        mine.lose_place()
    with transaction() as session:
        mine.submit(session)
        saving = pool.submit(mine.save_alone)
        assert_it_waits(saving)
    with pytest.raises((AssignmentClosed, WrongStep)):
        saving.result()
    assert n_drafts() == 0


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("kind", [QueueKind.SAFETY, QueueKind.DUAL])
def test_an_answer_that_waits_for_a_save_ends_its_draft(
    pool: ThreadPoolExecutor, kind: QueueKind, is_late: bool
) -> None:
    mine = held(kind)
    if is_late:
        mine.lose_place()
    with transaction() as session:
        assert mine.save(session) == 1
        submitting = pool.submit(mine.submit_alone)
        assert_it_waits(submitting)
    submitting.result()
    assert n_drafts() == 0


def test_of_two_pages_that_save_at_once_one_is_told(pool: ThreadPoolExecutor) -> None:
    mine = held()
    with transaction() as session:
        assert mine.save(session, "first") == 1
        saving = pool.submit(mine.save_alone, "second")
        assert_it_waits(saving)
    assert saving.result() is None


def test_no_draft_is_left_whatever_comes_first(pool: ThreadPoolExecutor) -> None:
    for seed in range(N_ROUNDS):
        random, mine, start = Random(seed), held(), Barrier(N_SAVERS + 1)

        def go(call: Any, seconds: float, start: Barrier = start) -> None:
            start.wait()
            time.sleep(seconds)
            with suppress(AssignmentClosed):
                call()

        calls = [mine.submit_alone, *[mine.save_alone] * N_SAVERS]
        for running in [pool.submit(go, call, random.random() / 100) for call in calls]:
            running.result()
        assert n_drafts() == 0
