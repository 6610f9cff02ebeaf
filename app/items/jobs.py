"""Imports in the background."""

from functools import partial
from pathlib import Path

from sqlalchemy.exc import OperationalError

from app.db import transaction
from app.items.actions import Progress, fail_import, note_progress
from app.items.actions import run_import as run_import_in
from app.items.report import upload_path
from app.worker import celery

CRASHED = "The import stopped because of an error in Evenhand or its database. Nothing was imported."


@celery.task(name="items.run_import", autoretry_for=(OperationalError,), retry_backoff=True)
def run_import(import_id: int) -> None:
    """Bring in the upload, and remove it once the import has ended. Harmless if it is run twice."""
    if import_file(import_id, upload_path(import_id)):
        upload_path(import_id).unlink(missing_ok=True)


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
