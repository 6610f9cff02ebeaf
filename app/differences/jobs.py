"""Comparisons in the background."""

from functools import partial

from sqlalchemy.exc import OperationalError

from app.db import after_commit, transaction
from app.differences.actions import claim_comparison, fail_difference, make_difference
from app.differences.queries import comparisons_not_ended, two_releases
from app.worker import celery, send

CRASHED = "The releases could not be compared. The worker's log says why."


@celery.task(name="differences.compare", autoretry_for=(OperationalError,), retry_backoff=True)
def compare(release_id: int, other_id: int) -> None:
    """Harmless if it is run twice: what was compared stays as it is, and only one worker is at it."""
    with transaction() as session:
        before, after = two_releases(session, release_id, other_id)
        if not claim_comparison(session, before, after):
            return
        is_ended = False
        try:
            make_difference(session, before, after)
            is_ended = True
        finally:
            if not is_ended:
                fail_difference(before, after, CRASHED)


@celery.task(name="differences.resume_comparisons", autoretry_for=(OperationalError,), retry_backoff=True)
def resume_comparisons() -> None:
    """Send what was lost: a message the broker forgot, or one whose worker was killed."""
    with transaction() as session:
        for release_id, other_id in comparisons_not_ended(session):
            after_commit(session, partial(send, compare, release_id, other_id))
