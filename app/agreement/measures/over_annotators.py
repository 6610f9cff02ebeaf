"""Intervals of alpha and raw agreement over annotators: would others, hired alike, agree as much?

Figures come from the pairs of answers that each two annotators bring (measures/pair_tables.py), so neither
interval touches an answer again. The jackknife leaves every annotator out in turn and takes the figures'
spread for a standard error, with Student's t. The bootstrap draws as many annotators as there are, with
replacement; a pair of annotators weighs as often as the one was drawn times as often as the other, and two
draws of one annotator make no pair. Intervals over items hold the annotators fixed, and are too narrow where
annotators differ.

The jackknife is the one to show. In simulated queues of 500 or 5,000 items with 3 answers each, of annotators
who are right in a share of answers of their own (Beta 8:2, 30:10 or 4:2; 400 queues a case), its intervals of
95 % for alpha held the truth in 92-98 % of queues, with 5 annotators as with 12, 30 or 60. Those of the
bootstrap did in 91-99 % with 30 or 60, but in 90-95 % with 12 and in 77-84 % with 5. Both are wider than they
need be where annotators are alike and items few: chance in the items then counts for their differences.
Sources: B. Efron and C. Stein, "The Jackknife Estimate of Variance", Annals of Statistics 9(3), 1981;
A. B. Owen, "The Pigeonhole Bootstrap", Annals of Applied Statistics 1(2), 2007: one of its two sides.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from app.agreement.measures.alpha import alpha_of_coincidences, raw_of_coincidences
from app.agreement.measures.counts import Counts, Level, Matrix
from app.agreement.measures.pair_tables import pair_coincidences

N_RESAMPLES = 1000
CELLS_AT_A_TIME = 4_000_000  # 32 MB


@dataclass(frozen=True, slots=True)
class OverAnnotators:
    """Figures of the answers themselves, with the bounds of their 95 % intervals over annotators.

    `n_annotators`: those who share an item with another one. `n_undefined`: resamples in which alpha is
    undefined; by the jackknife, annotators without whom it is. NaN where a figure is undefined.
    """

    alpha: float
    alpha_lower: float
    alpha_upper: float
    raw_agreement: float
    raw_lower: float
    raw_upper: float
    n_annotators: int
    n_undefined: int


def jackknife_over_annotators(
    item: Counts,
    annotator: Counts,
    value: Counts,
    n_annotators: int,
    n_values: int,
    level: Level | Matrix,
) -> OverAnnotators:
    """Alpha and raw agreement of answers in long form. `level`: as for `krippendorff_alpha`.

    The bounds of alpha are clipped to -1..1, those of raw agreement to 0..1. They are NaN where a figure is
    undefined without some annotator, so always with two annotators: it hangs on that one.
    Raises ValueError as `pair_tables` does.
    """
    return jackknife(pair_coincidences(item, annotator, value, n_annotators, n_values), level)


def jackknife(coincidences: Matrix, level: Level | Matrix) -> OverAnnotators:
    """`jackknife_over_annotators` from `pair_coincidences`, where these are there already."""
    coincidences = _of_those_who_meet(coincidences)
    of_all = coincidences.sum(axis=(0, 1))
    without = of_all - coincidences.sum(axis=0) - coincidences.sum(axis=1)
    # What is left of a sum of fractions may be a rounding error instead of nothing.
    without[np.abs(without) < 1e-9] = 0.0
    alpha, raw = _figures(of_all, level)
    alphas, raws = _figures(without, level)
    return OverAnnotators(
        float(alpha),
        *_around(alpha, alphas, lowest=-1.0),
        float(raw),
        *_around(raw, raws, lowest=0.0),
        n_annotators=len(coincidences),
        n_undefined=int(np.isnan(alphas).sum()),
    )


def bootstrap_over_annotators(
    item: Counts,
    annotator: Counts,
    value: Counts,
    n_annotators: int,
    n_values: int,
    level: Level | Matrix,
    *,
    seed: int,
    n_resamples: int = N_RESAMPLES,
) -> OverAnnotators:
    """As `jackknife_over_annotators`, from the 2.5 % and 97.5 % quantiles of resamples; `seed` fixes them.

    Undefined resamples are left out; where they are half of all or more, both bounds are NaN.
    """
    coincidences = _of_those_who_meet(pair_coincidences(item, annotator, value, n_annotators, n_values))
    alpha, raw = _figures(coincidences.sum(axis=(0, 1)), level)
    alphas, raws = _figures(_resampled(coincidences, n_resamples, seed), level)
    return OverAnnotators(
        float(alpha),
        *_middle(alphas),
        float(raw),
        *_middle(raws),
        n_annotators=len(coincidences),
        n_undefined=int(np.isnan(alphas).sum()),
    )


def _of_those_who_meet(coincidences: Matrix) -> Matrix:
    """Without the annotators who share no item."""
    shares_items = coincidences.any(axis=(1, 2, 3))
    return coincidences[shares_items][:, shares_items]


def _resampled(coincidences: Matrix, n_resamples: int, seed: int) -> Matrix:
    """Coincidence matrix of each resample, shape (n_resamples, n_values, n_values)."""
    n_annotators, n_values = coincidences.shape[0], coincidences.shape[2]
    sums = np.zeros((n_resamples, n_values * n_values))
    if n_annotators:
        evenly = np.full(n_annotators, 1 / n_annotators)
        drawn = np.random.default_rng(seed).multinomial(n_annotators, evenly, n_resamples).astype(np.float64)
        of_first = coincidences.reshape(n_annotators, -1)
        at_a_time = max(CELLS_AT_A_TIME // of_first.shape[1], 1)
        for start in range(0, n_resamples, at_a_time):
            some = drawn[start : start + at_a_time]
            by_second = (some @ of_first).reshape(len(some), n_annotators, -1)
            sums[start : start + at_a_time] = np.einsum("rb,rbx->rx", some, by_second)
    return sums.reshape(n_resamples, n_values, n_values)


def _figures(coincidences: Matrix, level: Level | Matrix) -> tuple[Matrix, Matrix]:
    """(alpha, raw agreement) of coincidence matrices of shape (..., n_values, n_values)."""
    return alpha_of_coincidences(coincidences, level), raw_of_coincidences(coincidences)


def _around(figure: Matrix, without: Matrix, *, lowest: float) -> tuple[float, float]:
    """`without`: the figure without each annotator in turn."""
    n = without.size
    if n < 2 or np.isnan(without).any():
        return float("nan"), float("nan")
    error = np.sqrt((n - 1) / n * np.square(without - without.mean()).sum())
    reach = error * stdtrit(n - 1, 0.975)
    return max(float(figure - reach), lowest), min(float(figure + reach), 1.0)


def _middle(figures: Matrix) -> tuple[float, float]:
    defined = figures[~np.isnan(figures)]
    if 2 * defined.size <= figures.size:
        return float("nan"), float("nan")
    lower, upper = np.quantile(defined, [0.025, 0.975])
    return float(lower), float(upper)
