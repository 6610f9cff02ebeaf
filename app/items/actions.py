"""Importing a file: all of its good rows, or nothing."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from psycopg import Connection
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict
from app.items.files.records import FileRefused
from app.items.findings import look_at_texts
from app.items.forms import ImportOptions
from app.items.intake import Tally, batches_of
from app.items.merge import Merged, merge
from app.items.models import Import, ImportState
from app.items.reader import Files
from app.items.report import Report, report_of
from app.items.similar import SimilarResponses
from app.items.texts.languages import identifier

LONGEST_FILE_NAME = 255
NOT_ENDED = (ImportState.WAITING, ImportState.RUNNING)


class ImportEnded(Conflict):
    """Another worker has ended this import."""


class Progress(NamedTuple):
    n_bytes_read: int
    n_rows: int
    n_rejected: int


OnProgress = Callable[[Progress], None]


def start_import(
    session: Session,
    project_id: int,
    file_name: str,
    n_bytes: int,
    options: ImportOptions | None = None,
) -> Import:
    """`file_name`: as people know it; made printable. `n_bytes`: its size on disk."""
    started = Import(
        project_id=project_id,
        file_name=printable(file_name)[:LONGEST_FILE_NAME],
        n_bytes=n_bytes,
        options=(options or ImportOptions()).model_dump(),
    )
    session.add(started)
    session.flush()
    after = {"import": started.id, "file_name": started.file_name}
    record(session, Action.IMPORTED, "import", project_id=project_id, after=after)
    return started


def printable(text: str) -> str:
    """PostgreSQL can't store NUL, and a page should not show what is no letter."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def run_import(session: Session, import_id: int, path: Path, on_progress: OnProgress) -> bool:
    """Bring in the file or the folder at `path`; False if there is nothing to do.

    That is so if the import has ended, or if another transaction is at it. A lock held to the end of this
    transaction tells: if it is free, whoever marked the import as running has died, and left no row
    behind. `on_progress` is called at the start and after each batch. A file that can't be used ends the
    import as failed, with nothing imported.
    """
    import_ = claim_import(session, import_id)
    if import_ is None:
        return False
    on_progress(Progress(0, 0, 0))
    tally = Tally()
    error = None
    with report_of(import_id, import_.file_name) as report:
        try:
            with session.begin_nested():
                bring_in(session, import_, path, tally, report, on_progress)
        except FileRefused as refused:
            error = refused.message
    end_import(session, import_, tally, report, error)
    return True


def claim_import(session: Session, import_id: int) -> Import | None:
    """The import if it is this transaction's to run. Waits while another one of its project is running."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(lock_key("import", import_id)))):
        return None
    import_ = session.get(Import, import_id)
    if import_ is None or import_.state not in NOT_ENDED:
        return None
    session.execute(select(func.pg_advisory_xact_lock(lock_key("import into project", import_.project_id))))
    return import_


def lock_key(subject: str, id_: int) -> Any:
    return func.hashtextextended(f"{subject} {id_}", 0)


def bring_in(
    session: Session, import_: Import, path: Path, tally: Tally, report: Report, on_progress: OnProgress
) -> None:
    """Raises FileRefused."""
    connection = cast(Connection[Any], session.connection().connection.driver_connection)
    # Before there are rows, since that takes memory for a moment.
    identifier()
    files = Files(path)
    similar = SimilarResponses(
        import_.project_id, ImportOptions.model_validate(import_.options).leave_out_similar
    )
    with garbage_collection_paused():
        for read in batches_of(files, tally, report):
            look_at_texts(read, tally.findings, report)
            batch = similar.sifted(connection, read, tally.findings, report)
            if batch:
                merged = merge(connection, import_.project_id, import_.id, batch)
                similar.remember(batch, merged.response_ids, report.in_file)
                count_merged(merged, tally, report)
            on_progress(Progress(files.n_bytes_read, tally.n_rows, report.n_errors))


def count_merged(merged: Merged, tally: Tally, report: Report) -> None:
    tally.n_new_qa_pairs += merged.n_new_qa_pairs
    tally.n_new_response_sets += merged.n_new_response_sets
    for line, dimension in merged.relabelled:
        report.warn(line, dimension, "the same content has another label on an earlier line; kept that")


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Rows make no cycles, and looking for some among them takes a third of an import's time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def end_import(session: Session, import_: Import, tally: Tally, report: Report, error: str | None) -> None:
    """Raises ImportEnded, so that nothing is kept, if the import was given up meanwhile."""
    n_new = (0, 0) if error else (tally.n_new_qa_pairs, tally.n_new_response_sets)
    ended = session.scalar(
        update(Import)
        .where(Import.id == import_.id, Import.state.in_(NOT_ENDED))
        .values(
            state=ImportState.FAILED if error else ImportState.DONE,
            error=printable(error) if error else None,
            shape=", ".join(tally.shape_names) or None,
            findings=tally.findings.as_json(),
            n_bytes_read=import_.n_bytes,
            n_rows=tally.n_rows,
            n_rejected=report.n_errors,
            n_warnings=report.n_warnings,
            n_new_qa_pairs=n_new[0],
            n_new_response_sets=n_new[1],
            finished_at=now(),
        )
        .returning(Import.id)
    )
    if ended is None:
        raise ImportEnded("This import has already ended.")


def note_progress(session: Session, import_id: int, progress: Progress) -> None:
    """In a transaction of its own, so that it is seen while the import is running."""
    session.execute(
        update(Import)
        .where(Import.id == import_id, Import.state.in_(NOT_ENDED))
        .values(
            state=ImportState.RUNNING,
            n_bytes_read=progress.n_bytes_read,
            n_rows=progress.n_rows,
            n_rejected=progress.n_rejected,
        )
    )


def fail_import(session: Session, import_id: int, error: str) -> None:
    """`error`: a sentence. Does nothing if the import has ended."""
    session.execute(
        update(Import)
        .where(Import.id == import_id, Import.state.in_(NOT_ENDED))
        .values(state=ImportState.FAILED, error=error, finished_at=now())
    )
