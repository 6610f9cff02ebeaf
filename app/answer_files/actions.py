"""Bringing in answers that people gave elsewhere: all the good ones of a file or a folder, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from psycopg import Connection
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.answer_files import statements
from app.answer_files.forms import LONGEST_QUEUE_NAME
from app.answer_files.intake import AnswerTally, batches_of
from app.answer_files.known import with_texts
from app.answer_files.people import add_accounts, has_imported_members
from app.answer_files.staging import ItemNames, create_staging, drop_staging, stage
from app.answer_files.told import Told, as_stored, told_of
from app.assignments.statements import LOCK_ALL_MEMBERS
from app.audit.actions import record
from app.audit.models import Action
from app.items.actions import (
    BEGUN,
    OnProgress,
    Progress,
    claim_import,
    end_import,
    kept_or_undone,
    start_import,
)
from app.items.files.records import FileRefused
from app.items.garbage import garbage_collection_paused
from app.items.intake import why_nothing_is_left
from app.items.models import Import
from app.items.reader import Files
from app.items.report import Outcome, Report, report_of
from app.projects.queries import taxonomy_of
from app.queues.actions import locked_queue
from app.queues.forms import NewQueue
from app.queues.models import Queue, QueueKind, QueueOrder

MOST_ANSWERS_OF_AN_ITEM = 30_000


@dataclass
class Brought:
    """What an import of answers came to. `queue_name`: of a folder, the names of all. `n_repeated`: second
    answers of one annotator to one item, left out; `n_known`: answers that were in the queue before."""

    queue_name: str = ""
    n_answers: int = 0
    n_repeated: int = 0
    n_known: int = 0
    n_annotators: int = 0


def start_answer_import(
    session: Session, project_id: int, file_name: str, n_bytes: int, told: Told, *, only_checks: bool = False
) -> Import:
    stored = as_stored(told)
    return start_import(session, project_id, file_name, n_bytes, only_checks=only_checks, answers_told=stored)


def import_answers(
    session: Session,
    import_id: int,
    path: Path,
    on_progress: OnProgress,
    accounts: Mapping[str, int] | None = None,
) -> Brought | None:
    """Make the answers in the file at `path` those of a queue that is finished; None if there is nothing to
    do (see app.items.actions.run_import). Those in a folder become a queue for each kind of answer.

    The queue is named as was told, or else as the file; of a folder, the kind stands behind. Where an earlier
    import made a queue of this name and kind, the answers that it lacks are added: the same file brought in
    again changes nothing. A file that can't be used ends the import as failed, and leaves nothing; nor does
    one that is only checked. `accounts`: of people who are here already, by the names that a file gives them;
    everyone else gets an account.
    """
    import_ = claim_import(session, import_id)
    if import_ is None:
        return None
    on_progress(BEGUN)
    told = told_of(import_.answers_told or {})
    tally, brought = AnswerTally(), Brought()
    with report_of(import_id, import_.file_name) as report:
        refused = kept_or_undone(
            session,
            import_,
            lambda: bring_in(
                session, import_, path, told, tally, report, brought, on_progress, accounts or {}
            ),
        )
    tally.n_known, tally.n_new_answers = brought.n_known, brought.n_answers
    end_import(session, import_, tally, report, refused)
    return Brought() if refused else brought


@dataclass
class Filling:
    """A queue that is being filled. `accounts`: by the names that the files give `annotators`."""

    queue: Queue
    accounts: dict[str, int] = field(default_factory=dict)
    names: ItemNames = field(default_factory=ItemNames)
    annotators: set[str] = field(default_factory=set)
    n_answers: int = 0


def bring_in(
    session: Session,
    import_: Import,
    path: Path,
    told: Told,
    tally: AnswerTally,
    report: Report,
    brought: Brought,
    on_progress: OnProgress,
    accounts: Mapping[str, int],
) -> None:
    """Each file of a folder by itself, those of one kind into one queue. Raises FileRefused."""
    connection = cast(Connection[Any], session.connection().connection.driver_connection)
    # An answer names the project's own harm categories alone.
    files = Files(path, (told.known_categories,))
    taxonomy = taxonomy_of(session, import_.project_id)
    fillings: dict[QueueKind, Filling] = {}
    with garbage_collection_paused(), connection.cursor() as cursor:
        for name, _, _, records in files:
            report.now_in(name, records.unit)
            tally.kind, filling = None, None
            create_staging(cursor)
            answers = batches_of(name, records, told, tally, report)
            for batch in with_texts(answers, cursor, import_.project_id, report):
                # It has answers, so their kind is known.
                kind = cast(QueueKind, tally.kind)
                if kind not in fillings:
                    queue = queue_for(session, import_, kind, queue_name(import_, path, told, kind))
                    fillings[kind] = Filling(queue, dict(accounts))
                filling = fillings[kind]
                annotators = dict.fromkeys(given.annotator for _, given in batch)
                add_accounts(session, filling.queue.id, filling.accounts, annotators)
                filling.annotators |= annotators.keys()
                n_new = stage(cursor, import_.project_id, batch, filling.names, filling.accounts, taxonomy)
                tally.n_new_qa_pairs += n_new[0]
                tally.n_new_response_sets += n_new[1]
                on_progress(Progress(files.n_bytes_read, tally.n_rows, report.n_errors))
            if filling is not None:
                fill(session, filling, report, brought)
            drop_staging(cursor)
    if not fillings:
        raise FileRefused(why_nothing_is_left(tally, report, records))
    for filling in fillings.values():
        note_filled(session, import_, filling, brought)


def queue_name(import_: Import, path: Path, told: Told, kind: QueueKind) -> str:
    name = (told.queue_name or import_.file_name).strip()
    behind = f" {kind}" if path.is_dir() else ""
    return name[: LONGEST_QUEUE_NAME - len(behind)] + behind


def queue_for(session: Session, import_: Import, kind: QueueKind, name: str) -> Queue:
    """The one that an earlier import made, or a new one: paused, and empty for now. Raises FileRefused."""
    found = session.scalar(select(Queue).where(Queue.project_id == import_.project_id, Queue.name == name))
    if found is None:
        return new_queue(session, import_, kind, name)
    if found.kind != kind or not has_imported_members(session, found.id):
        raise FileRefused(
            f"The project has a queue named {name!r} already, which holds no imported answers of this kind"
            f" ({kind}). Give the queue another name."
        )
    session.execute(LOCK_ALL_MEMBERS, {"queue_id": found.id})
    return found


def new_queue(session: Session, import_: Import, kind: QueueKind, name: str) -> Queue:
    """Its seed is the import's id, so that its report can be made again."""
    settings = NewQueue(
        name=name, kind=kind, overlap=1, edit_minutes=0, item_order=QueueOrder.IMPORTED, blur_from=None
    )
    queue = Queue(project_id=import_.project_id, seed=import_.id, **settings.model_dump())
    session.add(queue)
    session.flush()
    return queue


def fill(session: Session, filling: Filling, report: Report, brought: Brought) -> None:
    """Staged answers become the queue's: submitted, each in a place of its item's. Raises FileRefused."""
    queue = filling.queue
    values = {"queue_id": queue.id}
    session.execute(statements.ANALYZE)
    leave_out_second_answers(session, report, brought)
    brought.n_known += n_rows(session, statements.DROP_KNOWN, values)
    most = session.scalars(statements.MOST_ANSWERS).one()
    if most > MOST_ANSWERS_OF_AN_ITEM:
        raise FileRefused(f"An item has {most:,} answers; {MOST_ANSWERS_OF_AN_ITEM:,} is the most.")
    session.execute(statements.ADD_MEMBERS, values)
    last_pos = locked_queue(session, queue.id).last_pos
    taxonomy = taxonomy_of(session, queue.project_id)
    names = {"category_names": list(taxonomy.category_names)}
    session.execute(statements.TAKE_PLACES, values | names | {"last_pos": last_pos})
    filling.n_answers += n_rows(session, statements.ADD_ASSIGNMENTS, values)
    session.execute(statements.FORGET_PLANS)
    version = {"taxonomy_version": taxonomy.version}
    for dimension in queue.steps:
        session.execute(statements.add_annotations(dimension), values | version)
    session.execute(statements.FIT_QUEUE, values)
    session.expire(queue)


def note_filled(session: Session, import_: Import, filling: Filling, brought: Brought) -> None:
    queue, n_annotators = filling.queue, len(filling.annotators)
    brought.queue_name = f"{brought.queue_name}, {queue.name}" if brought.queue_name else queue.name
    brought.n_answers += filling.n_answers
    brought.n_annotators += n_annotators
    after = {"import": import_.id, "n_answers": filling.n_answers, "n_annotators": n_annotators}
    record(session, Action.IMPORTED, "answers", project_id=import_.project_id, queue_id=queue.id, after=after)


def leave_out_second_answers(session: Session, report: Report, brought: Brought) -> None:
    for line, first_line in session.execute(statements.REPEATED):
        brought.n_repeated += 1
        reason = f"answered this item on line {first_line} already; left out, the first counts"
        report.warn(line, "annotator", reason, Outcome.LEFT_OUT)
    if brought.n_repeated:
        session.execute(statements.DROP_REPEATED)


def n_rows(session: Session, statement: Any, values: dict[str, int]) -> int:
    done = session.execute(statement, values, execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]
