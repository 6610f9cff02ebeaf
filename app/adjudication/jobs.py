"""Looking for items that adjudicators are to settle, in the background."""

from functools import partial

from sqlalchemy.exc import OperationalError

from app.adjudication.actions import open_cases
from app.adjudication.queries import ids_of_adjudicated_queues
from app.db import after_commit, transaction
from app.worker import celery, send


@celery.task(name="adjudication.open_in", autoretry_for=(OperationalError,), retry_backoff=True)
def open_in(queue_id: int) -> None:
    with transaction() as session:
        open_cases(session, queue_id)


@celery.task(name="adjudication.open_all", autoretry_for=(OperationalError,), retry_backoff=True)
def open_all() -> None:
    with transaction() as session:
        for queue_id in ids_of_adjudicated_queues(session):
            after_commit(session, partial(send, open_in, queue_id))
