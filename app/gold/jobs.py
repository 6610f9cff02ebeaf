"""Background work on gold items."""

from functools import partial

from sqlalchemy.exc import OperationalError

from app.db import after_commit, transaction
from app.gold.actions import suspend_rotten
from app.gold.queries import ids_of_queues_with_gold
from app.worker import celery, send


@celery.task(name="gold.find_rot", autoretry_for=(OperationalError,), retry_backoff=True)
def find_rot() -> None:
    with transaction() as session:
        for queue_id in ids_of_queues_with_gold(session):
            after_commit(session, partial(send, find_rot_in, queue_id))


@celery.task(name="gold.find_rot_in", autoretry_for=(OperationalError,), retry_backoff=True)
def find_rot_in(queue_id: int) -> None:
    with transaction() as session:
        suspend_rotten(session, queue_id)
