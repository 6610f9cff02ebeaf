"""Agreement in the background, on demand and nightly."""

from functools import partial

from sqlalchemy.exc import OperationalError

from app.agreement.actions import adapt_overlap, compute_agreement
from app.agreement.queries import ids_of_adaptive_queues
from app.db import after_commit, transaction
from app.queues.queries import all_queues
from app.worker import celery, send


@celery.task(name="agreement.compute", autoretry_for=(OperationalError,), retry_backoff=True)
def compute(queue_id: int) -> None:
    with transaction(snapshot=True) as session:
        compute_agreement(session, queue_id)


@celery.task(name="agreement.adapt", autoretry_for=(OperationalError,), retry_backoff=True)
def adapt(queue_id: int) -> None:
    with transaction() as session:
        adapt_overlap(session, queue_id)


@celery.task(name="agreement.adapt_all", autoretry_for=(OperationalError,), retry_backoff=True)
def adapt_all() -> None:
    with transaction() as session:
        for queue_id in ids_of_adaptive_queues(session):
            after_commit(session, partial(send, adapt, queue_id))


@celery.task(name="agreement.nightly", autoretry_for=(OperationalError,), retry_backoff=True)
def nightly() -> None:
    with transaction() as session:
        for queue in all_queues(session):
            after_commit(session, partial(compute.delay, queue.id))
