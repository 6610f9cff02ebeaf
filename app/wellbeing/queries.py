"""Reads about consent, covers and a person's day."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.assignments.models import IS_OPEN, Assignment
from app.items.models import ItemResponse
from app.projects.models import Project
from app.queues.models import Queue, QueueMember
from app.wellbeing.models import PROMPT, Consent, Reveal


@dataclass(frozen=True, slots=True)
class DoneToday:
    queue_name: str
    n_submitted: int


@dataclass(frozen=True, slots=True)
class Support:
    """Where help is found: in words, and where to click; one of them may be empty."""

    support_text: str
    support_url: str


def has_consented(session: Session, user_id: int, project: Project) -> bool:
    """To the content warning as it reads now?"""
    given = exists().where(
        Consent.user_id == user_id,
        Consent.project_id == project.id,
        Consent.content_warning == project.content_warning,
    )
    return bool(session.scalar(select(given)))


def n_covered(session: Session, assignment_id: int) -> int:
    """How many responses of an assignment with covers were not uncovered yet."""
    uncovered = exists().where(
        Reveal.assignment_id == Assignment.id, Reveal.position == ItemResponse.position
    )
    covered = (
        select(func.count())
        .select_from(Assignment)
        .join(ItemResponse, ItemResponse.item_id == Assignment.item_id)
        .where(Assignment.id == assignment_id, ItemResponse.position != PROMPT, ~uncovered)
    )
    return session.scalars(covered).one()


def ids_of_queues_held_in(session: Session, annotator_id: int) -> Sequence[int]:
    """Ids of the queues in which this person has a live lease, in the order of locks."""
    held = select(Assignment.queue_id).where(Assignment.annotator_id == annotator_id, IS_OPEN)
    return session.scalars(held.distinct().order_by(Assignment.queue_id)).all()


def ids_of_leases(session: Session, queue_id: int, annotator_id: int) -> Sequence[int]:
    return session.scalars(
        select(Assignment.id)
        .where(
            Assignment.queue_id == queue_id,
            Assignment.annotator_id == annotator_id,
            IS_OPEN,
        )
        .order_by(Assignment.item_id)
    ).all()


def done_today(session: Session, annotator_id: int) -> list[DoneToday]:
    """Since midnight UTC, of each queue in which anything was submitted."""
    rows = session.execute(
        select(Queue.name, QueueMember.n_today)
        .join(Queue, Queue.id == QueueMember.queue_id)
        .where(
            QueueMember.annotator_id == annotator_id,
            QueueMember.day == func.current_date(),
            QueueMember.n_today > 0,
        )
        .order_by(Queue.id)
    )
    return [DoneToday(*row) for row in rows]


def supports_of(session: Session, annotator_id: int) -> list[Support]:
    """What the projects that this person works in say of help, each once."""
    works_in = exists().where(
        Queue.project_id == Project.id,
        QueueMember.queue_id == Queue.id,
        QueueMember.annotator_id == annotator_id,
        QueueMember.is_active,
    )
    names_help = (Project.support_text != "") | (Project.support_url != "")
    said = select(Project.support_text, Project.support_url).where(works_in, names_help)
    return [Support(*row) for row in session.execute(said.distinct().order_by(Project.support_text))]
