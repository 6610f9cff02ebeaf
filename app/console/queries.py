"""What the work asks of people: what each has seen, and how often a queue was too much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.console.wellbeing import SeenOnDay

FEWEST_PEOPLE = 3
WEEKS = 8

# A response counts with the severity that this person gave it, in whichever queue; else with what is
# expected of the item. Covered, never asked for and not answered: not seen.
SEEN = text("""
    WITH given AS (
        SELECT assignment.id, assignment.annotator_id, item_id, CAST(assignment.created_at AS date) AS day,
               severity_prior, severity_prior >= coalesce(blur_from, 4) AS is_covered
        FROM queue
        JOIN assignment ON queue_id = queue.id AND NOT is_ahead
        JOIN queue_item USING (queue_id, item_id)
        WHERE project_id = :project_id AND assignment.created_at >= :since
    ), own AS (
        SELECT annotator_id, response_id,
               (array_agg(severity ORDER BY annotation.created_at DESC))[1] AS severity
        FROM queue
        JOIN assignment ON queue_id = queue.id
        JOIN annotation ON assignment_id = assignment.id AND dimension = 'safety' AND superseded_at IS NULL
        JOIN item_response USING (item_id)
        WHERE project_id = :project_id
        GROUP BY annotator_id, response_id
    ), seen AS (
        SELECT given.id, annotator_id, day, coalesce(own.severity, severity_prior) AS severity
        FROM given
        JOIN item_response AS member USING (item_id)
        LEFT JOIN own USING (annotator_id, response_id)
        WHERE NOT is_covered
           OR EXISTS (SELECT FROM reveal WHERE assignment_id = given.id AND position = member.position)
           OR EXISTS (SELECT FROM annotation WHERE assignment_id = given.id)
    ), responses AS (
        SELECT annotator_id, day, count(DISTINCT id) AS n_items,
               ARRAY[count(*) FILTER (WHERE severity = 0), count(*) FILTER (WHERE severity = 1),
                     count(*) FILTER (WHERE severity = 2), count(*) FILTER (WHERE severity = 3)] AS counts
        FROM seen GROUP BY annotator_id, day
    ), reveals AS (
        SELECT annotator_id, day, count(*) AS n
        FROM given JOIN reveal ON assignment_id = given.id GROUP BY annotator_id, day
    )
    SELECT username, day, coalesce(n_items, 0), coalesce(counts, '{0,0,0,0}'), coalesce(reveals.n, 0)
    FROM responses FULL JOIN reveals USING (annotator_id, day)
    JOIN user_account ON user_account.id = annotator_id
    ORDER BY username, day
""")

# Whole weeks only: a number that grows while one person works would tell who it was.
DISTRESS = text("""
    SELECT CAST(date_trunc('week', closed_at) AS date) AS week, queue.name,
           CASE WHEN count(DISTINCT annotator_id) >= :fewest
                THEN count(*) FILTER (WHERE skip_reason = 'distress') END
    FROM queue JOIN assignment ON queue_id = queue.id
    WHERE project_id = :project_id AND status IN ('submitted', 'surplus', 'voided', 'skipped')
      AND closed_at < date_trunc('week', now())
      AND closed_at >= date_trunc('week', now()) - make_interval(weeks => :weeks)
    GROUP BY week, queue.id ORDER BY week DESC, queue.name
""")


@dataclass(frozen=True, slots=True)
class DistressInWeek:
    """`week`: its Monday; `n_skips`: for distress, None where too few people worked in the queue to say."""

    week: date
    queue_name: str
    n_skips: int | None


def seen_by_day(session: Session, project_id: int, since: date) -> Sequence[SeenOnDay]:
    """By name and day (UTC), of the days from `since` on which anything was handed out and seen."""
    return [SeenOnDay(*row) for row in session.execute(SEEN, {"project_id": project_id, "since": since})]


def distress_by_week(session: Session, project_id: int) -> list[DistressInWeek]:
    """The newest first, of the last weeks that are over."""
    values = {"project_id": project_id, "fewest": FEWEST_PEOPLE, "weeks": WEEKS}
    return [DistressInWeek(*row) for row in session.execute(DISTRESS, values)]
