"""Position bias: whether responses win because of their place on the page.

The order on the page is drawn by lot for each answer, so without a bias every place does as well as every
other, however good the responses are. Where many annotators are looked at, some p are small by chance: of a
hundred without a bias, five lie below .05.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from app.agreement.hygiene.shares import Z_95, Shares, chance_of_evens, pooled, shares_by
from app.agreement.measures.counts import Counts, Indexes, Matrix, divide


@dataclass(frozen=True, slots=True)
class PositionBias:
    """How often the response that stood first won, of the pairs that were decided; .5 is no bias.

    `of_annotator`: shape (n_annotators,). `p_`: the chance of a share at least as far from .5 without a bias
    (exact, two-sided), NaN without a decided pair.
    """

    of_annotator: Shares
    p_of_annotator: Matrix
    of_queue: Shares
    p_of_queue: Matrix


@dataclass(frozen=True, slots=True)
class PlaceRanks:
    """Mean rank of the responses of each place on the page, shape (n_places,); 1 is best, ties share a mean.

    `by_chance`: the mean rank of every place without a bias, (n_places + 1) / 2. `lower`, `upper`: 95 %
    interval of the mean rank, within 1..n_places, NaN with fewer than two answers; `mean_rank` is NaN
    without any. `p`: the chance of means at least as far apart without a bias (Friedman's test, corrected
    for ties), NaN where every answer is one tie. Few answers make it inexact: take it from some ten on.
    """

    n: int
    mean_rank: Matrix
    lower: Matrix
    upper: Matrix
    by_chance: float
    p: float


def position_bias(annotator: Indexes, won: Indexes, n_annotators: int) -> PositionBias:
    """Pair j of `annotator[j]`: `won[j]` is 0 where the response shown first won, 1 where the second did.

    Other numbers, such as those of ties, are left out.
    """
    is_decided = (won == 0) | (won == 1)
    of_annotator = shares_by(annotator[is_decided], won[is_decided] == 0, n_annotators)
    of_queue = pooled(of_annotator)
    return PositionBias(of_annotator, chance_of_evens(of_annotator), of_queue, chance_of_evens(of_queue))


def place_ranks(ranks: Counts) -> PlaceRanks:
    """`ranks`: shape (n_answers, n_places), [j, i]: rank in answer j of the response in place i of the page.

    Small is better, equal numbers are ties. From ranks in the item's order they come by
    `np.take_along_axis(ranks, displayed_order, axis=1)`. Answers to sets of another size need another call.
    Source: M. Friedman, "The Use of Ranks to Avoid the Assumption of Normality Implicit in the Analysis of
    Variance", JASA 32, 1937.
    """
    n, n_places = ranks.shape
    shared = ranks_with_ties_shared(ranks)
    by_chance = (n_places + 1) / 2
    total = shared.sum(axis=0)
    mean_rank = divide(total, np.array(float(n)))
    deviation = np.sqrt(divide(np.square(shared - mean_rank).sum(axis=0), np.array(max(n - 1.0, 0.0))))
    half = Z_95 * divide(deviation, np.array(np.sqrt(n)))
    spread = np.square(shared - by_chance).sum() / max(n_places, 1)
    distance = np.square(total - n * by_chance).sum() * (n_places - 1) / max(n_places, 1)
    p = float(chdtrc(n_places - 1, distance / spread)) if spread > 0 else np.nan
    lower, upper = np.maximum(mean_rank - half, 1.0), np.minimum(mean_rank + half, float(n_places))
    return PlaceRanks(n, mean_rank, lower, upper, by_chance, p)


def ranks_with_ties_shared(ranks: Counts) -> Matrix:
    """Each row's ranks 1..n_places, tied ones the mean of the places they take: 1, 1, 2 gives 1.5, 1.5, 3."""
    own, others = ranks[:, :, np.newaxis], ranks[:, np.newaxis, :]
    shared: Matrix = (others < own).sum(axis=2) + ((others == own).sum(axis=2) + 1) / 2
    return shared
