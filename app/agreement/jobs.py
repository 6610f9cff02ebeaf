"""Agreement in the background, on demand and nightly."""

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.agreement.actions import compute_agreement
from app.db import transaction
from app.queues.models import Queue
from app.worker import celery


@celery.task(name="agreement.compute", autoretry_for=(OperationalError,), retry_backoff=True)
def compute(queue_id: int) -> None:
    with transaction(snapshot=True) as session:
        compute_agreement(session, queue_id)


@celery.task(name="agreement.nightly", autoretry_for=(OperationalError,), retry_backoff=True)
def nightly() -> None:
    with transaction() as session:
        queue_ids = session.scalars(select(Queue.id)).all()
    for queue_id in queue_ids:
        compute.delay(queue_id)
