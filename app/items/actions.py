"""Importing a file: all of its good rows, or nothing. Checking one: the same, and nothing is kept."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, cast

from psycopg import Connection
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict
from app.i18n import gettext as _
from app.items.copying import CopyingBeside
from app.items.files.records import FileRefused
from app.items.findings import look_at_texts
from app.items.garbage import garbage_collection_paused
from app.items.intake import Tally, batches_of
from app.items.mapping import FieldMaps, Mappings, UnknownShape, as_stored, columns_sha256, maps_of
from app.items.merge import Merged, Numbered, known_content, merge
from app.items.models import Import, ImportMapping, ImportState, Item
from app.items.options import ImportOptions
from app.items.reader import Files
from app.items.report import Outcome, Report, report_of, upload_path
from app.items.similar import MOST_COMPARED, SimilarResponses
from app.items.texts.languages import identifier_read_beside
from app.items.vocabularies import vocabularies_of
from app.projects.queries import taxonomy_of

LONGEST_FILE_NAME = 255
NOT_ENDED = (ImportState.WAITING, ImportState.RUNNING)


class ImportEnded(Conflict):
    """Someone has cancelled this import, or another worker has ended it."""


class Progress(NamedTuple):
    n_bytes_read: int
    n_rows: int
    n_rejected: int


BEGUN = Progress(0, 0, 0)
OnProgress = Callable[[Progress], None]


def start_import(
    session: Session,
    project_id: int,
    file_name: str,
    n_bytes: int,
    *,
    only_checks: bool = False,
    maps: FieldMaps | None = None,
    answers_told: dict[str, Any] | None = None,
    options: ImportOptions | None = None,
) -> Import:
    """`file_name`: as people know it; made printable. `n_bytes`: its size on disk. `maps`: told of its
    columns. `answers_told`: of a file of answers (see `Import`)."""
    started = Import(
        project_id=project_id,
        file_name=printable(file_name)[:LONGEST_FILE_NAME],
        n_bytes=n_bytes,
        only_checks=only_checks,
        mapping=None if maps is None else as_stored(maps),
        answers_told=answers_told,
        options=(options or ImportOptions()).model_dump(),
    )
    session.add(started)
    session.flush()
    note(session, Action.CHECKED if only_checks else Action.IMPORTED, started)
    return started


def note(session: Session, action: Action, import_: Import, **after: Any) -> None:
    after = {"import": import_.id, "file_name": import_.file_name} | after
    record(session, action, "import", project_id=import_.project_id, after=after)


def printable(text: str) -> str:
    """PostgreSQL can't store NUL, and a page should not show what is no letter."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def run_import(session: Session, import_id: int, path: Path, on_progress: OnProgress) -> bool:
    """Bring in, or check, the file or the folder at `path`; False if there is nothing to do.

    That is so if the import has ended, or if another transaction is at it. A lock held to the end of this
    transaction tells: if it is free, whoever marked the import as running has died, and left no row
    behind. `on_progress` is called at the start and after each batch; raises ImportEnded where it does. A
    file that can't be used ends the import as failed, with nothing imported; but an upload whose columns
    nobody knows, or of which a wrong thing was told, waits to be told them.
    """
    import_ = claim_import(session, import_id)
    if import_ is None:
        return False
    on_progress(BEGUN)
    names = taxonomy_of(session, import_.project_id).category_names
    tally = Tally(frozenset(names), mappings=mappings_for(session, import_))
    with report_of(import_id, import_.file_name) as report:
        refused = kept_or_undone(
            session, import_, lambda: bring_in(session, import_, path, tally, report, on_progress)
        )
    remember_columns(session, import_, tally.mappings, refused)
    end_import(session, import_, tally, report, refused)
    return True


def kept_or_undone(session: Session, import_: Import, bring: Callable[[], None]) -> FileRefused | None:
    """What it brings is undone where the file is refused, which is returned; or is only to be checked."""
    newest_id = session.scalar(select(func.max(Item.id)).where(Item.project_id == import_.project_id)) or 0
    try:
        with session.begin_nested() as part:
            bring()
            if import_.only_checks:
                part.rollback()
    except FileRefused as refused:
        return refused
    note_items(session, import_, newest_id)
    return None


def note_items(session: Session, import_: Import, newest_id: int) -> None:
    """Which items it brought: nobody else brings the project any meanwhile. `newest_id`: before it began."""
    brought = select(func.min(Item.id), func.max(Item.id)).where(
        Item.project_id == import_.project_id, Item.id > newest_id
    )
    import_.first_item_id, import_.last_item_id = session.execute(brought).one()


def mappings_for(session: Session, import_: Import) -> Mappings:
    if import_.mapping is not None:
        return Mappings(told=maps_of(import_.mapping))
    known = session.execute(
        select(ImportMapping.columns_sha256, ImportMapping.maps).where(
            ImportMapping.project_id == import_.project_id
        )
    )
    return Mappings(remembered={key: maps_of(maps) for key, maps in known})


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
    files = Files(path, vocabularies_of(tally.category_names))
    options = ImportOptions.model_validate(import_.options)
    similar = SimilarResponses(options.leave_out_similar)
    with identifier_read_beside(), garbage_collection_paused(), CopyingBeside(connection) as copying:
        for read in batches_of(files, tally, report):
            look_at_texts(read, tally.findings, report)
            copying.wait()
            merge_batch(import_, read, similar, copying, tally, report)
            on_progress(Progress(files.n_bytes_read, tally.n_rows, report.n_errors))
            # Or else it would stay until the next one is there too.
            del read


def merge_batch(
    import_: Import,
    read: list[Numbered],
    similar: SimilarResponses,
    copying: CopyingBeside,
    tally: Tally,
    report: Report,
) -> None:
    """Nobody else may use the connection meanwhile; when this returns, it is used to copy."""
    with copying.connection.cursor() as cursor:
        rows = (row for _, row in read)
        known = known_content(cursor, import_.project_id, rows, n_texts=MOST_COMPARED)
        batch = similar.sifted(known, read, tally.findings, report)
        merged = merge(cursor, import_.project_id, import_.id, batch, known)
    copying.begin(merged.copies)
    similar.remember(batch, merged.response_ids, report.in_file)
    count_merged(merged, tally, report)
    report.settle(outcomes(read, batch, merged))


def count_merged(merged: Merged, tally: Tally, report: Report) -> None:
    tally.n_new_qa_pairs += merged.n_new_qa_pairs
    tally.n_new_response_sets += merged.n_new_response_sets
    tally.n_known += merged.n_known
    for line, dimension in merged.relabelled:
        reason = "the same content has another label on an earlier line; kept that"
        report.warn(line, dimension, reason, Outcome.MERGED)


def outcomes(read: list[Numbered], batch: list[Numbered], merged: Merged) -> dict[int, Outcome]:
    """By line, where it is not IMPORTED. `batch`: what was left of what was read."""
    left_out = {line for line, _ in read} - {line for line, _ in batch}
    return dict.fromkeys(merged.known_lines, Outcome.MERGED) | dict.fromkeys(left_out, Outcome.LEFT_OUT)


def remember_columns(
    session: Session, import_: Import, mappings: Mappings, refused: FileRefused | None
) -> None:
    """What was told and could be used, for the next file with the same columns; the import says what was."""
    for columns, maps in mappings.used.items():
        import_.mapping = as_stored(maps)
        if mappings.told is None or refused is not None:
            continue
        told = {"columns": [printable(name) for name in columns], "maps": import_.mapping, "told_at": now()}
        key = {"project_id": import_.project_id, "columns_sha256": columns_sha256(columns)}
        session.execute(
            insert(ImportMapping)
            .values(**key, **told)
            .on_conflict_do_update(index_elements=list(key), set_=told)
        )


def end_import(
    session: Session, import_: Import, tally: Tally, report: Report, refused: FileRefused | None
) -> None:
    """Raises ImportEnded, so that nothing is kept, if the import was cancelled meanwhile."""
    is_told_wrong = import_.only_checks and tally.mappings.told is not None
    can_be_told = isinstance(refused, UnknownShape) or (refused is not None and is_told_wrong)
    lacks_columns = can_be_told and upload_path(import_.id).exists()
    error = refused.message if refused and not lacks_columns else None
    is_check = import_.only_checks or lacks_columns
    n_new = (0, 0, 0) if refused else (tally.n_new_qa_pairs, tally.n_new_response_sets, tally.n_new_answers)
    change_unless_ended(
        session,
        import_.id,
        state=ImportState.FAILED if error else ImportState.CHECKED if is_check else ImportState.DONE,
        error=printable(error) if error else None,
        shape=None if lacks_columns else ", ".join(tally.shape_names) or None,
        n_bytes_read=import_.n_bytes,
        n_rows=tally.n_rows,
        n_rejected=report.n_errors,
        n_warnings=report.n_warnings,
        n_new_qa_pairs=n_new[0],
        n_new_response_sets=n_new[1],
        n_new_answers=n_new[2],
        n_known=0 if refused else tally.n_known,
        findings=tally.findings.as_json(),
        finished_at=now(),
    )


def note_progress(session: Session, import_id: int, progress: Progress) -> None:
    """In a transaction of its own, so that it is seen while the import is running. Raises ImportEnded."""
    started = {"started_at": now()} if progress == BEGUN else {}
    change_unless_ended(
        session,
        import_id,
        state=ImportState.RUNNING,
        n_bytes_read=progress.n_bytes_read,
        n_rows=progress.n_rows,
        n_rejected=progress.n_rejected,
        **started,
    )


def change_unless_ended(session: Session, import_id: int, **values: Any) -> None:
    """Raises ImportEnded."""
    statement = update(Import).where(Import.id == import_id, Import.state.in_(NOT_ENDED)).values(**values)
    if session.scalar(statement.returning(Import.id)) is None:
        raise ImportEnded(_("This import has already ended."))


def fail_import(session: Session, import_id: int, error: str) -> None:
    """`error`: a sentence. Does nothing if the import has ended."""
    with suppress(ImportEnded):
        change_unless_ended(session, import_id, state=ImportState.FAILED, error=error, finished_at=now())
