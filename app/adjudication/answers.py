"""Answers by dimension, as adjudicators and releases compare them; and what annotators disagree on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from app.agreement.consensus.majority import SafetyVote
from app.agreement.report.answers import preferred
from app.annotations.forms import Ranking, SafetyLabel
from app.queues.models import Dimension

Answer = dict[str, Any]
"""Of safety `is_safe`, `harm_categories`, `severity`; of a ranking `ranks` in the item's order."""

Answers = dict[str, Answer]
"""By dimension."""

SEVERE = 3
N_FOR_SEVERE = 2

ADJUDICATION_RULE = (
    "Where adjudicators have decided an item, their decision is its label, whatever its annotators said; "
    "an item that still waits for their decision is left out."
)


def answer_of_label(label: SafetyLabel) -> Answer:
    return label.model_dump(include={"is_safe", "harm_categories", "severity"})


def answer_of_ranking(ranking: Ranking) -> Answer:
    return {"ranks": ranking.ranks}


def is_severe(answers: Mapping[str, Answer]) -> bool:
    return answers.get(Dimension.SAFETY, {}).get("severity") == SEVERE


def is_nobodys(answers: Answers, given: Iterable[Mapping[str, Answer]]) -> bool:
    """Is one of the answers that of none of those in `given`?"""
    said = list(given)
    return any(all(other.get(dimension) != answer for other in said) for dimension, answer in answers.items())


def agreed(decisions: Sequence[Answers], n_needed: int) -> Answers | None:
    """What at least `n_needed` of the decisions say, in every dimension; None where no answer is said so
    often. The one said most."""
    best = max(decisions, key=decisions.count, default=None)
    return best if best is not None and decisions.count(best) >= n_needed else None


def labels_lack_majority(votes: Sequence[SafetyVote]) -> bool:
    """No strict majority for safe or unsafe; or none of those who say unsafe for one severity, or no harm
    category that half of them name."""
    unsafe = [vote for vote in votes if not vote.is_safe]
    n_unsafe, n_safe = len(unsafe), len(votes) - len(unsafe)
    if n_safe >= n_unsafe:
        return n_safe == n_unsafe
    categories = Counter(name for vote in unsafe for name in vote.harm_categories)
    severities = Counter(vote.severity for vote in unsafe)
    return 2 * max(severities.values()) <= n_unsafe or 2 * max(categories.values()) < n_unsafe


def orders_lack_majority(orders: Sequence[Sequence[int]]) -> bool:
    """Of some two responses neither one, nor the tie, has more than half of the orders."""
    if not orders:
        return True
    return any(
        2 * max(Counter(preferred(ranks[first], ranks[second]) for ranks in orders).values()) <= len(orders)
        for first, second in combinations(range(len(orders[0])), 2)
    )
