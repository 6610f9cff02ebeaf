"""The invariants of assignment: what must hold of every queue at every moment, counted anew from the rows."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.assignments.actions import bring_back
from app.assignments.eligibility import SEVERE
from app.assignments.models import REOPENABLE
from app.assignments.statements import LOCK_ALL_MEMBERS
from app.db import now
from app.queues.counting import is_progress_stray, rebuild_progress
from app.queues.models import Lane, Queue, QueueMember

MOST_NAMED = 20


class Break(StrEnum):
    """What can be wrong, as a sentence."""

    COUNTS = "an item's counts are not those of its assignments"
    OVERFULL = "an item has more leases and answers than its overlap"
    IDLE_SURPLUS = "an item keeps a surplus answer though it has a free place"
    MEMBER = "a member's count of answers is not that of their assignments"
    MISSED = "an open item lies behind the cursor of a member who never had it"
    UNANSWERED = "an assignment is submitted but its answer is missing"
    PATTERN = "an item's pattern is not that of its answers"
    PROGRESS = "the sums of a queue are not those of its items"
    WORK_DAY = "the sums of a member's day of work are not those of their answers"
    EXPOSURE_DAY = "the sums of what a member was shown on a day are not right"
    LAST_POS = "an item's position is ahead of the queue's last one"


@dataclass(frozen=True, slots=True)
class Found:
    """`ids`: the first items, or annotators, that it concerns; `n`: how many there are."""

    what: Break
    n: int
    ids: list[int]


RECOUNTED = """
    SELECT item.item_id, item.overlap, item.held_for, item.n_assigned, item.n_submitted, item.n_surplus,
           count(given.id) FILTER (WHERE status IN ('open', 'submitted')) AS assigned,
           count(given.id) FILTER (WHERE status = 'submitted') AS submitted,
           count(given.id) FILTER (WHERE status = 'surplus') AS surplus
    FROM queue_item AS item LEFT JOIN assignment AS given
        ON given.queue_id = item.queue_id AND given.item_id = item.item_id AND takes_place
    WHERE item.queue_id = :queue_id
    GROUP BY item.queue_id, item.item_id
"""
WRONG_COUNTS = "(n_assigned, n_submitted, n_surplus) <> (assigned, submitted, surplus)"
MEMBERS_RECOUNTED = """
    SELECT member.annotator_id, count(given.id) AS submitted
    FROM queue_member AS member LEFT JOIN assignment AS given
        ON given.queue_id = member.queue_id AND given.annotator_id = member.annotator_id
        AND status IN ('submitted', 'surplus', 'voided')
    WHERE member.queue_id = :queue_id
    GROUP BY member.annotator_id, member.n_submitted
    HAVING member.n_submitted <> count(given.id)
"""
MISSED = f"""
    WITH stands AS (
        SELECT annotator_id, cursors, coalesce(resume_cursors, cursors) AS resume_cursors, avoided
        FROM queue_member WHERE queue_id = :queue_id
    )
    SELECT DISTINCT stands.annotator_id FROM stands
    JOIN queue_item AS item ON item.queue_id = :queue_id AND item.is_open
        AND item.pos <= CASE WHEN severity_prior >= {SEVERE} THEN resume_cursors[item.lane]
            ELSE greatest(cursors[item.lane], resume_cursors[item.lane]) END
        AND item.harm_mask & avoided = 0
    JOIN queue ON queue.id = :queue_id
    WHERE NOT EXISTS (
        SELECT FROM assignment AS mine WHERE mine.queue_id = :queue_id AND mine.item_id = item.item_id
          AND mine.annotator_id = stands.annotator_id AND mine.status NOT IN {REOPENABLE})
      AND NOT EXISTS (
        SELECT FROM assignment AS judged WHERE judged.queue_id = not_by_queue_id
          AND judged.item_id = item.item_id AND judged.annotator_id = stands.annotator_id
          AND judged.status IN ('submitted', 'surplus'))
"""

# Each gives the ids that are concerned.
FIND = {
    Break.COUNTS: f"SELECT item_id FROM ({RECOUNTED}) AS item WHERE {WRONG_COUNTS}",
    Break.OVERFULL: f"SELECT item_id FROM ({RECOUNTED}) AS item WHERE assigned > overlap",
    Break.IDLE_SURPLUS: f"SELECT item_id FROM ({RECOUNTED}) AS item WHERE surplus > 0 AND assigned < overlap",
    Break.MEMBER: f"SELECT annotator_id FROM ({MEMBERS_RECOUNTED}) AS member",
    Break.MISSED: MISSED,
    Break.LAST_POS: "SELECT item_id FROM queue_item JOIN queue ON id = queue_id"
    " WHERE queue_id = :queue_id AND pos > last_pos",
}  # fmt: skip

RECOUNT = text(f"""
    UPDATE queue_item SET n_assigned = least(assigned, queue_item.overlap),
        n_submitted = least(submitted, queue_item.overlap), n_surplus = surplus
    FROM ({RECOUNTED}) AS item
    WHERE queue_id = :queue_id AND queue_item.item_id = item.item_id
      AND (item.n_assigned, item.n_submitted, item.n_surplus) <> (assigned, submitted, surplus)
""")
RECOUNT_MEMBERS = text(f"""
    UPDATE queue_member SET n_submitted = submitted FROM ({MEMBERS_RECOUNTED}) AS recounted
    WHERE queue_id = :queue_id AND queue_member.annotator_id = recounted.annotator_id
""")


def check_queue(session: Session, queue_id: int) -> list[Found]:
    """The breaks there are; none where all is well. All queries must see the same rows: use a snapshot."""
    found = []
    for what, query in FIND.items():
        ids = session.scalars(text(query), {"queue_id": queue_id}).all()
        if ids:
            found.append(Found(what, len(ids), sorted(ids)[:MOST_NAMED]))
    if is_progress_stray(session, queue_id):
        found.append(Found(Break.PROGRESS, 1, [queue_id]))
    return found


def note_check(session: Session, queue_id: int, found: list[Found]) -> None:
    """What the queue's page shows of its last check."""
    n_breaks = sum(each.n for each in found)
    session.execute(update(Queue).where(Queue.id == queue_id).values(checked_at=now(), n_breaks=n_breaks))


def repair_queue(session: Session, queue_id: int) -> None:
    """Count everything anew from the assignments, and let all members begin their search again.

    An item that has more than its overlap keeps all its answers: its overlap is raised to hold them.
    """
    session.execute(LOCK_ALL_MEMBERS, {"queue_id": queue_id})
    session.execute(LOCK_ALL_ITEMS, {"queue_id": queue_id})
    session.execute(RAISE_OVERFULL, {"queue_id": queue_id})
    session.execute(RECOUNT, {"queue_id": queue_id})
    session.execute(RECOUNT_MEMBERS, {"queue_id": queue_id})
    session.execute(
        update(QueueMember)
        .where(QueueMember.queue_id == queue_id)
        .values(cursors=[0] * len(Lane), resume_cursors=None)
    )
    session.execute(TAKE_LAST_POS, {"queue_id": queue_id})
    idle = session.scalars(text(FIND[Break.IDLE_SURPLUS]), {"queue_id": queue_id}).all()
    bring_back(session, queue_id, idle)
    rebuild_progress(session, queue_id)


LOCK_ALL_ITEMS = text("""
    SELECT FROM queue_item WHERE queue_id = :queue_id ORDER BY item_id FOR NO KEY UPDATE
""")
RAISE_OVERFULL = text(f"""
    UPDATE queue_item SET overlap = assigned FROM ({RECOUNTED}) AS item
    WHERE queue_id = :queue_id AND queue_item.item_id = item.item_id AND assigned > queue_item.overlap
""")
TAKE_LAST_POS = text("""
    UPDATE queue
    SET last_pos = greatest(last_pos, (SELECT max(pos) FROM queue_item WHERE queue_id = :queue_id))
    WHERE id = :queue_id
""")
