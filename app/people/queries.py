"""Who works in a project, and how much: from the sums of each day, never from the answers one by one."""

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.people.exposure import doses_in_project, values_of
from app.people.forms import Days, Order
from app.work.models import MS_AN_HOUR

MS_A_SECOND = 1_000

# Of those who are, or were, members of any of its queues. An alert is one that nobody has decided on.
AT_WORK = text("""
    WITH member AS (
        SELECT annotator_id, bool_or(is_active) AS is_member, count(pause_reason) AS n_paused
        FROM queue JOIN queue_member ON queue_id = queue.id
        WHERE project_id = :project_id GROUP BY annotator_id
    ), alerted AS (
        SELECT annotator_id, count(*) AS n
        FROM queue JOIN alert ON queue_id = queue.id AND resolved_at IS NULL
        WHERE project_id = :project_id GROUP BY annotator_id
    )
    SELECT id, username, is_active AND is_member, n_paused, coalesce(alerted.n, 0),
           greatest(
               (SELECT max(closed_at) FROM assignment
                WHERE annotator_id = user_account.id AND status IN ('submitted', 'surplus')),
               (SELECT max(created_at) FROM sign_in WHERE user_id = user_account.id))
    FROM member
    JOIN user_account ON user_account.id = member.annotator_id
    LEFT JOIN alerted ON alerted.annotator_id = user_account.id
    ORDER BY username
""")

WORK_BY = """
    SELECT {by}, sum(n_items), sum(n_answers), CAST(sum(active_ms) AS bigint),
           sum(n_items_voided), sum(n_answers_voided), CAST(sum(active_ms_voided) AS bigint)
    FROM queue
    JOIN work_day ON queue_id = queue.id
    JOIN user_account ON user_account.id = annotator_id
    WHERE {which} AND day BETWEEN :first AND :last
    GROUP BY {by} ORDER BY {by}
"""
IN_PROJECT = "project_id = :id"
OF_PERSON = "annotator_id = :id"


@dataclass(frozen=True, slots=True)
class Work:
    """All that was done, and what of it was voided, then or later."""

    n_items: int = 0
    n_answers: int = 0
    active_ms: int = 0
    n_items_voided: int = 0
    n_answers_voided: int = 0
    active_ms_voided: int = 0

    @property
    def hours(self) -> float:
        return self.active_ms / MS_AN_HOUR

    @property
    def hours_voided(self) -> float:
        return self.active_ms_voided / MS_AN_HOUR

    @property
    def seconds(self) -> float | None:
        """Of active time an answer; None where none was measured."""
        return self.active_ms / MS_A_SECOND / self.n_answers if self.active_ms and self.n_answers else None


@dataclass(frozen=True, slots=True)
class AtWork:
    """One person in one project. `dose`: of what they were shown there; `is_member`: now, of any of its
    queues; `n_paused`: queues where they are paused; `seen_at`: when they last signed in or answered."""

    done: Work
    dose: int
    id: int
    username: str
    is_member: bool
    n_paused: int
    n_alerts: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayOfWork:
    username: str
    day: date
    done: Work


SORTED_BY: dict[Order, Callable[[AtWork], Any]] = {
    Order.ITEMS: lambda person: person.done.n_items,
    Order.HOURS: lambda person: person.done.active_ms,
    Order.SPEED: lambda person: person.done.seconds,
    Order.DOSE: lambda person: person.dose,
    Order.ALERTS: lambda person: person.n_alerts,
    Order.SEEN: lambda person: person.seen_at,
}


def people_at_work(session: Session, project_id: int, days: Days, order: Order) -> list[AtWork]:
    """Everyone who is or was a member of its queues."""
    rows = session.execute(work_by("annotator_id", IN_PROJECT), values_of(project_id, days))
    done = {annotator_id: Work(*sums) for annotator_id, *sums in rows}
    doses = doses_in_project(session, project_id, days)
    found = [
        AtWork(done.get(row.id, Work()), doses.get(row.id, 0), *row)
        for row in session.execute(AT_WORK, {"project_id": project_id})
    ]
    if order is Order.NAME:
        return found
    key = SORTED_BY[order]
    known = [person for person in found if key(person) is not None]
    return sorted(known, key=key, reverse=True) + [person for person in found if key(person) is None]


def work_in_project(session: Session, project_id: int, days: Days) -> list[DayOfWork]:
    """Of everyone, by name and day; days without work are left out."""
    return work_by_day(session, IN_PROJECT, project_id, days)


def work_of_person(session: Session, user_id: int, days: Days) -> list[DayOfWork]:
    """In all projects together, by day."""
    return work_by_day(session, OF_PERSON, user_id, days)


def work_by_day(session: Session, which: str, id_: int, days: Days) -> list[DayOfWork]:
    rows = session.execute(work_by("username, day", which), values_of(id_, days))
    return [DayOfWork(username, day, Work(*sums)) for username, day, *sums in rows]


def work_by(by: str, which: str) -> TextClause:
    return text(WORK_BY.format(by=by, which=which))


def added_up(works: Iterable[Work]) -> Work:
    return Work(*(sum(sums) for sums in zip(*map(astuple, [Work(), *works]), strict=True)))
