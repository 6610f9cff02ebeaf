"""Reads about threads: what annotators asked about their items, and what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, union
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.assignments.models import Assignment
from app.comments.models import Comment
from app.errors import NotFound
from app.i18n import gettext as _
from app.items.models import Item, Prompt
from app.queues.models import Queue

PROMPT_CHARACTERS = 200

IS_ANSWER = Comment.author_id != Assignment.annotator_id
IS_UNREAD = Comment.read_at.is_(None)
UNREAD_ANSWER = IS_ANSWER & IS_UNREAD
UNANSWERED = ~IS_ANSWER & IS_UNREAD


@dataclass(frozen=True, slots=True)
class Said:
    """`is_answer`: by an admin, not by the annotator."""

    author: str
    is_answer: bool
    text: str
    created_at: datetime
    is_unread: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """Of one assignment. `prompt`: its first 200 characters; `n_waiting`: comments that the reader has not
    read."""

    comments: list[Said]
    assignment_id: int
    item_id: int
    queue_name: str
    asked_by: str
    prompt: str
    n_waiting: int


def threads_of_annotator(session: Session, annotator_id: int, limit: int) -> list[Thread]:
    """Those with unread answers first, then by the newest comment."""
    mine = (Assignment.annotator_id == annotator_id) & Comment.id.is_not(None)
    return threads(session, mine, UNREAD_ANSWER, limit)


def threads_of_project(session: Session, project_id: int, limit: int) -> list[Thread]:
    """Those that nobody has answered first, then by the newest comment."""
    first = first_threads(session, project_id, limit)
    return threads(session, Assignment.id.in_(first), UNANSWERED, limit)


def first_threads(session: Session, project_id: int, limit: int) -> Sequence[int]:
    """Assignments: `limit` of those unanswered, and `limit` with the newest comments. Both end early: of one
    kind there are few, the other's are met from the newest comment back."""
    later = aliased(Comment)
    is_newest = ~exists().where(later.assignment_id == Comment.assignment_id, later.id > Comment.id)
    of_project = (
        select(Comment.assignment_id)
        .join(Assignment, Assignment.id == Comment.assignment_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Queue.project_id == project_id)
    )
    unanswered = (
        of_project.where(UNANSWERED)
        .group_by(Comment.assignment_id)
        .order_by(func.max(Comment.id).desc())
        .limit(limit)
    )
    newest = of_project.where(is_newest).order_by(Comment.id.desc()).limit(limit)
    parts = (select(part.subquery().c.assignment_id) for part in (unanswered, newest))
    return session.scalars(union(*parts)).all()


def thread_of(session: Session, assignment_id: int, annotator_id: int) -> Thread:
    """Also where nothing was asked yet. Raises NotFound for someone else's assignment."""
    mine = (Assignment.id == assignment_id) & (Assignment.annotator_id == annotator_id)
    found = threads(session, mine, UNREAD_ANSWER, 1)
    if not found:
        raise NotFound(_("There is no such assignment of yours."))
    return found[0]


def threads(
    session: Session, which: ColumnElement[bool], waiting: ColumnElement[bool], limit: int
) -> list[Thread]:
    n_waiting = func.count().filter(waiting)
    newest = func.max(Comment.id)
    # Which, before their texts are looked for: there may be ten thousands.
    shown = (
        select(Assignment.id, n_waiting.label("n_waiting"), newest.label("newest"))
        .join(Queue, Queue.id == Assignment.queue_id)
        .outerjoin(Comment, Comment.assignment_id == Assignment.id)
        .where(which)
        .group_by(Assignment.id)
        .order_by((n_waiting > 0).desc(), newest.desc())
        .limit(limit)
    ).subquery()
    rows = session.execute(
        select(
            Assignment.id,
            Assignment.item_id,
            Queue.name,
            User.username,
            func.left(Prompt.text, PROMPT_CHARACTERS),
            shown.c.n_waiting,
        )
        .join(shown, shown.c.id == Assignment.id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .join(User, User.id == Assignment.annotator_id)
        .join(Item, Item.id == Assignment.item_id)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .order_by((shown.c.n_waiting > 0).desc(), shown.c.newest.desc())
    ).all()
    said = comments_by_assignment(session, [row.id for row in rows])
    return [Thread(said[row.id], *row) for row in rows]


def comments_by_assignment(session: Session, assignment_ids: Sequence[int]) -> dict[int, list[Said]]:
    """The oldest first."""
    found: dict[int, list[Said]] = {assignment_id: [] for assignment_id in assignment_ids}
    rows = session.execute(
        select(Assignment.id, User.username, IS_ANSWER, Comment.text, Comment.created_at, IS_UNREAD)
        .join(Comment, Comment.assignment_id == Assignment.id)
        .join(User, User.id == Comment.author_id)
        .where(Assignment.id.in_(assignment_ids))
        .order_by(Comment.id)
    )
    for row in rows:
        found[row.id].append(Said(*row[1:]))
    return found


def n_unread_answers(session: Session, annotator_id: int) -> int:
    unread = (
        select(func.count())
        .select_from(Comment)
        .join(Assignment, Assignment.id == Comment.assignment_id)
        .where(Assignment.annotator_id == annotator_id, UNREAD_ANSWER)
    )
    return session.scalar(unread) or 0


def n_unanswered_threads(session: Session, project_id: int) -> int:
    unanswered = (
        select(func.count(Assignment.id.distinct()))
        .join(Comment, Comment.assignment_id == Assignment.id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Queue.project_id == project_id, UNANSWERED)
    )
    return session.scalar(unanswered) or 0


def asked_assignment(session: Session, project_id: int, assignment_id: int) -> Assignment:
    """One that has a thread. Raises NotFound."""
    found = session.scalar(
        select(Assignment)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.id == assignment_id, Queue.project_id == project_id)
        .where(select(Comment.id).where(Comment.assignment_id == Assignment.id).exists())
    )
    if found is None:
        raise NotFound(_("Nothing was asked about such an item of this project."))
    return found
