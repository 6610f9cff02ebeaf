"""Background work on places: leases that ran out, other overlaps, stages that became ready."""

from functools import partial

from sqlalchemy.exc import OperationalError

from app.assignments.actions import expire_leases
from app.assignments.interventions import apply_overlap, open_ready_sets
from app.assignments.queries import ids_of_queues_to_sweep, ids_of_waiting_queues
from app.assignments.states import drained_queues, end_drained
from app.db import after_commit, transaction
from app.worker import celery, send


@celery.task(name="assignments.expire_leases", autoretry_for=(OperationalError,), retry_backoff=True)
def expire_all_leases() -> None:
    with transaction() as session:
        queue_ids = ids_of_queues_to_sweep(session)
    for queue_id in queue_ids:
        with transaction() as session:
            expire_leases(session, queue_id)


@celery.task(name="assignments.end_drained", autoretry_for=(OperationalError,), retry_backoff=True)
def end_all_drained() -> None:
    with transaction() as session:
        queue_ids = drained_queues(session)
    for queue_id in queue_ids:
        with transaction() as session:
            end_drained(session, queue_id)


@celery.task(name="assignments.change_overlap", autoretry_for=(OperationalError,), retry_backoff=True)
def change_overlap(queue_id: int) -> None:
    """In batches, so that annotators wait for one at most. Run again, it goes through all once more."""
    done_to: int | None = 0
    while done_to is not None:
        with transaction() as session:
            done_to = apply_overlap(session, queue_id, done_to)


@celery.task(name="assignments.open_ready", autoretry_for=(OperationalError,), retry_backoff=True)
def open_ready() -> None:
    with transaction() as session:
        for queue_id in ids_of_waiting_queues(session):
            after_commit(session, partial(send, open_ready_in, queue_id))


@celery.task(name="assignments.open_ready_in", autoretry_for=(OperationalError,), retry_backoff=True)
def open_ready_in(queue_id: int) -> None:
    with transaction() as session:
        open_ready_sets(session, queue_id)
