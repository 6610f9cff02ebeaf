"""Counts over the cases of one queue."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.adjudication.models import AdjudicationCase, CaseReason, CaseState, Cause, Decision

MOST_LISTED = 200
# Of the decisions that stand, which are many: they are counted where they are.
CAUSES = text("""
    SELECT cause, count(*) AS n, count(*) FILTER (WHERE is_third) AS n_third
    FROM adjudication_case AS of_queue
    JOIN decision ON case_id = of_queue.id AND superseded_at IS NULL
    WHERE queue_id = :queue_id GROUP BY cause
""")
AGREEMENT = text("""
    SELECT CAST(coalesce(sum(n_pairs), 0) AS bigint), CAST(coalesce(sum(n_equal), 0) AS bigint)
    FROM (SELECT sum(n) * (sum(n) - 1) / 2 AS n_pairs, sum(n * (n - 1) / 2) AS n_equal
          FROM (SELECT case_id, count(*) AS n
                FROM adjudication_case AS of_queue
                JOIN decision ON case_id = of_queue.id AND superseded_at IS NULL
                WHERE queue_id = :queue_id GROUP BY case_id, answers) AS same
          GROUP BY case_id) AS of_case
""")


class Figures(NamedTuple):
    """Of the decisions that stand. `n_equal` of `n_pairs`: two adjudicators of one case who say the same."""

    by_state: dict[str, int]
    by_reason: dict[str, int]
    by_cause: dict[str, int]
    n_decisions: int
    n_third: int
    n_pairs: int
    n_equal: int


@dataclass(frozen=True, slots=True)
class ListedCase:
    id: int
    item_id: int
    state: str
    reasons: list[str]
    n_needed: int
    n_decisions: int


def figures_of(session: Session, queue_id: int) -> Figures:
    states = session.execute(
        select(AdjudicationCase.state, func.count())
        .where(AdjudicationCase.queue_id == queue_id)
        .group_by(AdjudicationCase.state)
    )
    reason = func.unnest(AdjudicationCase.reasons).label("reason")
    named = select(reason).where(AdjudicationCase.queue_id == queue_id).subquery()
    reasons = session.execute(select(named.c.reason, func.count()).group_by(named.c.reason))
    causes = session.execute(CAUSES, {"queue_id": queue_id}).all()
    n_pairs, n_equal = session.execute(AGREEMENT, {"queue_id": queue_id}).one()
    return Figures(
        filled({state: n for state, n in states if n}, CaseState),
        filled({name: n for name, n in reasons if n}, CaseReason),
        filled({row.cause: row.n for row in causes}, Cause),
        sum(row.n for row in causes),
        sum(row.n_third for row in causes),
        n_pairs,
        n_equal,
    )


def filled(counts: dict[str, int], names: Iterable[str]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in names}


def listed_cases(session: Session, queue_id: int, state: str | None) -> list[ListedCase]:
    """The newest, in this state where one is given."""
    n_decisions = (
        select(func.count())
        .where(Decision.case_id == AdjudicationCase.id, Decision.superseded_at.is_(None))
        .correlate(AdjudicationCase)
        .scalar_subquery()
    )
    cases = (
        select(
            AdjudicationCase.id,
            AdjudicationCase.item_id,
            AdjudicationCase.state,
            AdjudicationCase.reasons,
            AdjudicationCase.n_needed,
            n_decisions,
        )
        .where(AdjudicationCase.queue_id == queue_id)
        .order_by(AdjudicationCase.id.desc())
        .limit(MOST_LISTED)
    )
    if state is not None:
        cases = cases.where(AdjudicationCase.state == state)
    return [ListedCase(*row) for row in session.execute(cases)]
