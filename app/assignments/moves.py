"""What an admin does to a set of a queue's items: another priority, or another queue."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.assignments.actions import bring_back
from app.assignments.interventions import among, lock_items
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Refused
from app.i18n import gettext as _
from app.queues.actions import locked_open_queue, refuse_closed
from app.queues.models import HeldFor, Lane, Queue, QueueItem, QueuePurpose, QueueState

ITEMS = "queue items"
"""The subject of these changes in the audit log."""


class NotMovable(Refused):
    pass


class Stays(StrEnum):
    """Why an item can't go to another queue."""

    GOLD = "gold"
    IN_WORK = "in_work"
    ANSWERED = "answered"
    HANDED_OUT = "handed_out"
    THERE_ALREADY = "there_already"


@dataclass(frozen=True, slots=True)
class Moving:
    """Of a set of items: how many go to the other queue, and how many stay, by why."""

    n_moved: int
    n_staying: dict[Stays, int]


# Each of the items with why it stays; NULL for one that can go. An item that anybody ever had stays with the
# queue that tells of it.
WHY = """
    SELECT item_id, CASE
        WHEN overlap = 0 OR EXISTS (
            SELECT FROM gold_item AS gold
            WHERE gold.queue_id = item.queue_id AND gold.item_id = item.item_id) THEN 'gold'
        WHEN n_assigned > n_submitted THEN 'in_work'
        WHEN n_submitted + n_surplus > 0 THEN 'answered'
        WHEN EXISTS (
            SELECT FROM assignment AS had
            WHERE had.queue_id = item.queue_id AND had.item_id = item.item_id) THEN 'handed_out'
        WHEN EXISTS (
            SELECT FROM queue_item AS there
            WHERE there.queue_id = :target_id AND there.item_id = item.item_id) THEN 'there_already'
        END AS why
    FROM queue_item AS item WHERE queue_id = :queue_id AND item_id = ANY(:item_ids)
"""
COUNT_WHY = text(f"SELECT why, count(*) FROM ({WHY}) AS told GROUP BY why")
LOCK_WHOLE = text("""
    SELECT item_id FROM queue_item WHERE queue_id = :queue_id AND item_id = ANY(:item_ids)
    ORDER BY item_id FOR UPDATE
""")
# Behind the items that the other queue has, in the order they had here.
ADD = text(f"""
    INSERT INTO queue_item (queue_id, item_id, pos, lane, overlap, harm_mask, severity_prior, held_for)
    SELECT :target_id, item_id, :last_pos + row_number() OVER (ORDER BY lane, pos),
           CASE lane WHEN {Lane.FRONT:d} THEN {Lane.NORMAL:d} ELSE lane END,
           :overlap, harm_mask, severity_prior, CAST(:held_for AS text)
    FROM queue_item JOIN ({WHY}) AS told USING (item_id)
    WHERE queue_id = :queue_id AND why IS NULL
    RETURNING item_id
""")
REMOVE = text("DELETE FROM queue_item WHERE queue_id = :queue_id AND item_id = ANY(:item_ids)")


def set_priority(
    session: Session, queue_id: int, item_ids: Sequence[int], lane: Lane, reason: str | None = None
) -> int:
    """Move those of these items that are in another lane to the end of this one; return how many.

    Raises QueueClosed.
    """
    refuse_closed(session.get_one(Queue, queue_id))
    lock_items(session, queue_id, item_ids)
    moved = set(
        session.scalars(
            update(QueueItem)
            .where(QueueItem.queue_id == queue_id, among(item_ids), QueueItem.lane != lane)
            .values(lane=lane)
            .returning(QueueItem.item_id)
        )
    )
    in_order = [item_id for item_id in item_ids if item_id in moved]
    bring_back(session, queue_id, in_order, is_first=False)
    if moved:
        after = {"priority": lane.name.lower(), "n_items": len(moved)}
        record(session, Action.CHANGED, ITEMS, queue_id=queue_id, reason=reason, after=after)
    return len(moved)


def moving(session: Session, queue_id: int, target_id: int, item_ids: Sequence[int]) -> Moving:
    """What `move_items` would do now; ids that the queue does not have count nowhere."""
    values = {"queue_id": queue_id, "target_id": target_id, "item_ids": list(item_ids)}
    found: Counter[str | None] = Counter()
    for why, n in session.execute(COUNT_WHY, values):
        found[why] = n
    return Moving(found[None], {why: found[why] for why in Stays if found[why]})


def move_items(
    session: Session, queue_id: int, target_id: int, item_ids: Sequence[int], reason: str
) -> Moving:
    """Take these items out of a queue and put them behind those of another one of its kind and project.

    What anybody answers, or ever had, stays; an item has the other queue's overlap from then on. Raises
    NotMovable where the other queue is no place for them, QueueClosed where one of the two is.
    """
    refuse_other_kinds(session, queue_id, target_id)
    values: dict[str, Any] = {"queue_id": queue_id, "target_id": target_id, "item_ids": list(item_ids)}
    # Others may come into the queue while this waits for the lock of the other one: those are not touched.
    values["item_ids"] = session.scalars(LOCK_WHOLE, values).all()
    target = locked_open_queue(session, target_id)
    told = moving(session, queue_id, target_id, values["item_ids"])
    place = {
        "last_pos": target.last_pos,
        "overlap": target.overlap,
        "held_for": HeldFor.SAFETY if target.waits_for_safety else None,
    }
    moved = session.scalars(ADD, values | place).all()
    session.execute(REMOVE, values | {"item_ids": moved})
    target.last_pos += len(moved)
    session.flush()
    if moved:
        record_move(session, queue_id, target_id, len(moved), reason)
    return told


def refuse_other_kinds(session: Session, queue_id: int, target_id: int) -> None:
    """Raises NotMovable, or QueueClosed for the queue that they leave."""
    queue, target = session.get_one(Queue, queue_id), session.get(Queue, target_id)
    refuse_closed(queue)
    if (
        target is None
        or target.id == queue.id
        or (target.project_id, target.kind) != (queue.project_id, queue.kind)
        or {queue.purpose, target.purpose} != {QueuePurpose.PRODUCTION}
    ):
        raise NotMovable(_("Choose another queue of this project that asks for the same kind of answer."))


def record_move(session: Session, queue_id: int, target_id: int, n_items: int, reason: str) -> None:
    """In the log of both queues."""
    for told, other in ((queue_id, "to_queue"), (target_id, "from_queue")):
        other_id = target_id if told == queue_id else queue_id
        after = {"n_items": n_items, other: other_id}
        record(session, Action.CHANGED, ITEMS, queue_id=told, reason=reason, after=after)


def queues_to_move_to(session: Session, queue: Queue) -> Sequence[Queue]:
    """By name."""
    return session.scalars(
        select(Queue)
        .where(
            Queue.project_id == queue.project_id,
            Queue.kind == queue.kind,
            Queue.purpose == QueuePurpose.PRODUCTION,
            Queue.state != QueueState.CLOSED,
            Queue.id != queue.id,
        )
        .order_by(Queue.name)
    ).all()
