"""What the statistics of quality are computed from: one queue's answers in one dimension, in long form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.agreement.measures.counts import Counts
from app.agreement.report.answers import preferred

Flags: TypeAlias = NDArray[np.bool_]

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Answers:
    """Entry j of each array is one answer; each annotator's stand in the order they were given.

    `item`: 0 to n_items - 1. `annotator`: 0 to n_annotators - 1. `value`: 0 to n_values - 1: of a safety
    label its severity (4 values), of a pair of responses FIRST, SECOND or TIE of agreement/report/answers.py.
    `gold`: the value known to be right, UNKNOWN for an item that is no gold item.
    `active_ms`: time of work on the page, UNKNOWN where it was not measured. `n_words`: on that page.
    `harm_mask`: of safety labels the harm categories as bits, 0 for safe; None in other dimensions.
    `place`: of pairs 0 where the response that stood first on the page won, 1 where the other did, UNKNOWN
    for a tie; None in other dimensions.

    A response set of more than two responses is given as disjoint pairs (`judged_pairs`), each an item of its
    own, `active_ms` with the first one alone: pairs that share a response are not independent of each other.
    Raises ValueError for arrays of unequal length or an index out of range.
    """

    item: Counts
    annotator: Counts
    value: Counts
    gold: Counts
    active_ms: Counts
    n_words: Counts
    n_items: int
    n_annotators: int
    n_values: int
    harm_mask: Counts | None = None
    place: Counts | None = None

    def __post_init__(self) -> None:
        columns = (self.annotator, self.value, self.gold, self.active_ms, self.n_words)
        optional = tuple(column for column in (self.harm_mask, self.place) if column is not None)
        if any(column.shape != self.item.shape for column in columns + optional):
            raise ValueError("all columns must have the same length")
        _require_range("item", self.item, 0, self.n_items)
        _require_range("annotator", self.annotator, 0, self.n_annotators)
        _require_range("value", self.value, 0, self.n_values)
        _require_range("gold", self.gold, UNKNOWN, self.n_values)
        if self.place is not None:
            _require_range("place", self.place, UNKNOWN, 2)

    @property
    def is_gold(self) -> Flags:
        is_gold: Flags = self.gold != UNKNOWN
        return is_gold

    def of_each(self) -> Iterator[Counts]:
        """For each annotator the places of their answers in the columns, the oldest first."""
        order = np.argsort(self.annotator, kind="stable")
        ends = np.cumsum(np.bincount(self.annotator, minlength=self.n_annotators))
        return iter(np.split(order, ends)[: self.n_annotators])


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """`first`, `second`: positions of the two responses in the item; `value`, `place`: as in Answers."""

    first: int
    second: int
    value: int
    place: int


def judged_pairs(ranks: Sequence[int], displayed_order: Sequence[int]) -> list[JudgedPair]:
    """The pairs (0, 1), (2, 3), ... of a ranking; of an odd number of responses the last is left out.

    `ranks[i]`: the rank of the i-th response, 1 the best. `displayed_order[p]`: the position in the item of
    the response in place p of the page.
    """
    place_of = {position: place for place, position in enumerate(displayed_order)}
    pairs = []
    for first in range(0, len(ranks) - 1, 2):
        second = first + 1
        value = preferred(ranks[first], ranks[second])
        if ranks[first] == ranks[second]:
            place = UNKNOWN
        else:
            winner, loser = (first, second) if ranks[first] < ranks[second] else (second, first)
            place = int(place_of[winner] > place_of[loser])
        pairs.append(JudgedPair(first, second, value, place))
    return pairs


def _require_range(name: str, column: Counts, least: int, end: int) -> None:
    if column.size and not (column.min() >= least and column.max() < end):
        raise ValueError(f"{name} must lie in {least}..{end - 1}")
