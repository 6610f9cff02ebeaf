"""Agreement in the background, on demand and nightly."""

from datetime import date
from functools import partial

from sqlalchemy.exc import OperationalError

from app.agreement.actions import adapt_overlap, compute_agreement, follow_answers
from app.agreement.duplicates import search_near_duplicates
from app.agreement.models import AgreementReport
from app.agreement.queries import ids_of_adaptive_queues, queues_with_changes
from app.db import after_commit, now, transaction
from app.projects.queries import all_projects
from app.queues.queries import all_queues
from app.worker import celery, send


@celery.task(name="agreement.compute", autoretry_for=(OperationalError,), retry_backoff=True)
def compute(queue_id: int, night: str | None = None) -> None:
    """`night`: ISO date (UTC) where it is that night's; a second run then makes nothing new."""
    computed(queue_id, date.fromisoformat(night) if night else None)


def computed(queue_id: int, night: date | None = None) -> AgreementReport:
    """Models and posteriors first, by themselves: others may write these meanwhile, which a snapshot, the
    one that the report reads, can't do."""
    with transaction() as session:
        follow_answers(session, queue_id, fits=True)
    with transaction(snapshot=True) as session:
        return compute_agreement(session, queue_id, night)


@celery.task(name="agreement.follow", autoretry_for=(OperationalError,), retry_backoff=True)
def follow(queue_id: int) -> None:
    with transaction() as session:
        follow_answers(session, queue_id)


@celery.task(name="agreement.follow_all", autoretry_for=(OperationalError,), retry_backoff=True)
def follow_all() -> None:
    with transaction() as session:
        for queue_id in queues_with_changes(session):
            after_commit(session, partial(send, follow, queue_id))


@celery.task(name="agreement.find_near_duplicates", autoretry_for=(OperationalError,), retry_backoff=True)
def find_near_duplicates(project_id: int) -> None:
    with transaction() as session:
        search_near_duplicates(session, project_id)


@celery.task(name="agreement.find_all_near_duplicates", autoretry_for=(OperationalError,), retry_backoff=True)
def find_all_near_duplicates() -> None:
    with transaction() as session:
        for project in all_projects(session):
            after_commit(session, partial(send, find_near_duplicates, project.id))


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
def nightly(day: str | None = None) -> None:
    """`day`: ISO date, UTC; today where it is not given."""
    night = day or now().date().isoformat()
    with transaction() as session:
        for queue in all_queues(session):
            after_commit(session, partial(compute.delay, queue.id, night))
