"""Reads about leases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from app.assignments.models import Assignment, AssignmentStatus
from app.items.models import Item, ItemResponse
from app.queues.models import Queue, QueueItem, QueueMember

ITS_QUEUE = joinedload(Assignment.queue).joinedload(Queue.project)
ITS_TEXTS = (
    joinedload(Assignment.item).joinedload(Item.prompt),
    joinedload(Assignment.item).joinedload(Item.members).joinedload(ItemResponse.response),
)


@dataclass(frozen=True, slots=True)
class WhatIsLeft:
    """Why there is nothing for an annotator: `n_leased` places are held by others, the first until then."""

    n_open: int
    n_leased: int
    leased_until: datetime | None


def open_assignment_id(session: Session, queue_id: int, annotator_id: int) -> int | None:
    return session.scalar(
        select(Assignment.id).where(
            Assignment.queue_id == queue_id,
            Assignment.annotator_id == annotator_id,
            Assignment.status == AssignmentStatus.OPEN,
        )
    )


def has_place_for(session: Session, queue_id: int, annotator_id: int) -> bool:
    """Is there an open item in the queue that this active member never had?"""
    had = exists().where(
        Assignment.queue_id == queue_id,
        Assignment.item_id == QueueItem.item_id,
        Assignment.annotator_id == annotator_id,
        Assignment.status != AssignmentStatus.EXPIRED,
    )
    is_member = exists().where(
        QueueMember.queue_id == queue_id, QueueMember.annotator_id == annotator_id, QueueMember.is_active
    )
    place = exists().where(QueueItem.queue_id == queue_id, QueueItem.is_open, ~had)
    return bool(session.scalar(select(place & is_member)))


def assignment_of(session: Session, assignment_id: int, annotator_id: int) -> Assignment | None:
    """With its queue and project; None where it is another annotator's."""
    return session.scalar(
        select(Assignment)
        .where(Assignment.id == assignment_id, Assignment.annotator_id == annotator_id)
        .options(ITS_QUEUE)
    )


def assignment_to_show(session: Session, assignment_id: int, annotator_id: int) -> Assignment | None:
    """With its queue, project, prompt and responses; None where it is another annotator's."""
    return (
        session.scalars(
            select(Assignment)
            .where(Assignment.id == assignment_id, Assignment.annotator_id == annotator_id)
            .options(ITS_QUEUE, *ITS_TEXTS)
        )
        .unique()
        .one_or_none()
    )


def n_responses(session: Session, item_id: int) -> int:
    statement = select(func.count()).where(ItemResponse.item_id == item_id)
    return session.scalars(statement).one()


def what_is_left(session: Session, queue_id: int) -> WhatIsLeft:
    n_open = session.scalar(select(func.count()).where(QueueItem.queue_id == queue_id, QueueItem.is_open))
    n_leased, leased_until = session.execute(
        select(func.count(), func.min(Assignment.expires_at)).where(
            Assignment.queue_id == queue_id, Assignment.status == AssignmentStatus.OPEN
        )
    ).one()
    return WhatIsLeft(n_open or 0, n_leased, leased_until)
