"""Imports in the background."""

from functools import partial
from pathlib import Path

from sqlalchemy.exc import OperationalError

from app.db import after_commit, transaction
from app.items.actions import Progress, fail_import, note_progress
from app.items.actions import run_import as run_import_in
from app.items.queries import ids_not_ended
from app.items.report import upload_path
from app.worker import celery, send

CRASHED = "The import stopped because of an error in Evenhand or its database. Nothing was imported."


@celery.task(name="items.run_import", autoretry_for=(OperationalError,), retry_backoff=True)
def run_import(import_id: int) -> None:
    """Bring in the upload, and remove it once the import has ended. Harmless if it is run twice."""
    if import_file(import_id, upload_path(import_id)):
        upload_path(import_id).unlink(missing_ok=True)


@celery.task(name="items.resume_imports", autoretry_for=(OperationalError,), retry_backoff=True)
def resume_imports() -> None:
    """Send what was lost: a message the broker forgot, or one whose worker was killed."""
    with transaction() as session:
        for import_id in ids_not_ended(session):
            after_commit(session, partial(send, run_import, import_id))


def import_file(import_id: int, path: Path) -> bool:
    """The import's content in one transaction; its progress in short ones beside it, for others to see.

    False if there was nothing to do. Whatever stops it, the import does not stay running: it ends as
    failed, unless the database can't be reached either; then a later run takes it up again.
    """
    is_over = False
    try:
        with transaction() as session:
            is_ended = run_import_in(session, import_id, path, partial(show_progress, import_id))
        is_over = True
    finally:
        if not is_over:
            with transaction() as session:
                fail_import(session, import_id, CRASHED)
    return is_ended


def show_progress(import_id: int, progress: Progress) -> None:
    with transaction() as session:
        note_progress(session, import_id, progress)
