"""Where one item stands now, what shares its responses, and who looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.items.models import Item, ItemResponse
from app.queues.models import Queue, QueueItem

MOST_BESIDE = 50


@dataclass(frozen=True, slots=True)
class InQueue:
    """Where the item stands in one queue now."""

    queue_id: int
    name: str
    overlap: int
    n_submitted: int
    n_surplus: int
    held_for: str | None


@dataclass(frozen=True, slots=True)
class View:
    """That someone looked at the item's texts."""

    at: datetime
    who: str | None
    subject: str


def queues_with(session: Session, item_id: int) -> list[InQueue]:
    rows = session.execute(
        select(Queue.id, Queue.name, QueueItem.overlap, QueueItem.n_submitted, QueueItem.n_surplus)
        .add_columns(QueueItem.held_for)
        .join(QueueItem, QueueItem.queue_id == Queue.id)
        .where(QueueItem.item_id == item_id)
        .order_by(Queue.id)
    )
    return [InQueue(*row) for row in rows]


def views_of(session: Session, item_id: int, limit: int) -> list[View]:
    """The newest first."""
    rows = session.execute(
        select(AuditEntry.at, User.username, AuditEntry.subject)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.item_id == item_id, AuditEntry.action == Action.VIEWED)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [View(*row) for row in rows]


def items_beside(session: Session, item_id: int) -> Sequence[Item]:
    """Others that have one of its responses: of a response set its QA pairs, and the other way round."""
    mine, theirs = aliased(ItemResponse), aliased(ItemResponse)
    beside = (
        select(theirs.item_id)
        .join(mine, mine.response_id == theirs.response_id)
        .where(mine.item_id == item_id, theirs.item_id != item_id)
    )
    return session.scalars(select(Item).where(Item.id.in_(beside)).order_by(Item.id).limit(MOST_BESIDE)).all()
