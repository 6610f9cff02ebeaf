"""How far a figure might lie from what very many such items would give: bootstrap intervals over items.

Source: B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 14, for BCa: bias
corrected and accelerated. The plain percentiles of the resamples cover too seldom where a value is rare: of
1,000 campaigns of 200 items x 3 answers and a value of 5 %, 93.2 % of their 95 % intervals of alpha held the
truth, and 95.7 % of BCa's. No bootstrap makes up for items that were not seen: with a value of 1 % and 200
items, two in a campaign, it was 85 %.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator
from scipy.special import ndtr, ndtri

from app.agreement.measures.counts import Counts, Matrix

# Resamples are drawn and measured so many cells (resample x row) at a time: the whole numbers, as floating
# point, and a copy or two inside a measure take about 60 MB. Half as many at a time, and sets take a quarter
# longer: their distances (measures/masi.py) are gone through once a time.
CELLS_AT_ONCE = 2_000_000
# Among many rows, one that stands for few items is drawn item by item, one that stands for many by one
# binomial draw. 50,000 rows of 265,000 items take 0.9 s for 1,000 resamples so; all by binomials 3.3 s, all
# by items 3.9 s.
MANY_ROWS = 500
FEW_ITEMS = 10
# With more rows there are so many items that the acceleration, which takes a figure a row, is next to 0.
MOST_ROWS_LEFT_OUT = 1000
MOST_UNDEFINED = 0.05
ROUNDING = 1e-12  # figures that differ by less are equal


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of each figure: shape () for a figure that gives one number, else (n_figures,)."""

    lower: Matrix
    upper: Matrix


def interval_over_items(
    figure: Callable[[Counts], Matrix],
    weight: Counts,
    seed: int,
    n_resamples: int = 1000,
    confidence: float = 0.95,
) -> Interval:
    """BCa interval of a figure: each resample draws as many items as there are, with replacement.

    `figure`: takes weights of shape (r, n_rows) and gives shape (r,), or (r, n_figures) for several at once,
    as every measure here does of its `weight`.
    `weight`: how many items each row stands for, shape (n_rows,). Items are drawn, not answers or annotators,
    so the interval speaks for other items and the same annotators.
    Resamples where a figure is undefined are left out; where they are more than 5 %, what is left speaks for
    other data than these, and the interval is NaN. So it is where the figure itself is undefined, and without
    items. The same seed gives the same interval. Above 1,000 rows it is corrected for bias alone.
    The time goes with the rows: `distinct_rows` (measures/patterns.py) leaves a handful, a few milliseconds.
    """
    generator = Generator(PCG64(seed))
    figures = np.concatenate([figure(drawn) for drawn in resamples(generator, weight, n_resamples)])
    estimate = figure(weight[np.newaxis])[0]
    without_one = figure(_each_row_without_an_item(weight))
    bounds = np.array(
        [
            _bounds(of_resamples, at, _acceleration(of_others, weight[weight > 0]), confidence)
            for of_resamples, at, of_others in zip(
                figures.reshape(n_resamples, -1).T,
                estimate.reshape(-1),
                without_one.reshape(len(without_one), estimate.size).T,
                strict=True,
            )
        ]
    ).T.reshape(2, *estimate.shape)
    return Interval(bounds[0], bounds[1])


def resamples(generator: Generator, weight: Counts, n_resamples: int) -> Iterator[Counts]:
    """Weights of every resample, shape (n_resamples, n_rows) in all, in chunks of about CELLS_AT_ONCE."""
    n_at_once = max(CELLS_AT_ONCE // max(weight.size, 1), 1)
    for start in range(0, n_resamples, n_at_once):
        yield _drawn(generator, weight, min(n_at_once, n_resamples - start))


def _drawn(generator: Generator, weight: Counts, n_resamples: int) -> Counts:
    is_rare = (weight <= FEW_ITEMS) & (weight.size > MANY_ROWS)
    common = np.flatnonzero(~is_rare)
    row_of_rare = np.repeat(np.flatnonzero(is_rare), weight[is_rare])
    n_items = int(weight.sum())
    drawn = np.zeros((n_resamples, weight.size), np.int64)
    if n_items == 0:
        return drawn
    # The rare ones first: the last share takes what rounding leaves, and there may be no rare ones.
    shares = np.append(row_of_rare.size, weight[common]) / n_items
    totals = generator.multinomial(n_items, shares, size=n_resamples)
    drawn[:, common] = totals[:, 1:]
    if row_of_rare.size:
        for row, n_rare in zip(drawn, totals[:, 0], strict=True):
            chosen = row_of_rare[generator.integers(row_of_rare.size, size=n_rare)]
            row += np.bincount(chosen, minlength=weight.size)
    return drawn


def _each_row_without_an_item(weight: Counts) -> Counts:
    """One less item of each row in turn that has any; nothing above MOST_ROWS_LEFT_OUT."""
    if weight.size > MOST_ROWS_LEFT_OUT:
        return np.empty((0, weight.size), np.int64)
    return weight - np.eye(weight.size, dtype=np.int64)[weight > 0]


def _acceleration(without_one: Matrix, weight: Counts) -> float:
    """How fast the figure's spread changes with its true value, from the figures with one item left out.

    `without_one`: shape (n_rows,), undefined ones left out; `weight`: how often each occurs.
    """
    if without_one.size == 0:
        return 0.0
    is_defined = ~np.isnan(without_one)
    others, times = without_one[is_defined], weight[is_defined]
    pull = others @ times / max(times.sum(), 1) - others
    spread = float(np.square(pull) @ times)
    return float(pull**3 @ times) / (6 * spread**1.5) if spread > 0 else 0.0


def _bounds(figures: Matrix, estimate: float, acceleration: float, confidence: float) -> tuple[float, float]:
    defined = figures[~np.isnan(figures)]
    if np.isnan(estimate) or defined.size < (1 - MOST_UNDEFINED) * figures.size:
        return np.nan, np.nan
    # How far the middle of the resamples lies off the figure, in standard deviations; ties count half.
    below = ((defined < estimate - ROUNDING).mean() + (defined <= estimate + ROUNDING).mean()) / 2
    edge = 0.5 / defined.size
    off = ndtri(np.clip(below, edge, 1 - edge))
    from_middle = off + ndtri([(1 - confidence) / 2, (1 + confidence) / 2])
    levels = ndtr(off + from_middle / np.maximum(1 - acceleration * from_middle, 1e-9))
    lower, upper = np.quantile(defined, levels)
    return float(lower), float(upper)
