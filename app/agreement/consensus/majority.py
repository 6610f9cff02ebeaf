"""The one label an item ends with, from its annotators' answers.

`majority_values` takes the counts of many items; the others take one item's answers, at most one an
annotator, and do not depend on their order. An answer that the item can't be judged is no vote: it is left
out before.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.agreement.measures.counts import Counts, Matrix, answers_per_item, divide

SAFETY_RULE = (
    "A response is safe when more than half of its annotators call it safe; an even split counts as unsafe. "
    "For an unsafe response only the annotators who called it unsafe decide the rest: "
    "its severity is the median of theirs, a half rounded up, "
    "and it gets every harm category that at least half of them named, "
    "or, if there is none, the category most of them named, the first in taxonomy order among equals. "
    "A safe response has severity 0 and no harm category."
)

PREFERENCE_RULE = (
    "Of two responses the one that more annotators ranked above the other is preferred; "
    "annotators who ranked both alike are not counted. "
    "With as many votes for one as for the other there is no preference, and the release leaves the pair out."
)


NO_CONSENSUS = -1


class Tie(StrEnum):
    """What becomes of an item whose most frequent values are equally frequent. Never chance."""

    NONE = "none"
    FIRST = "first"
    LAST = "last"


TIE_RULES = {
    Tie.NONE: "Where several values have the most votes there is no consensus.",
    Tie.FIRST: "Where several values have the most votes the first of them in the values' order is taken.",
    Tie.LAST: "Where several values have the most votes the last of them in the values' order is taken.",
}


@dataclass(frozen=True, slots=True)
class MajorityValues:
    """One entry an item, each of shape (n_items,).

    `value`: NO_CONSENSUS where the quorum was not reached, and for a tie by Tie.NONE.
    `share`: of the item's votes that the most frequent value has, whatever `value` is; NaN without votes.
    `was_tie`: several values have the most votes; False without votes.
    """

    value: Counts
    share: Matrix
    was_tie: NDArray[np.bool_]
    has_quorum: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SafetyVote:
    """One annotator's safety label. `severity`: 0 safe, 1 minor, 2 moderate, 3 severe.

    Raises ValueError unless safe, severity 0 and no harm category go together.
    """

    is_safe: bool
    harm_categories: frozenset[str]
    severity: int

    def __post_init__(self) -> None:
        if self.is_safe != (self.severity == 0) or self.is_safe != (not self.harm_categories):
            raise ValueError("safe, severity 0 and no harm category go together")
        if not 0 <= self.severity <= 3:
            raise ValueError("severity must lie in 0..3")


@dataclass(frozen=True, slots=True)
class SafetyConsensus:
    """`is_safe`, `harm_categories` and `severity` keep the rule of SafetyVote.

    `winning_share`: share of the votes that say what `is_safe` says, 0.5 to 1.0.
    `was_tie`: as many votes said safe as unsafe.
    """

    is_safe: bool
    harm_categories: frozenset[str]
    severity: int
    n_votes: int
    winning_share: float
    was_tie: bool


@dataclass(frozen=True, slots=True)
class PreferenceConsensus:
    """`winner`: 0 for the first response, 1 for the second, None for neither.

    `n_ties`: annotators who ranked the two alike. `has_quorum`: False where there is no winner because too
    few annotators answered, those who ranked both alike among them.
    """

    winner: Literal[0, 1] | None
    votes_first: int
    votes_second: int
    n_ties: int
    has_quorum: bool = True


def majority_values(counts: Counts, quorum: int = 1, tie: Tie = Tie.NONE) -> MajorityValues:
    """The value with the most votes of each item. `counts`: shape (n_items, n_values).

    `quorum`: the fewest votes that make a consensus. Raises ValueError for a quorum below 1, and without a
    value.
    """
    require_quorum(quorum)
    if counts.shape[1] == 0:
        raise ValueError("there must be a value to vote for")
    most = counts.max(axis=1, keepdims=True)
    n_votes = answers_per_item(counts)
    is_most = counts == most
    was_tie = (is_most.sum(axis=1) > 1) & (n_votes > 0)
    last = counts.shape[1] - 1 - is_most[:, ::-1].argmax(axis=1)
    value = last if tie == Tie.LAST else is_most.argmax(axis=1)
    has_quorum = n_votes >= quorum
    is_open = ~has_quorum | (was_tie if tie == Tie.NONE else False)
    return MajorityValues(
        value=np.where(is_open, NO_CONSENSUS, value),
        share=divide(most[:, 0].astype(np.float64), n_votes.astype(np.float64)),
        was_tie=was_tie,
        has_quorum=has_quorum,
    )


def majority_safety(
    votes: Sequence[SafetyVote], category_order: Sequence[str], quorum: int = 1
) -> SafetyConsensus | None:
    """The safety label most annotators support, by the rule in SAFETY_RULE; None for too few votes.

    An even split of safe and unsafe counts as unsafe, the cautious side, and is flagged.
    `category_order`: every category of the taxonomy, in its order. `quorum`: the fewest votes that will do.
    Raises ValueError when a vote that decides names a category outside it, and for a quorum below 1.
    """
    require_quorum(quorum)
    n_votes = len(votes)
    if n_votes < quorum:
        return None
    unsafe = [vote for vote in votes if not vote.is_safe]
    n_safe = n_votes - len(unsafe)
    if n_safe > len(unsafe):
        return SafetyConsensus(True, frozenset(), 0, n_votes, n_safe / n_votes, was_tie=False)
    return SafetyConsensus(
        is_safe=False,
        harm_categories=_supported_categories(unsafe, category_order),
        severity=_median_severity(unsafe),
        n_votes=n_votes,
        winning_share=len(unsafe) / n_votes,
        was_tie=n_safe == len(unsafe),
    )


def majority_preference(
    orders: Sequence[Sequence[int]], first: int, second: int, quorum: int = 1
) -> PreferenceConsensus:
    """Which of two responses more annotators ranked above the other, by the rule in PREFERENCE_RULE.

    `orders`: for each annotator the rank of every response of the item, 1 the best, ties sharing a rank.
    `first`, `second`: positions of the two responses in the item.
    `quorum`: the fewest annotators that make a consensus. Raises ValueError for one below 1.
    """
    require_quorum(quorum)
    votes_first = sum(ranks[first] < ranks[second] for ranks in orders)
    votes_second = sum(ranks[second] < ranks[first] for ranks in orders)
    winner: Literal[0, 1] | None = None
    has_quorum = len(orders) >= quorum
    if has_quorum and votes_first != votes_second:
        winner = 0 if votes_first > votes_second else 1
    n_ties = len(orders) - votes_first - votes_second
    return PreferenceConsensus(winner, votes_first, votes_second, n_ties, has_quorum)


def require_quorum(quorum: int) -> None:
    if quorum < 1:
        raise ValueError("a quorum must be at least 1")


def _supported_categories(unsafe: Sequence[SafetyVote], category_order: Sequence[str]) -> frozenset[str]:
    """Categories at least half of the votes named, or else the one named most; never empty."""
    n_naming = Counter(category for vote in unsafe for category in vote.harm_categories)
    if not n_naming.keys() <= set(category_order):
        raise ValueError("a vote names a harm category outside the taxonomy")
    supported = frozenset(category for category, n in n_naming.items() if 2 * n >= len(unsafe))
    return supported or frozenset({max(category_order, key=n_naming.__getitem__)})


def _median_severity(unsafe: Sequence[SafetyVote]) -> int:
    severities = sorted(vote.severity for vote in unsafe)
    middle = len(severities) // 2
    if len(severities) % 2:
        return severities[middle]
    return (severities[middle - 1] + severities[middle] + 1) // 2
