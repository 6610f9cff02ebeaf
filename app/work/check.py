"""The sums of each member's days of work, counted anew from the answers."""

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.work.models import WorkDay

FIGURES = ("n_items", "n_answers", "active_ms", "n_items_voided", "n_answers_voided", "active_ms_voided")
# As the triggers do it: an item counts with its last step, an answer with its first version.
RECOUNTED = """
    SELECT queue_id, day, annotator_id, count(*) FILTER (WHERE is_first AND is_last_step) AS n_items,
           count(*) FILTER (WHERE is_first) AS n_answers, coalesce(sum(active_ms), 0) AS active_ms,
           count(*) FILTER (WHERE is_first AND is_last_step AND is_voided) AS n_items_voided,
           count(*) FILTER (WHERE is_first AND is_voided) AS n_answers_voided,
           coalesce(sum(active_ms) FILTER (WHERE is_voided), 0) AS active_ms_voided
    FROM (
        SELECT queue_id, CAST(given.created_at AT TIME ZONE 'UTC' AS date) AS day, annotator_id, active_ms,
               status = 'voided' AS is_voided,
               kind <> 'dual' OR dimension = 'harmlessness' AS is_last_step,
               row_number() OVER (PARTITION BY assignment_id, dimension ORDER BY given.id) = 1 AS is_first
        FROM assignment
        JOIN annotation AS given ON assignment_id = assignment.id
        JOIN queue ON queue.id = queue_id
        WHERE queue_id = :queue_id
    ) AS counted
    GROUP BY queue_id, day, annotator_id
"""
STRAY = text(f"""
    SELECT DISTINCT annotator_id FROM ({RECOUNTED}) AS recounted
    FULL JOIN (SELECT * FROM work_day WHERE queue_id = :queue_id) AS kept USING (queue_id, day, annotator_id)
    WHERE ({", ".join(f"recounted.{name}" for name in FIGURES)})
        IS DISTINCT FROM ({", ".join(f"kept.{name}" for name in FIGURES)})
    ORDER BY annotator_id
""")  # noqa: S608 - constants
REBUILD = text(f"INSERT INTO work_day (queue_id, day, annotator_id, {', '.join(FIGURES)}) {RECOUNTED}")


def stray_work_days(session: Session, queue_id: int) -> list[int]:
    """Ids of members of whom a day's sums are not those of their answers. All must be seen at one moment: use
    a snapshot."""
    return list(session.scalars(STRAY, {"queue_id": queue_id}))


def rebuild_work_days(session: Session, queue_id: int) -> None:
    """From the answers, of which none comes meanwhile: all members are locked."""
    session.execute(delete(WorkDay).where(WorkDay.queue_id == queue_id))
    session.execute(REBUILD, {"queue_id": queue_id})
