"""What the work asks of people: how often a queue was too much."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

FEWEST_PEOPLE = 3
WEEKS = 8

# Whole weeks only: a number that grows while one person works would tell who it was. Who worked in one is
# known from the sums of days, so that skips alone are read.
DISTRESS = text("""
    WITH bounds AS (
        SELECT date_trunc('week', now()) - make_interval(weeks => :weeks) AS first,
               date_trunc('week', now()) AS end
    ), of_one AS (
        SELECT queue_id, week, annotator_id, sum(n) AS n
        FROM (
            SELECT queue_id, date_trunc('week', closed_at) AS week, annotator_id,
                   CAST(skip_reason = 'distress' AS int) AS n
            FROM queue JOIN assignment ON queue_id = queue.id, bounds
            WHERE project_id = :project_id AND status = 'skipped'
              AND closed_at >= bounds.first AND closed_at < bounds.end
            UNION ALL
            SELECT queue_id, date_trunc('week', CAST(day AS timestamptz)), annotator_id, 0
            FROM queue JOIN work_day ON queue_id = queue.id, bounds
            WHERE project_id = :project_id AND day >= bounds.first AND day < bounds.end AND n_answers > 0
        ) AS worked
        GROUP BY queue_id, week, annotator_id
    )
    SELECT CAST(week AS date), queue.name, CASE WHEN count(*) >= :fewest THEN CAST(sum(n) AS bigint) END
    FROM of_one JOIN queue ON queue_id = queue.id
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
