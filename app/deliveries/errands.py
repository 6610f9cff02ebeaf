"""Errands: what is tried, again and again with longer pauses, until it works or has failed too often.

All of it stands in the database. A job is sent for an errand that is due, with the number of tries so far:
a message that comes twice, or late, finds another number and does nothing; one that got lost is sent again.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from app.db import now
from app.deliveries.models import Errand, Progress

MOST_TRIES = 8
FIRST_PAUSE = timedelta(seconds=30)
LOST_AFTER = timedelta(minutes=5)
"""A job that was sent is sent again after this time; where the first one still runs, it does nothing."""

ENDED = (Progress.DONE, Progress.FAILED)


def pause_after(n_tries: int) -> timedelta:
    """30 seconds after the first try, then twice as long each time: an hour over all of them."""
    return FIRST_PAUSE * (1 << n_tries - 1)


def take_due(session: Session, kind: type[Errand]) -> Sequence[Row[int, int]]:
    """(id, tries so far) of each that a job is to be sent for now."""
    return session.execute(
        update(kind)
        .where(kind.due_at <= func.now())
        .values(due_at=now() + LOST_AFTER)
        .returning(kind.id, kind.n_tries)
    ).all()


def claim_try(session: Session, kind: type[Errand], errand_id: int, n_tries: int) -> bool:
    """Whether this transaction may make the next try: `n_tries` were made, and nobody else is at it.

    The lock lasts as long as the transaction, so a worker that dies gives it back.
    """
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"{kind.__name__} {errand_id}", 0))
    if not session.scalar(select(lock)):
        return False
    open_one = select(kind.id).where(kind.id == errand_id, kind.n_tries == n_tries, kind.state.not_in(ENDED))
    return session.scalar(open_one) is not None


def start_try(session: Session, kind: type[Errand], errand_id: int) -> None:
    """Counted before it is made, so that one which kills its worker comes to an end too."""
    session.execute(
        update(kind)
        .where(kind.id == errand_id)
        .values(state=Progress.RUNNING, n_tries=kind.n_tries + 1, due_at=now() + LOST_AFTER)
    )


def end_try(session: Session, kind: type[Errand], errand_id: int, facts: Mapping[str, Any]) -> None:
    """It worked; `facts`: what else is to be kept of it."""
    ended = {"state": Progress.DONE, "due_at": None, "error": None, "ended_at": now()}
    session.execute(update(kind).where(kind.id == errand_id).values(**ended, **facts))


def fail_try(session: Session, kind: type[Errand], errand_id: int, error: str) -> None:
    n_tries = session.scalars(select(kind.n_tries).where(kind.id == errand_id)).one()
    if n_tries < MOST_TRIES:
        values = {"state": Progress.WAITING, "due_at": now() + pause_after(n_tries)}
    else:
        values = {"state": Progress.FAILED, "due_at": None, "ended_at": now()}
    session.execute(update(kind).where(kind.id == errand_id).values(error=error, **values))


def begin_again(session: Session, kind: type[Errand], errand_id: int) -> bool:
    """At once, with all tries before it. False where one is being made right now."""
    begun = session.scalar(
        update(kind)
        .where(kind.id == errand_id, kind.state != Progress.RUNNING)
        .values(state=Progress.WAITING, n_tries=0, due_at=func.now(), error=None, ended_at=None)
        .returning(kind.id)
    )
    return begun is not None
