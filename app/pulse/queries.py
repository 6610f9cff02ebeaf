"""Is anything at work in the background?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.pulse.models import Pulse, PulseKind

SILENT_SECONDS = 60
# A job that waits for so long finds all workers busy.
LONG_WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Health:
    """`n_workers`: those seen in the last minute, `n_busy`: the jobs they are at; `last_seen_at`: when any
    worker was, None if ever none was. `waited`: how long a job waits for a worker, None if none told."""

    n_workers: int
    n_busy: int
    last_seen_at: datetime | None
    has_schedule: bool
    waited: timedelta | None

    @property
    def is_late(self) -> bool:
        return self.n_workers > 0 and self.waited is not None and self.waited > LONG_WAIT

    @property
    def is_well(self) -> bool:
        return self.n_workers > 0 and self.has_schedule and not self.is_late


def workers_seen(session: Session) -> Health:
    """By the database's clock, as they show themselves."""
    at = session.scalars(select(func.clock_timestamp())).one()
    pulses = session.scalars(select(Pulse)).all()
    workers = [each for each in pulses if each.kind == PulseKind.WORKER]
    alive = [each for each in pulses if at - each.seen_at < timedelta(seconds=SILENT_SECONDS)]
    at_work = [each for each in alive if each.kind == PulseKind.WORKER]
    schedules = [each for each in alive if each.kind == PulseKind.SCHEDULE]
    waits = [waited_by(each, at) for each in schedules]
    return Health(
        n_workers=len(at_work),
        n_busy=sum(each.n_busy for each in at_work),
        last_seen_at=max((each.seen_at for each in workers), default=None),
        has_schedule=bool(schedules),
        waited=max((wait for wait in waits if wait is not None), default=None),
    )


def waited_by(schedule: Pulse, at: datetime) -> timedelta | None:
    """What it asked last is either still unanswered, or was answered after so long."""
    if schedule.asked_at is not None:
        return at - schedule.asked_at
    return None if schedule.waited_ms is None else timedelta(milliseconds=schedule.waited_ms)
