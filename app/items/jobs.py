"""Imports in the background."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import after_commit, transaction
from app.items.actions import ImportEnded, Progress, fail_import, note_progress
from app.items.actions import run_import as run_import_in
from app.items.deciding import expire_checked
from app.items.models import ImportState
from app.items.queries import ids_ended, ids_not_ended, import_of
from app.items.report import report_path, upload_path
from app.items.uploads import ids_of_uploads, remove_upload
from app.worker import celery, send

Result = TypeVar("Result")

CRASHED = "The import stopped because of an error in Evenhand or its database. Nothing was imported."


@celery.task(name="items.run_import", autoretry_for=(OperationalError,), retry_backoff=True)
def run_import(import_id: int) -> None:
    """Bring in the upload, and remove it once the import has ended. Harmless if it is run twice."""
    if import_file(import_id, upload_path(import_id)):
        remove_ended_upload(import_id)


def remove_ended_upload(import_id: int) -> None:
    """One that was only checked is still to be brought in."""
    with transaction() as session:
        state = import_of(session, import_id).state
    if state in (ImportState.DONE, ImportState.FAILED):
        remove_upload(import_id)


@celery.task(name="items.resume_imports", autoretry_for=(OperationalError,), retry_backoff=True)
def resume_imports() -> None:
    """Send what was lost: a message the broker forgot, or one whose worker was killed."""
    with transaction() as session:
        for import_id in ids_not_ended(session, of_answers=False):
            after_commit(session, partial(send, run_import, import_id))


@celery.task(name="items.remove_uploads", autoretry_for=(OperationalError,), retry_backoff=True)
def remove_uploads() -> None:
    """Those that nobody imported for so long, and what was left of imports that have ended."""
    here = ids_of_uploads()
    with transaction() as session:
        expire_checked(session, here)
        for import_id in ids_ended(session, here):
            after_commit(session, partial(remove_upload, import_id))


def import_file(import_id: int, path: Path) -> bool:
    """False if there was nothing to do, or the import was cancelled."""
    show = partial(show_progress, import_id)
    return bool(run_watched(import_id, lambda session: run_import_in(session, import_id, path, show)))


def run_watched(import_id: int, run: Callable[[Session], Result]) -> Result | None:
    """`run` in one transaction; the progress in short ones beside it, for others to see.

    None if the import was cancelled meanwhile: then it leaves nothing. Whatever else stops it, the import
    does not stay running: it ends as failed, unless the database can't be reached either; then a later run
    takes it up again.
    """
    is_over = False
    try:
        with transaction() as session:
            result = run(session)
        is_over = True
    except ImportEnded:
        is_over = True
        report_path(import_id).unlink(missing_ok=True)
        return None
    finally:
        if not is_over:
            with transaction() as session:
                fail_import(session, import_id, CRASHED)
    return result


def show_progress(import_id: int, progress: Progress) -> None:
    with transaction() as session:
        note_progress(session, import_id, progress)
