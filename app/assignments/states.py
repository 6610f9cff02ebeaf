"""The end of a queue: nobody gets a new item, or all that is held is given back.

Each locks all members first. So a request that had its lock before has ended, and one that waits for it sees
the new state: the claim asks for it in the statement that hands out the item.
"""

from collections.abc import Sequence

from sqlalchemy import Exists, exists, select, text
from sqlalchemy.orm import Session

from app.assignments.actions import bring_back
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.statements import LOCK_ALL_MEMBERS
from app.queues.actions import put_into
from app.queues.models import Queue, QueueState

UNDER_WAY = (QueueState.PAUSED, QueueState.RUNNING, QueueState.DRAINING)

# What was loaded ahead, or all that is held.
GIVE_BACK = text("""
    WITH held AS (
        SELECT assignment.id FROM assignment JOIN queue_item USING (queue_id, item_id)
        WHERE queue_id = :queue_id AND assignment.status = 'open' AND (assignment.is_ahead OR :is_every)
        ORDER BY item_id FOR NO KEY UPDATE
    ), ended AS (
        UPDATE assignment SET status = 'released', closed_at = now() FROM held
        WHERE assignment.id = held.id AND status = 'open' RETURNING assignment.item_id, takes_place
    ), freed AS (
        SELECT item_id, count(*) FILTER (WHERE takes_place) AS n FROM ended GROUP BY item_id
    ), counted AS (
        UPDATE queue_item SET n_assigned = n_assigned - n FROM freed
        WHERE queue_id = :queue_id AND queue_item.item_id = freed.item_id
    )
    SELECT item_id FROM ended ORDER BY item_id
""")


def drain_queue(session: Session, queue_id: int, drains_to: QueueState, reason: str) -> None:
    """Nobody gets a new item; once what is held is submitted or given back, it is paused or closed.

    What was loaded ahead is given back: nobody has seen it. Does nothing to a queue that is not running.
    """
    session.execute(LOCK_ALL_MEMBERS, {"queue_id": queue_id})
    give_back(session, queue_id, is_every=False)
    put_into(
        session,
        queue_id,
        QueueState.DRAINING,
        [QueueState.RUNNING, QueueState.DRAINING],
        drains_to=drains_to,
        reason=reason,
    )


def close_queue(session: Session, queue_id: int, reason: str) -> None:
    """At once: all that is held is given back, and nothing is taken any more."""
    session.execute(LOCK_ALL_MEMBERS, {"queue_id": queue_id})
    give_back(session, queue_id, is_every=True)
    put_into(session, queue_id, QueueState.CLOSED, UNDER_WAY, reason=reason)


def reopen_queue(session: Session, queue_id: int, reason: str) -> None:
    """Paused, so that it can be looked at before anybody gets an item."""
    put_into(session, queue_id, QueueState.PAUSED, [QueueState.CLOSED], reason=reason)


def end_drained(session: Session, queue_id: int) -> bool:
    """Pause or close a draining queue in which nobody holds an item; was it so?"""
    session.execute(LOCK_ALL_MEMBERS, {"queue_id": queue_id})
    drains_to = session.scalar(select(Queue.drains_to).where(Queue.id == queue_id, ~is_held()))
    if drains_to is None:
        return False
    return put_into(session, queue_id, QueueState(drains_to), [QueueState.DRAINING])


def drained_queues(session: Session) -> Sequence[int]:
    """Those in which nobody holds an item any more."""
    drained = select(Queue.id).where(Queue.state == QueueState.DRAINING, ~is_held())
    return session.scalars(drained.order_by(Queue.id)).all()


def is_held() -> Exists:
    """Does anybody hold an item of the queue?"""
    return exists().where(Assignment.queue_id == Queue.id, Assignment.status == AssignmentStatus.OPEN)


def give_back(session: Session, queue_id: int, *, is_every: bool) -> None:
    item_ids = session.scalars(GIVE_BACK, {"queue_id": queue_id, "is_every": is_every}).all()
    bring_back(session, queue_id, item_ids)
