"""Reading new items in the background, so that they are found by their words."""

from functools import partial

from sqlalchemy.exc import OperationalError

from app.db import after_commit, transaction
from app.search.indexing import newest_item_id, projects_to_read, read_items
from app.worker import celery, send


@celery.task(name="search.read_new", autoretry_for=(OperationalError,), retry_backoff=True)
def read_new(project_id: int) -> None:
    read_all(project_id)


def read_all(project_id: int) -> None:
    """Each batch is stored by itself, so that another worker goes on where this one was killed."""
    with transaction() as session:
        newest_id = newest_item_id(session, project_id)
    has_more = newest_id is not None
    while newest_id is not None and has_more:
        with transaction() as session:
            has_more = read_items(session, project_id, newest_id)


@celery.task(name="search.read_all_new", autoretry_for=(OperationalError,), retry_backoff=True)
def read_all_new() -> None:
    with transaction() as session:
        for project_id in projects_to_read(session):
            after_commit(session, partial(send, read_new, project_id))
