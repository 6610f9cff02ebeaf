"""Bringing in a file of answers, seen by others while it runs."""

from functools import partial
from pathlib import Path

from app.answer_files.actions import Brought, import_answers
from app.answer_files.told import Told
from app.db import transaction
from app.items.actions import fail_import
from app.items.jobs import CRASHED, show_progress


def import_answer_file(import_id: int, path: Path, told: Told) -> Brought | None:
    """As app.items.jobs.import_file does it: one transaction, its progress in short ones beside it."""
    is_over = False
    try:
        with transaction() as session:
            brought = import_answers(session, import_id, path, told, partial(show_progress, import_id))
        is_over = True
    finally:
        if not is_over:
            with transaction() as session:
                fail_import(session, import_id, CRASHED)
    return brought
