"""A share of n trials and the difference of two shares, each with its 95 % interval.

Wilson's interval, not the exact one of Clopper and Pearson: it covers 95 % on the average over the shares,
where the exact one covers 97 to 99 % of rare events and is as much wider.
Sources: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22, 1927;
L. D. Brown, T. T. Cai, A. DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science
16(2), 2001.

An interval takes the trials to be independent; where items have several each, see hygiene/clusters.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, ndtri

from app.agreement.measures.counts import Counts, Indexes, Matrix, divide

Flags: TypeAlias = NDArray[np.bool_]

COLUMNS = ("n_yes", "n", "share", "lower", "upper")
Z_95 = float(ndtri(0.975))


@dataclass(frozen=True, slots=True)
class Shares:
    """`n_yes` of `n` trials, arrays of one shape, () for one share; `lower` <= `share` <= `upper`, in 0..1.

    `share`, `lower` and `upper` are NaN for n = 0.
    """

    n_yes: Counts
    n: Counts
    share: Matrix
    lower: Matrix
    upper: Matrix

    def at(self, place: int | Counts | tuple[int | slice | None, ...]) -> "Shares":
        """As an array is indexed."""
        return Shares(*(np.asarray(getattr(self, name)[place]) for name in COLUMNS))


@dataclass(frozen=True, slots=True)
class Difference:
    """Arrays of one shape; `lower` <= `difference` <= `upper`, in -1..1; NaN where a side has no trial."""

    difference: Matrix
    lower: Matrix
    upper: Matrix


def shares_of(n_yes: Counts | np.int64, n: Counts | np.int64, n_independent: Matrix | None = None) -> Shares:
    """`n_yes` and `n` are broadcast to one shape; 0 <= n_yes <= n.

    `n_independent`: as how many trials the n count for the interval, above 0 where n is; n itself where it is
    not given.
    """
    some, all_ = (np.array(counts, np.int64) for counts in np.broadcast_arrays(n_yes, n))
    share = divide(some.astype(np.float64), all_.astype(np.float64))
    trials = all_.astype(np.float64) if n_independent is None else n_independent
    squared = Z_95 * Z_95
    centre = (share * trials + squared / 2) / (trials + squared)
    half = Z_95 * np.sqrt(share * (1 - share) * trials + squared / 4) / (trials + squared)
    # Exact at the ends, where rounding would put a bound beside the share.
    lower = np.where(some == 0, share * 0, centre - half)
    upper = np.where(some == all_, share, centre + half)
    return Shares(some, all_, share, lower, upper)


def shares_by(group: Indexes, is_yes: Flags, n_groups: int) -> Shares:
    """Of each group, shape (n_groups,): trial j belongs to `group[j]`, 0..n_groups-1."""
    n_yes = np.bincount(group[is_yes], minlength=n_groups)
    return shares_of(n_yes, np.bincount(group, minlength=n_groups))


def stacked(shares: Sequence[Shares]) -> Shares:
    """Of equal shapes, along a new last axis."""
    return Shares(*(np.stack([getattr(one, name) for one in shares], axis=-1) for name in COLUMNS))


def pooled(shares: Shares) -> Shares:
    """One share of all the trials, shape ()."""
    return shares_of(shares.n_yes.sum(), shares.n.sum())


def chance_of_evens(shares: Shares) -> Matrix:
    """Chance that a fair coin shows a share at least as far from a half (exact two-sided binomial test).

    NaN for n = 0.
    """
    n_few = np.minimum(shares.n_yes, shares.n - shares.n_yes)
    p = bdtr(n_few, shares.n, 0.5) + bdtrc(shares.n - n_few - 1, shares.n, 0.5)
    return np.where(shares.n > 0, np.minimum(p, 1.0), np.nan)


def difference_of(one: Shares, other: Shares) -> Difference:
    """`one` - `other`, of independent trials.

    Source: R. G. Newcombe, "Interval Estimation for the Difference Between Independent Proportions",
    Statistics in Medicine 17, 1998, method 10.
    """
    difference = one.share - other.share
    lower = difference - np.hypot(one.share - one.lower, other.upper - other.share)
    upper = difference + np.hypot(one.upper - one.share, other.share - other.lower)
    return Difference(difference, lower, upper)


def paired_difference(n_one_alone: Counts, n_other_alone: Counts, n: Counts) -> Difference:
    """Difference of two shares of the same n trials: `n_one_alone` of them are a yes for the first alone.

    Source: D. G. Bonett and R. M. Price, "Adjusted Wald Confidence Interval for a Difference of Binomial
    Proportions Based on Paired Data", Journal of Educational and Behavioral Statistics 37(4), 2012.
    """
    one, other, trials = (counts.astype(np.float64) for counts in (n_one_alone, n_other_alone, n))
    difference = divide(one - other, trials)
    up, down = (one + 1) / (trials + 2), (other + 1) / (trials + 2)
    half = Z_95 * np.sqrt((up + down - np.square(up - down)) / (trials + 2))
    # Its middle lies nearer to 0 than the difference; n = 0 stays NaN.
    middle = up - down + difference * 0
    return Difference(difference, np.maximum(middle - half, -1.0), np.minimum(middle + half, 1.0))
