"""Reads about leases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.assignments.eligibility import (
    NO_LIMIT,
    Membership,
    Refusal,
    has_severe_cap_reached,
    refusal,
    search_values,
)
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.statements import IS_BUSY
from app.items.models import Item, ItemResponse
from app.queues.models import HeldFor, Lane, Queue, QueueItem, QueueState

ITS_QUEUE = joinedload(Assignment.queue).joinedload(Queue.project)
ITS_TEXTS = (
    joinedload(Assignment.item).joinedload(Item.prompt),
    joinedload(Assignment.item).joinedload(Item.members).joinedload(ItemResponse.response),
)


class Nothing(StrEnum):
    """Why there is nothing in a queue for someone who may work in it."""

    BUSY = "busy"
    SEVERE_TODAY = "severe_today"
    OPTED_OUT = "opted_out"
    LEASED = "leased"
    REST_FOR_OTHERS = "rest_for_others"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class EmptyState:
    """`n_leased`: places held by others now, the first `leased_until` then; where that is the reason."""

    reason: Refusal | Nothing
    n_leased: int = 0
    leased_until: datetime | None = None


SEVERE_TOO = {"severe_from": NO_LIMIT}
UNAVOIDED = {"avoided": 0}
FROM_THE_START = {"cursors": [0] * len(Lane)}


def open_assignment_id(session: Session, queue_id: int, annotator_id: int) -> int | None:
    return session.scalar(
        select(Assignment.id).where(
            Assignment.queue_id == queue_id,
            Assignment.annotator_id == annotator_id,
            Assignment.status == AssignmentStatus.OPEN,
        )
    )


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


def empty_state(session: Session, member: Membership) -> EmptyState:
    """Why the queue has nothing for this annotator, who asked and got nothing."""
    refused = refusal(member)
    if refused is not None:
        return EmptyState(refused)
    values = search_values(member)
    if session.scalar(IS_BUSY, values):
        return EmptyState(Nothing.BUSY)
    if has_severe_cap_reached(member) and session.scalar(IS_BUSY, values | SEVERE_TOO | FROM_THE_START):
        return EmptyState(Nothing.SEVERE_TODAY)
    if member.opted_out and session.scalar(IS_BUSY, values | UNAVOIDED | FROM_THE_START):
        return EmptyState(Nothing.OPTED_OUT)
    n_leased, leased_until = leases_for(session, member)
    if n_leased:
        return EmptyState(Nothing.LEASED, n_leased, leased_until)
    if session.scalar(select(exists().where(QueueItem.queue_id == member.queue_id, QueueItem.is_open))):
        return EmptyState(Nothing.REST_FOR_OTHERS)
    held = select(QueueItem.held_for).where(
        QueueItem.queue_id == member.queue_id, QueueItem.held_for == HeldFor.SAFETY
    )
    return EmptyState(Nothing.WAITING if session.scalar(held.limit(1)) else Nothing.DONE)


def leases_for(session: Session, member: Membership) -> tuple[int, datetime | None]:
    """How many live leases there are on items that this annotator never had, and when the first ends."""
    mine = aliased(Assignment)
    had = exists().where(
        mine.queue_id == member.queue_id,
        mine.item_id == Assignment.item_id,
        mine.annotator_id == member.annotator_id,
    )
    n_leased, leased_until = session.execute(
        select(func.count(), func.min(Assignment.expires_at)).where(
            Assignment.queue_id == member.queue_id, Assignment.status == AssignmentStatus.OPEN, ~had
        )
    ).one()
    return n_leased, leased_until


def ids_of_queues_to_sweep(session: Session) -> Sequence[int]:
    """Of those with a lease that has run out."""
    overdue = select(Assignment.queue_id).where(
        Assignment.status == AssignmentStatus.OPEN, Assignment.expires_at <= func.now()
    )
    return session.scalars(overdue.distinct()).all()


def ids_of_waiting_queues(session: Session) -> Sequence[int]:
    """Of running queues with response sets that wait for safety labels."""
    waiting = exists().where(QueueItem.queue_id == Queue.id, QueueItem.held_for == HeldFor.SAFETY)
    return session.scalars(select(Queue.id).where(Queue.state == QueueState.RUNNING, waiting)).all()
