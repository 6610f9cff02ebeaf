"""What the signs of life say."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.db import now
from app.pulse.actions import answer_schedule, say_goodbye, show_schedule, show_worker
from app.pulse.models import Pulse, PulseKind
from app.pulse.queries import workers_seen
from tests import make


@pytest.fixture(autouse=True)
def alone(session: Session) -> None:
    make.nothing_at_work(session)


def test_where_nothing_ever_ran_it_says_so(session: Session) -> None:
    health = workers_seen(session)
    assert (health.n_workers, health.last_seen_at, health.has_schedule, health.waited) == (
        0,
        None,
        False,
        None,
    )
    assert not health.is_well


def test_a_worker_and_a_schedule_that_are_seen_are_well(session: Session) -> None:
    show_worker(session, n_busy=2)
    show_worker(session, n_busy=1)
    show_schedule(session)
    answer_schedule(session)
    health = workers_seen(session)
    assert (health.n_workers, health.n_busy, health.has_schedule) == (1, 1, True)
    assert health.waited == timedelta()
    assert health.is_well


def test_after_a_minute_of_silence_a_worker_is_missed(session: Session) -> None:
    show_worker(session, n_busy=0)
    show_schedule(session)
    seen_at = age(session, timedelta(seconds=61))
    health = workers_seen(session)
    assert (health.n_workers, health.has_schedule, health.last_seen_at) == (0, False, seen_at)


def test_a_schedule_without_an_answer_says_how_long_jobs_wait(session: Session) -> None:
    show_worker(session, n_busy=2)
    show_schedule(session)
    session.execute(update(Pulse).values(asked_at=now() - timedelta(seconds=40)))
    show_schedule(session)
    health = workers_seen(session)
    assert health.waited is not None
    assert health.waited >= timedelta(seconds=40)
    assert health.is_late
    answer_schedule(session)
    assert workers_seen(session).is_late, "the next may wait as long"


def test_who_is_asked_to_end_is_not_missed(session: Session) -> None:
    show_worker(session, n_busy=0)
    show_schedule(session)
    say_goodbye(session, PulseKind.WORKER)
    health = workers_seen(session)
    assert (health.n_workers, health.last_seen_at, health.has_schedule) == (0, None, True)


def test_one_that_was_killed_is_forgotten_in_the_end(session: Session) -> None:
    show_schedule(session)
    age(session, timedelta(hours=2))
    show_worker(session, n_busy=0)
    assert [pulse.kind for pulse in session.query(Pulse)] == [PulseKind.WORKER]


def age(session: Session, by: timedelta) -> object:
    """All were seen so long ago; when."""
    return session.scalars(update(Pulse).values(seen_at=now() - by).returning(Pulse.seen_at)).first()
