"""How alike two rankings of one item's responses are: Kendall's tau-b, and agreement pair by pair.

A ranking is a row of ranks, 1 the best, ties sharing a rank; only their order counts. Items with fewer
responses than the array has columns hold 0 where there is none; a response that either of the two rankings
lacks is left out of both.
Source: M. G. Kendall, "The Treatment of Ties in Ranking Problems", Biometrika 33(3), 1945.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.agreement.measures.blocks import blocks_of
from app.agreement.measures.counts import Indexes, Matrix, divide
from app.agreement.measures.pair_tables import answers_by_size

Ways: TypeAlias = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class MeanTau:
    """`mean`: of tau-b over the pairs of rankings where it is defined; NaN without any.

    `n`: those pairs. `n_undefined`: the other ones, where a ranking has all responses tied (or only one).
    """

    mean: float
    n: int
    n_undefined: int


@dataclass(frozen=True, slots=True)
class RankedPairs:
    """Pairs of responses, counted once for each two annotators who ranked both.

    `n_agree`: both prefer the same one. `n_disagree`: each prefers another. `n_one_ties`: one prefers a
    response, the other ties them. `n_both_tie`: both tie them.
    """

    n_agree: int
    n_disagree: int
    n_one_ties: int
    n_both_tie: int

    @property
    def n(self) -> int:
        return self.n_agree + self.n_disagree + self.n_one_ties + self.n_both_tie

    @property
    def agreement(self) -> float:
        """Share with the same answer, a tie being an answer like the others; NaN without a pair."""
        return (self.n_agree + self.n_both_tie) / self.n if self.n else float("nan")

    @property
    def agreement_without_ties(self) -> float:
        """Share that prefers the same one where both prefer one; NaN where that never happens."""
        n_preferred = self.n_agree + self.n_disagree
        return self.n_agree / n_preferred if n_preferred else float("nan")


def tau_b(first: Indexes, second: Indexes) -> Matrix:
    """Tau-b of rankings with ranks along the last axis: 1 is the same order, -1 the reverse.

    `first`, `second`: shape (..., n_responses), alike or to be broadcast; tau-b has the leading axes.
    With two responses it is 1 or -1. NaN where a ranking has all responses tied, and below two responses.
    """
    by_row = np.broadcast_arrays(first, second)
    return _tau_b(*(np.ascontiguousarray(np.moveaxis(ranks, -1, 0)) for ranks in by_row))


def mean_tau_b(item: Indexes, annotator: Indexes, ranks: Indexes) -> MeanTau:
    """Mean tau-b over every two annotators of every item, each pair of rankings weighing the same.

    Answers in long form: `item`, `annotator` of shape (n_answers,), `ranks` (n_answers, n_responses). An
    annotator who ranked one item twice counts once, by the first ranking.
    Raises ValueError for arrays of unequal length and an item or annotator below 0.
    """
    total, n, n_undefined = 0.0, 0, 0
    for first, second in _rankings_that_meet(item, annotator, ranks):
        taus = _tau_b(first, second)
        defined = taus[~np.isnan(taus)]
        total += float(defined.sum())
        n += defined.size
        n_undefined += taus.size - defined.size
    return MeanTau(total / n if n else float("nan"), n, n_undefined)


def ranked_pairs(item: Indexes, annotator: Indexes, ranks: Indexes) -> RankedPairs:
    """How often two annotators prefer the same one of two responses; arrays as in `mean_tau_b`."""
    n_agree = n_disagree = n_one_ties = n_both_tie = 0
    for first, second in _rankings_that_meet(item, annotator, ranks):
        for way_first, way_second, is_there in _ways(first, second):
            product = way_first * way_second
            n_preferred_by = np.count_nonzero(way_first) + np.count_nonzero(way_second)
            n_both_prefer = np.count_nonzero(product)
            n_agree += int(np.count_nonzero(product == 1))
            n_disagree += int(np.count_nonzero(product == -1))
            n_one_ties += int(n_preferred_by - 2 * n_both_prefer)
            n_both_tie += int(np.count_nonzero(is_there) - n_preferred_by + n_both_prefer)
    return RankedPairs(n_agree, n_disagree, n_one_ties, n_both_tie)


# Below, responses stand along the first axis: whole columns are compared at once.


def _tau_b(first: Indexes, second: Indexes) -> Matrix:
    shape = first.shape[1:]
    both, in_first, in_second = (np.zeros(shape, np.int64) for _ in range(3))
    for way_first, way_second, _ in _ways(first, second):
        both += way_first * way_second
        in_first += way_first != 0
        in_second += way_second != 0
    return divide(both.astype(np.float64), np.sqrt(in_first.astype(np.float64) * in_second))


def _ways(first: Indexes, second: Indexes) -> Iterator[tuple[Ways, Ways, NDArray[np.bool_]]]:
    """For every two responses, which one each ranking prefers, and whether both rankings hold both."""
    is_there = (first > 0) & (second > 0)
    for one, other in combinations(range(len(first)), 2):
        holds_both = is_there[one] & is_there[other]
        yield (
            _way(first[one], first[other]) * holds_both,
            _way(second[one], second[other]) * holds_both,
            holds_both,
        )


def _way(one: Indexes, other: Indexes) -> Ways:
    """1 where `one` has the better rank, -1 where `other` has, 0 where they tie."""
    way: Ways = (one < other).astype(np.int8) - (one > other).astype(np.int8)
    return way


def _rankings_that_meet(
    item: Indexes, annotator: Indexes, ranks: Indexes
) -> Iterator[tuple[Indexes, Indexes]]:
    """Rankings of one item, each of shape (n_responses, n): of every two annotators once, some items at a
    time."""
    if len(ranks) != len(item):
        raise ValueError("item, annotator and ranks must have the same length")
    by_response = np.ascontiguousarray(ranks.T)
    for answers in answers_by_size(item, annotator):
        for block in blocks_of(len(answers)):
            some = answers[block]
            for apart in range(1, some.shape[1]):
                yield by_response[:, some[:, :-apart].ravel()], by_response[:, some[:, apart:].ravel()]
