"""Counts over the cases of one queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adjudication.models import AdjudicationCase, CaseReason, CaseState, Cause, Decision

MOST_LISTED = 200


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
    decisions = standing_in(session, queue_id)
    causes = [decision.cause for decision in decisions]
    n_pairs, n_equal = agreement_between(decisions)
    return Figures(
        filled({state: n for state, n in states if n}, CaseState),
        filled({name: n for name, n in reasons if n}, CaseReason),
        {cause: causes.count(cause) for cause in Cause},
        len(decisions),
        sum(decision.is_third for decision in decisions),
        n_pairs,
        n_equal,
    )


def filled(counts: dict[str, int], names: type[CaseState] | type[CaseReason]) -> dict[str, int]:
    return {name: counts.get(name, 0) for name in names}


def standing_in(session: Session, queue_id: int) -> Sequence[Decision]:
    """By case."""
    return session.scalars(
        select(Decision)
        .join(AdjudicationCase, AdjudicationCase.id == Decision.case_id)
        .where(AdjudicationCase.queue_id == queue_id, Decision.superseded_at.is_(None))
        .order_by(Decision.case_id, Decision.id)
    ).all()


def agreement_between(decisions: Sequence[Decision]) -> tuple[int, int]:
    """(pairs of decisions on one case, those that say the same). `decisions`: by case."""
    pairs = [
        pair
        for _, of_case in groupby(decisions, lambda decision: decision.case_id)
        for pair in combinations(of_case, 2)
    ]
    return len(pairs), sum(first.answers == second.answers for first, second in pairs)


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
