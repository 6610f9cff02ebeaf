"""Sums of what people were shown, in the background."""

from sqlalchemy.exc import OperationalError

from app.db import transaction
from app.people.counting import count_exposure
from app.worker import celery


@celery.task(name="people.count_exposure", autoretry_for=(OperationalError,), retry_backoff=True)
def count() -> None:
    with transaction() as session:
        count_exposure(session)
