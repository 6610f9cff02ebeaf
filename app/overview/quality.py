"""How good the work is in each queue of one project, from what reports and people have found."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.gold.rates import right_rate_interval
from app.queues.models import Queue, QueuePurpose
from app.queues.queries import queues_of_project
from app.web.csv_text import csv_line

# Of a report that has up to a megabyte, what stands on this page.
REPORTS = text("""
    SELECT queue.id, computed_at, main_figures,
           jsonb_path_query_array(content, '$.position[*] ? (@.annotator_id == null)'),
           jsonb_path_query_array(content, '$.periods[*] ? (
               @.question == "safe" || @.question == "helpfulness"
               || @.question == "harmlessness" || @.question == "single")')
    FROM queue
    CROSS JOIN LATERAL (
        SELECT computed_at, main_figures, content FROM agreement_report
        WHERE queue_id = queue.id ORDER BY computed_at DESC LIMIT 1
    ) AS newest
    WHERE project_id = :project_id
""")

# Annotators with an alarm of each name, in the newest look at their answers.
ALARMS = text("""
    SELECT queue.id, finding ->> 'name', count(DISTINCT annotator_id)
    FROM queue
    CROSS JOIN LATERAL (
        SELECT findings FROM trust_report WHERE queue_id = queue.id ORDER BY trust_report.id DESC LIMIT 1
    ) AS newest
    CROSS JOIN LATERAL jsonb_each(findings) AS of_each (annotator_id, found)
    CROSS JOIN LATERAL jsonb_array_elements(found) AS finding
    WHERE project_id = :project_id AND CAST(finding ->> 'is_alarm' AS boolean)
    GROUP BY queue.id, finding ->> 'name' ORDER BY count(DISTINCT annotator_id) DESC, finding ->> 'name'
""")

# Voided assignments are few, and have an index of their own: all others are not read.
COUNTS = """dispute_state IS DISTINCT FROM 'upheld'
        AND NOT EXISTS (SELECT FROM assignment WHERE id = assignment_id AND status = 'voided')"""
GOLD = text(f"""
    SELECT gold_result.queue_id, count(*), count(*) FILTER (WHERE is_right)
    FROM queue
    JOIN gold_result ON gold_result.queue_id = queue.id
    WHERE project_id = :project_id AND {COUNTS}
    GROUP BY gold_result.queue_id
""")  # noqa: S608 - constants

CASES = text("""
    SELECT queue_id, count(*) FILTER (WHERE adjudication_case.state = 'open'),
           count(*) FILTER (WHERE adjudication_case.state = 'decided')
    FROM queue JOIN adjudication_case ON queue_id = queue.id
    WHERE project_id = :project_id GROUP BY queue_id
""")

BATCHES = text("""
    SELECT queue_id, count(*) FILTER (WHERE inspection_batch.state = 'open'),
           count(*) FILTER (WHERE inspection_batch.state = 'accepted'),
           count(*) FILTER (WHERE inspection_batch.state = 'refused')
    FROM queue JOIN inspection_batch ON queue_id = queue.id
    WHERE project_id = :project_id GROUP BY queue_id
""")

CAUSES = text("""
    SELECT cause, count(*)
    FROM queue
    JOIN adjudication_case ON queue_id = queue.id
    JOIN decision ON case_id = adjudication_case.id AND superseded_at IS NULL
    WHERE project_id = :project_id GROUP BY cause ORDER BY count(*) DESC, cause
""")

# Those that are missed most often, of those that enough people met.
MISSED_GOLD = text(f"""
    SELECT queue_id, queue.name, gold_item.item_id, gold_item.state, n, n_right
    FROM queue
    JOIN gold_item ON queue_id = queue.id AND gold_item.state <> 'retired'
    JOIN (
        SELECT gold_result.queue_id, item_id, count(*) AS n, count(*) FILTER (WHERE is_right) AS n_right
        FROM queue JOIN gold_result ON gold_result.queue_id = queue.id
        WHERE project_id = :project_id AND {COUNTS}
        GROUP BY gold_result.queue_id, item_id
    ) AS result USING (queue_id, item_id)
    WHERE project_id = :project_id AND n >= :fewest AND (gold_item.state = 'suspended' OR 2 * n_right < n)
    ORDER BY gold_item.state = 'suspended' DESC, CAST(n_right AS float8) / n, n DESC LIMIT :most
""")  # noqa: S608 - constants

FEWEST_RESULTS = 5
MOST_GOLD_SHOWN = 20


class Agreement(NamedTuple):
    """Of one dimension: alpha with its interval, and alpha by week (its Monday); None where undefined."""

    question: str
    alpha: float | None
    lower: float | None
    upper: float | None
    n_items: int
    by_week: list[tuple[date, float]]


NO_AGREEMENT = Agreement("", None, None, None, 0, [])


class Share(NamedTuple):
    """`n_yes` of `n`."""

    n: int
    n_yes: int

    @property
    def share(self) -> float:
        return self.n_yes / self.n

    @property
    def interval(self) -> tuple[float, float]:
        return right_rate_interval(self.n_yes, self.n - self.n_yes)


class MissedGold(NamedTuple):
    queue_id: int
    queue_name: str
    item_id: int
    state: str
    n: int
    n_right: int


@dataclass(slots=True)
class QueueQuality:
    """`first_won`: answers of rankings that prefer the response shown first, by dimension; `alarms`: how many
    annotators have one, by the finding's name; `cases`: open, decided; `batches`: open, accepted, refused."""

    queue: Queue
    computed_at: datetime | None = None
    agreement: list[Agreement] = field(default_factory=list)
    first_won: dict[str, Share] = field(default_factory=dict)
    alarms: dict[str, int] = field(default_factory=dict)
    gold: Share | None = None
    cases: tuple[int, int] = (0, 0)
    batches: tuple[int, int, int] = (0, 0, 0)


def quality_by_queue(session: Session, project_id: int) -> list[QueueQuality]:
    """Of each queue for labels, in the order of the project."""
    values = {"project_id": project_id}
    found = {
        queue.id: QueueQuality(queue)
        for queue in queues_of_project(session, project_id)
        if queue.purpose == QueuePurpose.PRODUCTION
    }

    def rows(statement: Any) -> Iterator[tuple[QueueQuality, Sequence[Any]]]:
        for queue_id, *row in session.execute(statement, values):
            if queue_id in found:
                yield found[queue_id], row

    for each, (computed_at, figures, position, periods) in rows(REPORTS):
        each.computed_at = computed_at
        each.agreement = [agreement_of(figure, periods) for figure in figures]
        each.first_won = {
            share["question"]: Share(share["n"], share["n_yes"]) for share in position if share["n"]
        }
    for each, (name, n) in rows(ALARMS):
        each.alarms[name] = n
    for each, gold in rows(GOLD):
        each.gold = Share(*gold)
    for each, (n_open, n_decided) in rows(CASES):
        each.cases = (n_open, n_decided)
    for each, (n_open, n_accepted, n_refused) in rows(BATCHES):
        each.batches = (n_open, n_accepted, n_refused)
    return list(found.values())


def agreement_of(figure: dict[str, Any], periods: Sequence[dict[str, Any]]) -> Agreement:
    weeks: dict[str, list[tuple[date, float]]] = defaultdict(list)
    for period in periods:
        if period["alpha"] is not None:
            weeks[period["question"]].append((date.fromisoformat(period["start"]), period["alpha"]))
    question = figure["question"]
    bounds = (figure["alpha"], figure["alpha_lower"], figure["alpha_upper"])
    return Agreement(question, *bounds, figure["n_items"], sorted(weeks[question]))


def causes_of_disagreement(session: Session, project_id: int) -> list[tuple[str, int]]:
    """Of the adjudicators' decisions that stand, the most frequent first."""
    return [(cause, n) for cause, n in session.execute(CAUSES, {"project_id": project_id})]


def missed_gold(session: Session, project_id: int) -> list[MissedGold]:
    """Suspended ones first, then those that fewer than half got right, the worst first."""
    values = {"project_id": project_id, "fewest": FEWEST_RESULTS, "most": MOST_GOLD_SHOWN}
    return [MissedGold(*row) for row in session.execute(MISSED_GOLD, values)]


def quality_lines(queues: Iterable[QueueQuality]) -> Iterator[str]:
    """CSV, a line for each queue and dimension; nothing where a figure is unknown."""
    yield csv_line(
        [
            *("queue", "dimension", "alpha", "alpha_lower", "alpha_upper", "items"),
            *("first_shown_won", "first_shown_n", "gold_right", "gold_n", "annotators_alarming"),
            *("cases_open", "cases_decided", "batches_open", "batches_accepted", "batches_refused"),
        ]
    )
    for each in queues:
        gold = (each.gold.n_yes, each.gold.n) if each.gold else (None, None)
        tail = (*gold, max(each.alarms.values(), default=0), *each.cases, *each.batches)
        for figure in each.agreement or [NO_AGREEMENT]:
            won = each.first_won.get(figure.question)
            first = (won.n_yes, won.n) if won else (None, None)
            yield csv_line([each.queue.name, *figure[:5], *first, *tail])
