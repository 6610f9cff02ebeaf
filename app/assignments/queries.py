"""Reads about leases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.assignments.eligibility import (
    NO_LIMIT,
    REST,
    Membership,
    Refusal,
    has_severe_cap_of_today_reached,
    has_severe_cap_reached,
    refusal,
    search_values,
)
from app.assignments.models import IS_OPEN, IS_SURPLUS, Assignment, SkipReason
from app.assignments.statements import COUNT_GOLD, IS_BUSY
from app.items.models import Item, ItemResponse, Prompt
from app.projects.taxonomy import Taxonomy
from app.queues.models import (
    HeldFor,
    Lane,
    Queue,
    QueueItem,
    QueueMember,
    QueuePurpose,
    QueueState,
)
from app.queues.queries import taxonomy_of_queue


class Nothing(StrEnum):
    """Why there is nothing in a queue for someone who may work in it."""

    BUSY = "busy"
    SEVERE_TODAY = "severe_today"
    SEVERE_IN_ROW = "severe_in_row"
    OPTED_OUT = "opted_out"
    RESTRICTED = "restricted"
    LEASED = "leased"
    REST_FOR_OTHERS = "rest_for_others"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class EmptyState:
    """`n_leased`: places held by others now, the first `leased_until` then; `rests_until`: from when on
    severe items come again; each where that is the reason."""

    reason: Refusal | Nothing
    n_leased: int = 0
    leased_until: datetime | None = None
    rests_until: datetime | None = None


SEVERE_TOO = {"severe_from": NO_LIMIT}
UNAVOIDED = {"avoided": 0}
FROM_THE_START = {"cursors": [0] * len(Lane)}


def open_assignment_id(session: Session, queue_id: int, annotator_id: int) -> int | None:
    return session.scalar(
        select(Assignment.id).where(
            Assignment.queue_id == queue_id,
            Assignment.annotator_id == annotator_id,
            IS_OPEN,
            ~Assignment.is_ahead,
        )
    )


def status_of(session: Session, assignment_id: int) -> str | None:
    return session.scalar(select(Assignment.status).where(Assignment.id == assignment_id))


def is_queue_closed(session: Session, assignment_id: int) -> bool:
    """That of an assignment."""
    closed = exists().where(
        Assignment.id == assignment_id, Queue.id == Assignment.queue_id, Queue.state == QueueState.CLOSED
    )
    return bool(session.scalar(select(closed)))


def n_responses(session: Session, assignment_id: int) -> int:
    """Of an assignment's item."""
    members = select(func.count(ItemResponse.position)).join(
        Assignment, Assignment.item_id == ItemResponse.item_id
    )
    return session.scalars(members.where(Assignment.id == assignment_id)).one()


def empty_state(session: Session, member: Membership) -> EmptyState:
    """Why the queue has nothing for this annotator, who asked and got nothing."""
    refused = refusal(member)
    if refused is not None:
        return EmptyState(refused)
    if member.purpose != QueuePurpose.PRODUCTION:
        return nothing_but_severe(member)
    values = search_values(member)
    if session.scalar(IS_BUSY, values):
        return EmptyState(Nothing.BUSY)
    if has_severe_cap_reached(member) and session.scalar(IS_BUSY, values | SEVERE_TOO | FROM_THE_START):
        return nothing_but_severe(member)
    if member.avoided and session.scalar(IS_BUSY, values | UNAVOIDED | FROM_THE_START):
        return EmptyState(why_avoided(session, member, values))
    n_leased, leased_until = leases_for(session, member)
    if n_leased:
        return EmptyState(Nothing.LEASED, n_leased, leased_until)
    if session.scalar(select(exists().where(QueueItem.queue_id == member.queue_id, QueueItem.is_open))):
        return EmptyState(Nothing.REST_FOR_OTHERS)
    held = select(QueueItem.held_for).where(
        QueueItem.queue_id == member.queue_id, QueueItem.held_for == HeldFor.SAFETY
    )
    return EmptyState(Nothing.WAITING if session.scalar(held.limit(1)) else Nothing.DONE)


def why_avoided(session: Session, member: Membership, values: dict[str, object]) -> Nothing:
    """Of items that the member avoids: would any be theirs if they had opted out of nothing more?"""
    opted_out = session.scalars(select(User.opted_out).where(User.id == member.annotator_id)).one()
    own_choice = {"avoided": taxonomy_of_queue(session, member.queue_id).known_mask(opted_out)}
    is_restricted = session.scalar(IS_BUSY, values | own_choice | FROM_THE_START)
    return Nothing.RESTRICTED if is_restricted else Nothing.OPTED_OUT


def taxonomy_of_assignment(session: Session, assignment_id: int) -> Taxonomy:
    """Its project's."""
    return taxonomy_of_queue(session, session.get_one(Assignment, assignment_id).queue_id)


def n_gold_left(session: Session, member: Membership | QueueMember) -> int:
    """Gold items that this annotator can still be asked; one that was given back is among them."""
    values = {
        "queue_id": member.queue_id,
        "annotator_id": member.annotator_id,
        "avoided": member.avoided,
    }
    return int(session.scalars(COUNT_GOLD, values).one())


def nothing_but_severe(member: Membership) -> EmptyState:
    if has_severe_cap_of_today_reached(member) or member.severe_at is None:
        return EmptyState(Nothing.SEVERE_TODAY)
    return EmptyState(Nothing.SEVERE_IN_ROW, rests_until=member.severe_at + REST)


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
            Assignment.queue_id == member.queue_id, IS_OPEN, ~had
        )
    ).one()
    return n_leased, leased_until


def ids_of_queues_to_sweep(session: Session) -> Sequence[int]:
    """Of those with a lease that has run out."""
    overdue = select(Assignment.queue_id).where(IS_OPEN, Assignment.expires_at <= func.now())
    return session.scalars(overdue.distinct()).all()


def ids_of_waiting_queues(session: Session) -> Sequence[int]:
    """Of running queues with response sets that wait for safety labels."""
    waiting = exists().where(QueueItem.queue_id == Queue.id, QueueItem.held_for == HeldFor.SAFETY)
    return session.scalars(select(Queue.id).where(Queue.state == QueueState.RUNNING, waiting)).all()


@dataclass(frozen=True, slots=True)
class Lease:
    id: int
    username: str
    item_id: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """`prompt`: its first 80 characters. `username`, `skipped_at`: who said so last; None: nobody."""

    item_id: int
    prompt: str
    username: str | None
    skipped_at: datetime | None


@dataclass(frozen=True, slots=True)
class SurplusAnswer:
    item_id: int
    username: str
    closed_at: datetime | None


def live_leases(session: Session, queue_id: int, limit: int) -> list[Lease]:
    """Oldest first. One that has run out is among them until it is swept."""
    rows = session.execute(
        select(Assignment.id, User.username, Assignment.item_id, Assignment.created_at, Assignment.expires_at)
        .join(User, User.id == Assignment.annotator_id)
        .where(Assignment.queue_id == queue_id, IS_OPEN)
        .order_by(Assignment.created_at, Assignment.id)
        .limit(limit)
    )
    return [Lease(*row) for row in rows]


def broken_items(session: Session, queue_id: int, limit: int) -> list[BrokenItem]:
    """Items that are handed to nobody until an admin has looked at them."""
    is_of_it = (Assignment.queue_id == queue_id) & (Assignment.item_id == QueueItem.item_id)
    # The word itself: few are broken, where a queue may have many that wait for the stage before.
    is_broken = QueueItem.held_for == literal_column(f"'{HeldFor.BROKEN}'")
    rows = session.execute(
        select(QueueItem.item_id, func.left(Prompt.text, 80), User.username, Assignment.closed_at)
        .ext(distinct_on(QueueItem.item_id))
        .join(Item, Item.id == QueueItem.item_id)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .outerjoin(Assignment, is_of_it & (Assignment.skip_reason == SkipReason.BROKEN_ITEM))
        .outerjoin(User, User.id == Assignment.annotator_id)
        .where(QueueItem.queue_id == queue_id, is_broken)
        .order_by(QueueItem.item_id, Assignment.closed_at.desc())
        .limit(limit)
    )
    return [BrokenItem(*row) for row in rows]


def surplus_answers(session: Session, queue_id: int, limit: int) -> list[SurplusAnswer]:
    """The newest first."""
    rows = session.execute(
        select(Assignment.item_id, User.username, Assignment.closed_at)
        .join(User, User.id == Assignment.annotator_id)
        .where(Assignment.queue_id == queue_id, IS_SURPLUS)
        .order_by(Assignment.closed_at.desc(), Assignment.id)
        .limit(limit)
    )
    return [SurplusAnswer(*row) for row in rows]
