"""How well a share is known from n trials, and the difference of two shares."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import betainccinv, betaincinv

from app.agreement.measures.counts import Counts, Matrix

Numbers: TypeAlias = Counts | Matrix

# Beta(1, 1): before the first trial every share is as likely as every other. One right and one wrong answer
# are what it weighs, so it leans to neither side, and no share is ever quite 0 or 1.
PRIOR_YES = 1.0
PRIOR_NO = 1.0


@dataclass(frozen=True, slots=True)
class Interval:
    """Arrays of one shape; `lower` <= `mean` <= `upper`, in 0..1, or in -1..1 for a difference."""

    mean: Matrix
    lower: Matrix
    upper: Matrix


def share_interval(n_yes: Numbers, n: Numbers, tail: float) -> Interval:
    """Beta posterior of the share behind `n_yes` of `n` trials; both may be fractions, and n may be 0.

    The share lies below `lower` with a chance of `tail`, and above `upper` with the same (0 < tail < 0.5).
    Source: the binomial's conjugate prior, e.g. L. D. Brown, T. T. Cai, A. DasGupta, "Interval Estimation for
    a Binomial Proportion", Statistical Science 16(2), 2001.
    """
    yes = np.asarray(n_yes, np.float64) + PRIOR_YES
    # Sums of fractions are rounded.
    no = np.maximum(np.asarray(n, np.float64) - n_yes, 0.0) + PRIOR_NO
    return Interval(yes / (yes + no), betaincinv(yes, no, tail), betainccinv(yes, no, tail))


def difference_interval(one: Interval, other: Interval) -> Interval:
    """Of `one` - `other`, from the distances of the bounds to the means.

    Exact where both are normal, and close to its level where they are not. Where the two share their trials'
    luck, so that they rise and fall together, it is wider than it need be.
    Source: R. G. Newcombe, "Interval Estimation for the Difference Between Independent Proportions",
    Statistics in Medicine 17, 1998, method 10.
    """
    mean = one.mean - other.mean
    lower = mean - np.hypot(one.mean - one.lower, other.upper - other.mean)
    upper = mean + np.hypot(one.upper - one.mean, other.mean - other.lower)
    return Interval(mean, np.maximum(lower, -1.0), np.minimum(upper, 1.0))
