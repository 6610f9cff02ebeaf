"""Files of answers, and the shortest way to bring one in."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.check import check_all_of
from app.annotations.models import Annotation
from app.answer_files.actions import Brought, import_answers, start_answer_import
from app.answer_files.told import Told
from app.assignments.models import Assignment
from app.items.models import Import
from app.projects.models import Project
from app.queues.models import Queue
from tests.items.samples import JsonObject, json_lines, no_progress

NOTHING_TOLD = Told()


class Ended(NamedTuple):
    import_: Import
    brought: Brought


def safety(annotator: object, **changes: object) -> JsonObject:
    """A safe answer to a question about fjords."""
    row = {"annotator": annotator, "prompt": "What is a fjord?", "response": "An inlet.", "is_safe": True}
    return row | changes


def unsafe(annotator: object, **changes: object) -> JsonObject:
    label = {"is_safe": False, "harm_category": ["Violence"], "severity_level": 2}
    return safety(annotator) | label | changes


def preference(annotator: object, better: object, **changes: object) -> JsonObject:
    texts = {"prompt": "What is a fjord?", "response_0": "An inlet.", "response_1": "A boat."}
    return {"annotator": annotator, **texts, "better_response_id": better} | changes


def bring_in(
    session: Session, project: Project, rows: Iterable[object], home: Path, told: Told = NOTHING_TOLD
) -> Ended:
    """The ended import, whose queue is checked."""
    return bring_in_file(session, project, gzip.compress(json_lines(rows)), home, told)


def bring_in_file(
    session: Session, project: Project, content: bytes, home: Path, told: Told = NOTHING_TOLD
) -> Ended:
    path = home / "answers.jsonl"
    path.write_bytes(content)
    return bring_in_path(session, project, path, told)


def bring_in_path(session: Session, project: Project, path: Path, told: Told = NOTHING_TOLD) -> Ended:
    started = start_answer_import(session, project.id, path.name, path.stat().st_size, told)
    brought = import_answers(session, started.id, path, no_progress)
    assert brought is not None
    session.expire_all()
    for queue in session.scalars(select(Queue).where(Queue.project_id == project.id)):
        assert check_all_of(session, queue.id) == []
    return Ended(started, brought)


def queue_in(session: Session, project: Project) -> Queue:
    """The only one."""
    return session.scalars(select(Queue).where(Queue.project_id == project.id)).one()


def stored(session: Session, queue: Queue) -> list[tuple[str, Annotation]]:
    """Each answer with its annotator's name in the file, in the file's order."""
    rows = session.execute(
        select(User.username, Annotation)
        .join(Assignment, Assignment.annotator_id == User.id)
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .where(Assignment.queue_id == queue.id)
        .order_by(Annotation.id)
    )
    return [(username.removeprefix(f"import-{queue.id}-"), answer) for username, answer in rows]
