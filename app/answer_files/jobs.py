"""Bringing in a file of answers, seen by others while it runs."""

from functools import partial
from pathlib import Path

from sqlalchemy.exc import OperationalError

from app.answer_files.actions import Brought, import_answers
from app.db import after_commit, transaction
from app.items.jobs import remove_ended_upload, run_watched, show_progress
from app.items.queries import ids_not_ended
from app.items.report import upload_path
from app.worker import celery, send


@celery.task(name="answer_files.run_import", autoretry_for=(OperationalError,), retry_backoff=True)
def run_answer_import(import_id: int) -> None:
    """Bring in the upload, and remove it once the import has ended. Harmless if it is run twice."""
    if import_answer_file(import_id, upload_path(import_id)):
        remove_ended_upload(import_id)


@celery.task(name="answer_files.resume_imports", autoretry_for=(OperationalError,), retry_backoff=True)
def resume_answer_imports() -> None:
    """Send what was lost, as app.items.jobs.resume_imports does."""
    with transaction() as session:
        for import_id in ids_not_ended(session, of_answers=True):
            after_commit(session, partial(send, run_answer_import, import_id))


def import_answer_file(import_id: int, path: Path) -> Brought | None:
    """None if there was nothing to do, or the import was cancelled."""
    show = partial(show_progress, import_id)
    return run_watched(import_id, lambda session: import_answers(session, import_id, path, show))
