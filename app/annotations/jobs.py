"""Background work on answers."""

import logging

from sqlalchemy.exc import OperationalError

from app.annotations.check import check_all_of
from app.assignments.check import Found, note_check
from app.db import transaction
from app.queues.queries import all_queues
from app.worker import celery

log = logging.getLogger("evenhand.check")


@celery.task(name="annotations.check", autoretry_for=(OperationalError,), retry_backoff=True)
def check() -> None:
    """Every queue's invariants. Breaks are noted for the admin and in the log; nothing is changed."""
    with transaction() as session:
        queues = all_queues(session)
    for queue in queues:
        for each in noted_check(queue.id):
            log.error("queue %s: %s: %s (ids %s ...)", queue.id, each.what, each.n, each.ids)


def noted_check(queue_id: int) -> list[Found]:
    """The breaks there are. Noted apart: a snapshot can't write a row that others write meanwhile."""
    with transaction(snapshot=True) as session:
        found = check_all_of(session, queue_id)
    with transaction() as session:
        note_check(session, queue_id, found)
    return found
