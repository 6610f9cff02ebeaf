"""What the work asks of people: how often a queue was too much."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

FEWEST_PEOPLE = 3
WEEKS = 8

# Whole weeks only: a number that grows while one person works would tell who it was.
DISTRESS = text("""
    SELECT week, queue.name, CASE WHEN count(*) >= :fewest THEN CAST(sum(n) AS bigint) END
    FROM queue JOIN (
        SELECT queue_id, CAST(date_trunc('week', closed_at) AS date) AS week,
               count(*) FILTER (WHERE skip_reason = 'distress') AS n
        FROM assignment
        WHERE status IN ('submitted', 'surplus', 'voided', 'skipped')
          AND closed_at < (SELECT date_trunc('week', now()))
          AND closed_at >= (SELECT date_trunc('week', now()) - make_interval(weeks => :weeks))
        GROUP BY queue_id, week, annotator_id
    ) AS of_one ON queue_id = queue.id
    WHERE project_id = :project_id
    GROUP BY week, queue.id ORDER BY week DESC, queue.name
""")


@dataclass(frozen=True, slots=True)
class DistressInWeek:
    """`week`: its Monday; `n_skips`: for distress, None where too few people worked in the queue to say."""

    week: date
    queue_name: str
    n_skips: int | None


def distress_by_week(session: Session, project_id: int) -> list[DistressInWeek]:
    """The newest first, of the last weeks that are over."""
    values = {"project_id": project_id, "fewest": FEWEST_PEOPLE, "weeks": WEEKS}
    return [DistressInWeek(*row) for row in session.execute(DISTRESS, values)]
