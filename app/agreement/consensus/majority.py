"""The one label an item ends with, from its annotators' answers.

Every function takes one item's answers, at most one an annotator, and does not depend on their order.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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

    `n_ties`: annotators who ranked the two alike.
    """

    winner: Literal[0, 1] | None
    votes_first: int
    votes_second: int
    n_ties: int


def majority_safety(votes: Sequence[SafetyVote], category_order: Sequence[str]) -> SafetyConsensus | None:
    """The safety label most annotators support, by the rule in SAFETY_RULE; None for no votes.

    An even split of safe and unsafe counts as unsafe, the cautious side, and is flagged.
    `category_order`: every category of the taxonomy, in its order.
    Raises ValueError when a vote that decides names a category outside it.
    """
    n_votes = len(votes)
    if n_votes == 0:
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


def majority_preference(orders: Sequence[Sequence[int]], first: int, second: int) -> PreferenceConsensus:
    """Which of two responses more annotators ranked above the other, by the rule in PREFERENCE_RULE.

    `orders`: for each annotator the rank of every response of the item, 1 the best, ties sharing a rank.
    `first`, `second`: positions of the two responses in the item.
    """
    votes_first = sum(ranks[first] < ranks[second] for ranks in orders)
    votes_second = sum(ranks[second] < ranks[first] for ranks in orders)
    winner: Literal[0, 1] | None = None
    if votes_first != votes_second:
        winner = 0 if votes_first > votes_second else 1
    return PreferenceConsensus(winner, votes_first, votes_second, len(orders) - votes_first - votes_second)


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
