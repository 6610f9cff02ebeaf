"""How much harm people were shown, day by day: read from the sums that a job keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.people.forms import Days
from app.people.models import ExposureCount

SEEN = """
    SELECT annotator_id, username, day, CAST(sum(n_items) AS int),
           ARRAY[CAST(sum(n_severity_0) AS int), CAST(sum(n_severity_1) AS int),
                 CAST(sum(n_severity_2) AS int), CAST(sum(n_severity_3) AS int)],
           CAST(sum(n_reveals) AS int)
    FROM queue
    JOIN exposure_day ON queue_id = queue.id
    JOIN user_account ON user_account.id = annotator_id
    WHERE {which} AND day BETWEEN :first AND :last
    GROUP BY annotator_id, username, day ORDER BY username, day
"""
IN_PROJECT = text(SEEN.format(which="project_id = :id"))
OF_PERSON = text(SEEN.format(which="annotator_id = :id"))
DOSES = text("""
    SELECT annotator_id, CAST(sum(n_severity_1 + 2 * n_severity_2 + 3 * n_severity_3) AS int) AS dose
    FROM queue JOIN exposure_day ON queue_id = queue.id
    WHERE project_id = :id AND day BETWEEN :first AND :last
    GROUP BY annotator_id
""")


@dataclass(frozen=True, slots=True)
class SeenOnDay:
    """`by_severity[s]`: responses of severity s, 0 to 3; `n_reveals`: texts that were uncovered."""

    user_id: int
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


def seen_in_project(session: Session, project_id: int, days: Days) -> Sequence[SeenOnDay]:
    """By name and day (UTC); days on which nothing was handed out and seen are left out."""
    return [SeenOnDay(*row) for row in session.execute(IN_PROJECT, values_of(project_id, days))]


def seen_by_person(session: Session, user_id: int, days: Days) -> Sequence[SeenOnDay]:
    """In all projects together."""
    return [SeenOnDay(*row) for row in session.execute(OF_PERSON, values_of(user_id, days))]


def doses_in_project(session: Session, project_id: int, days: Days) -> dict[int, int]:
    """By annotator."""
    rows = session.execute(DOSES, values_of(project_id, days))
    return {row.annotator_id: row.dose for row in rows}


def exposure_counted_at(session: Session) -> datetime | None:
    """What was shown and answered later is not in the sums yet; None before the first count."""
    return session.scalar(select(ExposureCount.counted_at))


def values_of(id_: int, days: Days) -> dict[str, object]:
    return {"id": id_, "first": days.first, "last": days.last}
