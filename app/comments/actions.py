"""Asking about an item, answering, and noting that it was read."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.assignments.models import Assignment
from app.comments.models import Comment
from app.comments.queries import asked_assignment
from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _


def ask(session: Session, assignment_id: int, annotator_id: int, text: str) -> None:
    """The answers so far are read by now. Raises NotFound for someone else's assignment."""
    refuse_others(session, assignment_id, annotator_id)
    add_comment(session, assignment_id, annotator_id, text)
    note_answers_read(session, assignment_id, annotator_id)


def note_answers_read(session: Session, assignment_id: int, annotator_id: int) -> None:
    """Raises NotFound for someone else's assignment."""
    refuse_others(session, assignment_id, annotator_id)
    session.execute(
        update(Comment)
        .where(Comment.assignment_id == assignment_id, Comment.author_id != annotator_id)
        .where(Comment.read_at.is_(None))
        .values(read_at=now())
    )


def answer_thread(session: Session, project_id: int, assignment_id: int, admin_id: int, text: str) -> None:
    """What was asked is read by now. Raises NotFound where nothing was asked."""
    note_questions_read(session, project_id, assignment_id)
    add_comment(session, assignment_id, admin_id, text)


def note_questions_read(session: Session, project_id: int, assignment_id: int) -> None:
    """Answered, or in need of no answer. Raises NotFound where nothing was asked."""
    asked = asked_assignment(session, project_id, assignment_id)
    session.execute(
        update(Comment)
        .where(Comment.assignment_id == assignment_id, Comment.author_id == asked.annotator_id)
        .where(Comment.read_at.is_(None))
        .values(read_at=now())
    )


def add_comment(session: Session, assignment_id: int, author_id: int, text: str) -> None:
    """The same words sent again are stored once, if nothing was said in between."""
    session.execute(
        select(Assignment.id).where(Assignment.id == assignment_id).with_for_update(key_share=True)
    )
    newest = session.execute(
        select(Comment.author_id, Comment.text)
        .where(Comment.assignment_id == assignment_id)
        .order_by(Comment.id.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or (newest.author_id, newest.text) != (author_id, text):
        session.add(Comment(assignment_id=assignment_id, author_id=author_id, text=text))
        session.flush()


def refuse_others(session: Session, assignment_id: int, annotator_id: int) -> None:
    """Raises NotFound."""
    holder = select(Assignment.annotator_id).where(Assignment.id == assignment_id)
    if session.scalar(holder) != annotator_id:
        raise NotFound(_("There is no such assignment of yours."))
