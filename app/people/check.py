"""The sums of people's days, counted anew from what they count."""

from sqlalchemy.orm import Session

from app.assignments.check import MOST_NAMED, Break, Found
from app.people.counting import recount_exposure, stray_exposure
from app.work.check import rebuild_work_days, stray_work_days


def check_days(session: Session, queue_id: int) -> list[Found]:
    """Of one queue: the breaks there are. All queries must see the same rows: use a snapshot."""
    found = {
        Break.WORK_DAY: stray_work_days(session, queue_id),
        Break.EXPOSURE_DAY: stray_exposure(session, queue_id),
    }
    return [Found(what, len(ids), ids[:MOST_NAMED]) for what, ids in found.items() if ids]


def repair_days(session: Session, queue_id: int) -> None:
    """All members of the queue are locked, so nobody answers meanwhile."""
    rebuild_work_days(session, queue_id)
    recount_exposure(session, queue_id)
