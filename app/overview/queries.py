"""What stands on the pages over one project."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import now
from app.overview.forecast import DAYS_LOOKED_AT, Forecast, forecast
from app.queues.models import Queue, QueuePurpose
from app.queues.queries import Progress, progress_by_queue, queues_of_project

# By queue and day (UTC), whatever became of the answers later.
WORK = text("""
    SELECT queue_id, day, CAST(sum(n_items) AS bigint), CAST(sum(active_ms) AS bigint)
    FROM queue JOIN work_day ON queue_id = queue.id
    WHERE project_id = :project_id AND day >= :since
    GROUP BY queue_id, day ORDER BY queue_id, day
""")

CASES = text("""
    SELECT queue_id, count(*)
    FROM queue JOIN adjudication_case ON queue_id = queue.id AND adjudication_case.state = 'open'
    WHERE project_id = :project_id GROUP BY queue_id
""")

# The one who has met most of them has the fewest left.
GOLD = text("""
    SELECT queue.id, n_gold, n_gold - coalesce(max(n_met), 0)
    FROM queue
    CROSS JOIN LATERAL (
        SELECT count(*) AS n_gold FROM gold_item WHERE queue_id = queue.id AND state = 'active'
    ) AS gold
    LEFT JOIN LATERAL (
        SELECT n_met
        FROM (
            SELECT annotator_id, count(*) AS n_met FROM gold_item JOIN assignment USING (queue_id, item_id)
            WHERE gold_item.queue_id = queue.id AND state = 'active' AND NOT takes_place
            GROUP BY annotator_id
        ) AS of_one
        JOIN queue_member USING (annotator_id) JOIN user_account AS person ON person.id = annotator_id
        WHERE queue_member.queue_id = queue.id AND queue_member.is_active AND person.is_active
    ) AS met ON true
    WHERE project_id = :project_id AND n_gold > 0 GROUP BY queue.id, n_gold
""")

AGREEMENT = text("""
    SELECT queue.id, figure ->> 'question', CAST(figure ->> 'alpha' AS float8),
           CAST(figure ->> 'alpha_lower' AS float8), CAST(figure ->> 'alpha_upper' AS float8), computed_at
    FROM queue
    CROSS JOIN LATERAL (
        SELECT main_figures, computed_at FROM agreement_report
        WHERE queue_id = queue.id ORDER BY computed_at DESC LIMIT 1
    ) AS newest
    CROSS JOIN LATERAL jsonb_array_elements(main_figures) AS figure
    WHERE project_id = :project_id
""")


STEPS = text("""
    SELECT EXISTS (SELECT FROM item WHERE project_id = :project_id),
           EXISTS (SELECT FROM queue WHERE project_id = :project_id),
           EXISTS (SELECT FROM queue JOIN queue_member ON queue_id = id AND is_active
                   WHERE project_id = :project_id),
           EXISTS (SELECT FROM queue JOIN assignment ON queue_id = queue.id WHERE project_id = :project_id)
        OR EXISTS (SELECT FROM queue WHERE project_id = :project_id AND state = 'running')
""")


class FirstSteps(NamedTuple):
    """What of a new project is done already; `has_begun`: a queue is running, or was."""

    has_items: bool
    has_queue: bool
    has_people: bool
    has_begun: bool


class DayOfWork(NamedTuple):
    """Items that somebody finished on one day (UTC), each once for each person, and the work on them."""

    day: date
    n_items: int
    active_ms: int


class MainAgreement(NamedTuple):
    """The newest report's alpha on the question that stands for a dimension; None where it is undefined."""

    question: str
    alpha: float | None
    lower: float | None
    upper: float | None
    computed_at: datetime


class GoldLeft(NamedTuple):
    """`n_left`: those that the member who met most of them has not met yet."""

    n_active: int
    n_left: int


@dataclass(frozen=True, slots=True)
class QueueAtWork:
    """`n_cases`: items with adjudicators; `gold`: None where none is active."""

    queue: Queue
    progress: Progress
    n_cases: int
    gold: GoldLeft | None
    agreement: Sequence[MainAgreement]
    forecast: Forecast | None


Work = Mapping[int, Sequence[DayOfWork]]


def first_steps(session: Session, project_id: int) -> FirstSteps:
    return FirstSteps(*session.execute(STEPS, {"project_id": project_id}).one())


def work_by_queue(session: Session, project_id: int, since: date) -> Work:
    """By queue; days without any work are missing."""
    found: dict[int, list[DayOfWork]] = defaultdict(list)
    for queue_id, *row in session.execute(WORK, {"project_id": project_id, "since": since}):
        found[queue_id].append(DayOfWork(*row))
    return found


def every_day(work: Sequence[DayOfWork], first: date, n_days: int) -> list[DayOfWork]:
    """One of each day from `first` on, added up over queues."""
    days = {first + timedelta(days=n): [0, 0] for n in range(n_days)}
    for each in work:
        if each.day in days:
            days[each.day][0] += each.n_items
            days[each.day][1] += each.active_ms
    return [DayOfWork(day, *sums) for day, sums in days.items()]


def queues_at_work(session: Session, project_id: int, work: Work) -> list[QueueAtWork]:
    """Those for labels, by name. `work`: of the last four weeks, for the forecast."""
    queues = [
        queue for queue in queues_of_project(session, project_id) if queue.purpose == QueuePurpose.PRODUCTION
    ]
    progress = progress_by_queue(session, [queue.id for queue in queues])
    values = {"project_id": project_id}
    cases: dict[int, int] = dict(iter(session.execute(CASES, values)))
    gold = {queue_id: GoldLeft(*row) for queue_id, *row in session.execute(GOLD, values)}
    agreement: dict[int, list[MainAgreement]] = defaultdict(list)
    for queue_id, *row in session.execute(AGREEMENT, values):
        agreement[queue_id].append(MainAgreement(*row))
    return [
        QueueAtWork(
            queue,
            progress[queue.id],
            cases.get(queue.id, 0),
            gold.get(queue.id),
            agreement[queue.id],
            forecast_of(queue, progress[queue.id], work.get(queue.id, ())),
        )
        for queue in queues
    ]


def forecast_of(queue: Queue, progress: Progress, work: Sequence[DayOfWork]) -> Forecast | None:
    """From this morning (UTC) on, by the days before. Gold items take time and fill no place."""
    n_left = progress.n_wanted - progress.n_submitted
    if not n_left:
        return None
    today = now().date()
    gold_share = 1 / queue.gold_every if queue.gold_every else queue.gold_rate or 0.0
    days = every_day(work, today - timedelta(days=DAYS_LOOKED_AT), DAYS_LOOKED_AT + 1)
    *before, this_day = (round(day.n_items * (1 - gold_share)) for day in days)
    return forecast(n_left + this_day, before, today, queue.seed)
