"""Showing signs of life, by the database's clock."""

import os
import socket
from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, cast, delete, extract, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.pulse.models import Pulse, PulseKind

# A process that was killed says no goodbye.
FORGOTTEN_AFTER = timedelta(hours=1)


def show_worker(session: Session, n_busy: int) -> None:
    show(session, PulseKind.WORKER, {"n_busy": n_busy}, {"n_busy": n_busy})
    session.execute(delete(Pulse).where(Pulse.seen_at < func.now() - FORGOTTEN_AFTER))


def show_schedule(session: Session) -> None:
    """That it asks for an answer now."""
    waits_since = func.coalesce(Pulse.asked_at, func.now())
    show(session, PulseKind.SCHEDULE, {"asked_at": func.now()}, {"asked_at": waits_since})


def show(session: Session, kind: PulseKind, first: dict[str, Any], later: dict[str, Any]) -> None:
    """Of this process."""
    session.execute(
        insert(Pulse)
        .values(kind=kind, host=socket.gethostname(), pid=os.getpid(), **first)
        .on_conflict_do_update(index_elements=["kind", "host", "pid"], set_={"seen_at": func.now(), **later})
    )


def answer_schedule(session: Session) -> None:
    waited = extract("epoch", func.now() - Pulse.asked_at) * 1000
    session.execute(
        update(Pulse)
        .where(Pulse.asked_at.is_not(None))
        .values(asked_at=None, waited_ms=cast(waited, Integer))
    )


def say_goodbye(session: Session, kind: PulseKind) -> None:
    """This process ends as it was asked to."""
    session.execute(
        delete(Pulse).where(Pulse.kind == kind, Pulse.host == socket.gethostname(), Pulse.pid == os.getpid())
    )
