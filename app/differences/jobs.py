"""Comparisons in the background."""

from sqlalchemy.exc import OperationalError

from app.db import transaction
from app.differences.actions import fail_difference, make_difference
from app.differences.queries import two_releases
from app.worker import celery

CRASHED = "The releases could not be compared. The worker's log says why."


@celery.task(name="differences.compare", autoretry_for=(OperationalError,), retry_backoff=True)
def compare(release_id: int, other_id: int) -> None:
    """Harmless if it is run twice, also at the same time: the result is the same."""
    with transaction() as session:
        before, after = two_releases(session, release_id, other_id)
        is_ended = False
        try:
            make_difference(session, before, after)
            is_ended = True
        finally:
            if not is_ended:
                fail_difference(before, after, CRASHED)
