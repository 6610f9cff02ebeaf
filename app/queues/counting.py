"""How far queues are: sums that follow the items, folded and checked."""

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.queues.models import FIGURES, queue_progress

NAMES = ", ".join(FIGURES)
SUMS = ", ".join(f"sum({name}) AS {name}" for name in FIGURES)
# What one fold takes another one that waits for it finds gone, and what it makes is not there for that yet.
FOLD = text(f"""
    WITH taken AS (
        DELETE FROM queue_progress WHERE queue_id IN (
            SELECT queue_id FROM queue_progress GROUP BY queue_id HAVING count(*) > 1)
        RETURNING *
    )
    INSERT INTO queue_progress (queue_id, {NAMES}) SELECT queue_id, {SUMS} FROM taken GROUP BY queue_id
""")
# As the triggers do it.
RECOUNTED = """
    SELECT queue_id, count(*) FILTER (WHERE held_for IS DISTINCT FROM 'broken' AND overlap > 0),
        count(*) FILTER (WHERE held_for IS DISTINCT FROM 'broken' AND n_submitted >= overlap AND overlap > 0),
        coalesce(sum(n_submitted) FILTER (WHERE held_for IS DISTINCT FROM 'broken'), 0),
        sum(n_assigned - n_submitted),
        coalesce(sum(overlap) FILTER (WHERE held_for IS DISTINCT FROM 'broken'), 0), sum(n_surplus),
        count(*) FILTER (WHERE held_for = 'broken'), count(*) FILTER (WHERE held_for = 'safety')
    FROM queue_item WHERE queue_id = :queue_id GROUP BY queue_id
"""
STRAY = text(f"""
    SELECT FROM ({RECOUNTED}) AS recounted (queue_id, {NAMES})
    FULL JOIN (
        SELECT queue_id, {SUMS} FROM queue_progress WHERE queue_id = :queue_id GROUP BY queue_id
    ) AS known USING (queue_id)
    WHERE {" OR ".join(f"coalesce(recounted.{name}, 0) <> coalesce(known.{name}, 0)" for name in FIGURES)}
""")
REBUILD = text(f"INSERT INTO queue_progress (queue_id, {NAMES}) {RECOUNTED}")


def fold_progress(session: Session) -> None:
    """Of each queue the rows into one."""
    session.execute(FOLD)


def is_progress_stray(session: Session, queue_id: int) -> bool:
    """Are the sums not those of the queue's items? Both must be seen at one moment: use a snapshot."""
    return session.execute(STRAY, {"queue_id": queue_id}).first() is not None


def rebuild_progress(session: Session, queue_id: int) -> None:
    """From the items, which are locked, so that none changes meanwhile."""
    session.execute(delete(queue_progress).where(queue_progress.c.queue_id == queue_id))
    session.execute(REBUILD, {"queue_id": queue_id})
