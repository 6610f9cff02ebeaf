"""Background work on leases."""

from sqlalchemy.exc import OperationalError

from app.assignments.actions import expire_leases
from app.db import transaction
from app.worker import celery


@celery.task(name="assignments.expire_leases", autoretry_for=(OperationalError,), retry_backoff=True)
def expire_all_leases() -> None:
    with transaction() as session:
        expire_leases(session)
