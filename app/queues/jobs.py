"""Queues in the background."""

from sqlalchemy.exc import OperationalError

from app.db import transaction
from app.items.counting import fold_item_counts
from app.queues.counting import fold_progress
from app.worker import celery


@celery.task(name="queues.fold_sums", autoretry_for=(OperationalError,), retry_backoff=True)
def fold_sums() -> None:
    with transaction() as session:
        fold_item_counts(session)
        fold_progress(session)
