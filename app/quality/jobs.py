"""Looking at annotators' answers in the background."""

from functools import partial

from sqlalchemy.exc import OperationalError

from app.db import after_commit, transaction
from app.quality.actions import review_trust
from app.quality.queries import queues_with_news
from app.worker import celery, send


@celery.task(name="quality.review", autoretry_for=(OperationalError,), retry_backoff=True)
def review(queue_id: int) -> None:
    with transaction() as session:
        review_trust(session, queue_id)


@celery.task(name="quality.review_all", autoretry_for=(OperationalError,), retry_backoff=True)
def review_all() -> None:
    with transaction() as session:
        for queue_id in queues_with_news(session):
            after_commit(session, partial(send, review, queue_id))
