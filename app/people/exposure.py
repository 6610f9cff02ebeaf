"""How much harm people were shown, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SeenOnDay:
    """`by_severity[s]`: responses of severity s, 0 to 3; `n_reveals`: texts that were uncovered."""

    username: str
    day: date
    n_items: int
    by_severity: list[int]
    n_reveals: int

    @property
    def dose(self) -> int:
        return sum(severity * n for severity, n in enumerate(self.by_severity))


def last_days(today: date, n: int) -> list[date]:
    """With today, the oldest first."""
    return [today - timedelta(days=back) for back in reversed(range(n))]


# A response counts with the severity that this person gave it, in whichever queue; else with what is
# expected of the item. Covered, never asked for and not answered: not seen.
SEEN = """
    WITH given AS (
        SELECT assignment.id, assignment.annotator_id, item_id, CAST(assignment.created_at AS date) AS day,
               severity_prior, severity_prior >= coalesce(blur_from, 4) AS is_covered
        FROM queue
        JOIN assignment ON queue_id = queue.id AND NOT is_ahead
        JOIN queue_item USING (queue_id, item_id)
        WHERE {which} AND assignment.created_at >= :since
    ), own AS (
        SELECT annotator_id, response_id,
               (array_agg(severity ORDER BY annotation.created_at DESC))[1] AS severity
        FROM queue
        JOIN assignment ON queue_id = queue.id
        JOIN annotation ON assignment_id = assignment.id AND dimension = 'safety' AND superseded_at IS NULL
        JOIN item_response USING (item_id)
        WHERE {which}
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
    SELECT username, day, coalesce(n_items, 0), coalesce(counts, '{{0,0,0,0}}'), coalesce(reveals.n, 0)
    FROM responses FULL JOIN reveals USING (annotator_id, day)
    JOIN user_account ON user_account.id = annotator_id
    ORDER BY username, day
"""


def seen_by_day(session: Session, project_id: int, since: date) -> Sequence[SeenOnDay]:
    """By name and day (UTC), of the days from `since` on which anything was handed out and seen."""
    return seen(session, text(SEEN.format(which="project_id = :id")), project_id, since)


def seen_by_person(session: Session, user_id: int, since: date) -> Sequence[SeenOnDay]:
    """In all projects together."""
    return seen(session, text(SEEN.format(which="assignment.annotator_id = :id")), user_id, since)


def seen(session: Session, statement: TextClause, id_: int, since: date) -> list[SeenOnDay]:
    return [SeenOnDay(*row) for row in session.execute(statement, {"id": id_, "since": since})]
