"""Handing out items, and ending leases.

Who gets an item is decided by PostgreSQL: the place is counted on the item's own row under its lock, so
no race can give an item more annotators than its overlap. Each step is one statement. A request ends one
lease and claims the next, so after its first lock it waits for no other item's: it skips what is locked,
or two requests that want each other's item would stop each other for good.
"""

from datetime import timedelta

from sqlalchemy import TextClause, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from app.assignments.models import Assignment, AssignmentStatus, SkipReason
from app.assignments.queries import open_assignment_id
from app.errors import Conflict
from app.queues.models import Queue, QueueState


class AssignmentClosed(Conflict):
    pass


def claim_statement(place: str) -> TextClause:
    """The lease held already, or else the place that `place` finds: insert, count, move the cursor.

    Gives no row where nothing was found, and an `id` of NULL where this annotator had that item before or
    another tab of theirs was faster: then nothing was counted.
    """
    return text(f"""
        WITH me AS (
            SELECT cursor FROM queue_member
            WHERE queue_id = :queue_id AND annotator_id = :annotator_id AND is_active FOR UPDATE
        ), held AS (
            SELECT id FROM assignment
            WHERE queue_id = :queue_id AND annotator_id = :annotator_id AND status = 'open'
        ), place AS ({place}
        ), taken AS (
            INSERT INTO assignment (queue_id, item_id, annotator_id, expires_at)
            SELECT :queue_id, item_id, :annotator_id, now() + make_interval(mins => :lease_minutes) FROM place
            ON CONFLICT DO NOTHING RETURNING id, item_id
        ), counted AS (
            UPDATE queue_item SET n_assigned = n_assigned + 1 FROM taken
            WHERE queue_item.queue_id = :queue_id AND queue_item.item_id = taken.item_id
        ), moved AS (
            UPDATE queue_member SET cursor = greatest(cursor, place.pos) FROM place
            WHERE queue_id = :queue_id AND annotator_id = :annotator_id
        )
        SELECT id FROM held UNION ALL SELECT taken.id FROM place LEFT JOIN taken USING (item_id)
    """)  # noqa: S608 (`place` is one of the two constants below)


# Everything behind the cursor was this annotator's already or was taken when they passed.
CLAIM_AHEAD = claim_statement("""
            SELECT item_id, pos FROM queue_item
            WHERE queue_id = :queue_id AND is_open AND pos > (SELECT cursor FROM me)
              AND NOT EXISTS (SELECT FROM held)
            ORDER BY pos LIMIT 1 FOR UPDATE SKIP LOCKED""")

# What came back (expired, skipped), or was locked just when the cursor came by.
CLAIM_LEFT_OVER = claim_statement("""
            SELECT item_id, pos FROM queue_item
            WHERE queue_id = :queue_id AND is_open AND EXISTS (SELECT FROM me)
              AND NOT EXISTS (SELECT FROM held) AND NOT EXISTS (
                SELECT FROM assignment WHERE assignment.queue_id = :queue_id
                  AND assignment.item_id = queue_item.item_id
                  AND assignment.annotator_id = :annotator_id AND assignment.status <> 'expired')
            ORDER BY pos LIMIT 1 FOR UPDATE SKIP LOCKED""")

CLOSE = text("""
    WITH closed AS (
        UPDATE assignment SET status = :status, skip_reason = :skip_reason, closed_at = now()
        WHERE id = :assignment_id AND annotator_id = :annotator_id AND status = 'open'
        RETURNING queue_id, item_id
    )
    UPDATE queue_item SET n_submitted = n_submitted + :n_submitted, n_assigned = n_assigned - :n_freed
    FROM closed
    WHERE queue_item.queue_id = closed.queue_id AND queue_item.item_id = closed.item_id
    RETURNING queue_item.item_id
""")

EXPIRE = text("""
    WITH overdue AS (
        SELECT assignment.id FROM assignment JOIN queue_item USING (queue_id, item_id)
        WHERE assignment.status = 'open' AND assignment.expires_at <= now()
          AND (CAST(:queue_id AS bigint) IS NULL OR queue_id = :queue_id)
        FOR UPDATE SKIP LOCKED
    ), expired AS (
        UPDATE assignment SET status = 'expired', closed_at = now() FROM overdue
        WHERE assignment.id = overdue.id RETURNING assignment.queue_id, assignment.item_id
    ), freed AS (
        SELECT queue_id, item_id, count(*) AS n FROM expired GROUP BY queue_id, item_id
    )
    UPDATE queue_item SET n_assigned = n_assigned - freed.n FROM freed
    WHERE queue_item.queue_id = freed.queue_id AND queue_item.item_id = freed.item_id
    RETURNING freed.n
""").bindparams(bindparam("queue_id"))


def claim_next(session: Session, queue: Queue, annotator_id: int) -> int | None:
    """The id of this annotator's assignment in the queue: the one they hold, or else a new one.

    None where there is nothing for them now, or where others are just taking or leaving the last places
    (`has_place_for` tells); a paused queue hands out nothing new. A second tab gets the same assignment.
    """
    if queue.state != QueueState.RUNNING:
        return open_assignment_id(session, queue.id, annotator_id)
    held_or_ahead = claim(session, CLAIM_AHEAD, queue, annotator_id)
    if held_or_ahead is not None:
        return held_or_ahead
    expire_leases(session, queue.id)
    return claim(session, CLAIM_LEFT_OVER, queue, annotator_id)


def claim(session: Session, statement: TextClause, queue: Queue, annotator_id: int) -> int | None:
    values = {"queue_id": queue.id, "annotator_id": annotator_id, "lease_minutes": queue.lease_minutes}
    while (found := session.execute(statement, values).first()) is not None:
        # No id: that item was theirs already, so look further; or another tab was faster.
        assignment_id: int | None = found.id or open_assignment_id(session, queue.id, annotator_id)
        if assignment_id is not None:
            return assignment_id
    return None


def close_assignment(session: Session, assignment_id: int, annotator_id: int) -> int:
    """Mark an open assignment submitted; return its item's id.

    One conditional UPDATE, so of two racing submissions exactly one succeeds. A lease that has run out
    but whose place nobody has taken back still counts. Raises AssignmentClosed.
    """
    return close(session, assignment_id, annotator_id, AssignmentStatus.SUBMITTED)


def renew_lease(session: Session, assignment_id: int, annotator_id: int, lease_minutes: int) -> None:
    """Begin an open assignment's time anew. Raises AssignmentClosed."""
    renewed = session.scalar(
        update(Assignment)
        .where(
            Assignment.id == assignment_id,
            Assignment.annotator_id == annotator_id,
            Assignment.status == AssignmentStatus.OPEN,
        )
        .values(expires_at=func.now() + timedelta(minutes=lease_minutes))
        .returning(Assignment.id)
    )
    if renewed is None:
        raise assignment_closed(session, assignment_id)


def skip_assignment(session: Session, assignment_id: int, annotator_id: int, reason: SkipReason) -> int:
    """Give the item's place back to others; it never returns to this annotator. Raises AssignmentClosed."""
    return close(session, assignment_id, annotator_id, AssignmentStatus.SKIPPED, reason)


def close(
    session: Session,
    assignment_id: int,
    annotator_id: int,
    status: AssignmentStatus,
    skip_reason: SkipReason | None = None,
) -> int:
    is_submitted = status is AssignmentStatus.SUBMITTED
    item_id: int | None = session.scalar(
        CLOSE,
        {
            "assignment_id": assignment_id,
            "annotator_id": annotator_id,
            "status": status,
            "skip_reason": skip_reason,
            "n_submitted": int(is_submitted),
            "n_freed": int(not is_submitted),
        },
    )
    if item_id is None:
        raise assignment_closed(session, assignment_id)
    return item_id


def assignment_closed(session: Session, assignment_id: int) -> AssignmentClosed:
    status = session.scalar(select(Assignment.status).where(Assignment.id == assignment_id))
    if status == AssignmentStatus.EXPIRED:
        return AssignmentClosed("Your time for this item ran out, so this answer was not stored.")
    return AssignmentClosed("This assignment is already closed: your answer to it was not stored again.")


def expire_leases(session: Session, queue_id: int | None = None) -> int:
    """End the leases that have run out, in one queue or in all; return how many.

    One whose annotator or item is busy at this moment waits for the next time.
    """
    return sum(session.scalars(EXPIRE, {"queue_id": queue_id}))
