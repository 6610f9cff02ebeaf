"""Has somebody become worse? Charts of a sequence of outcomes, 1 for right or agreed, 0 for not."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from scipy.special import expit, logit

from app.agreement.measures.counts import Matrix

# What the chart looks for: odds of being right that fall to less than a quarter (0.87 to 0.60, say).
LOG_ODDS_LOST = 1.5
# A person's own rate is learned from so many first outcomes, and peers count as so many more of them.
FIRST_PART = 40
PEERS_WEIGH = 20
# The chance of a false alarm is promised over so many outcomes, or all there are if they are more.
LENGTH = 1000
EWMA_WEIGHT = 0.05


@dataclass(frozen=True, slots=True)
class Drift:
    """`alarmed_at`: which outcome raised the alarm, counted from 0; None for none.

    `changed_at`: the outcome from which on the chart rose to its highest point: the likeliest beginning of
    the change, whether or not there is an alarm. `peak` and `threshold`: log likelihood ratios.
    `baseline`: the mean rate expected before the change, 0 for no outcomes.
    """

    alarmed_at: int | None
    changed_at: int
    peak: float
    threshold: float
    baseline: float


def cusum(outcome: Matrix, peers: Matrix, tail: float) -> Drift:
    """Page's chart for outcomes with the rates of `own_rates`, against odds that fell by LOG_ODDS_LOST.

    `outcome`: 0.0 or 1.0; `peers`: how likely an average peer's outcome there is 1. Whoever keeps the
    expected rates or better is alarmed with a chance of at most `tail` within LENGTH outcomes: started anew
    at any outcome, the likelihood ratio reaches LENGTH / tail with a chance of at most tail / LENGTH.
    Sources: E. S. Page, "Continuous Inspection Schemes", Biometrika 41, 1954; for outcomes of 0 and 1
    M. R. Reynolds, Z. G. Stoumbos, "A CUSUM Chart for Monitoring a Proportion When Inspecting Continuously",
    Journal of Quality Technology 31(1), 1999; the bound is Ville's inequality.
    """
    threshold = float(np.log(max(LENGTH, outcome.size) / tail))
    if not outcome.size:
        return Drift(None, 0, 0.0, threshold, 0.0)
    before = own_rates(outcome, peers)
    after: Matrix = expit(logit(before) - LOG_ODDS_LOST)
    gain = np.where(outcome > 0, np.log(after / before), np.log((1 - after) / (1 - before)))
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    chart = sums - np.minimum.accumulate(sums)
    top = int(chart.argmax())
    changed_at = top - int(sums[: top + 1][::-1].argmin())
    above = np.flatnonzero(chart[1:] >= threshold)
    alarmed_at = int(above[0]) if above.size else None
    return Drift(alarmed_at, changed_at, float(chart[top]), threshold, float(before.mean()))


def own_rates(outcome: Matrix, peers: Matrix) -> Matrix:
    """`peers`, all lowered by the same odds where this person's first part was worse than theirs.

    Who is worse from the start does not drift; who is better is held to what peers do.
    """
    peers = np.clip(peers, 0.02, 0.98)
    first = outcome[:FIRST_PART]
    expected = peers[:FIRST_PART].mean()
    own = (first.sum() + PEERS_WEIGH * expected) / (first.size + PEERS_WEIGH)
    lowered: Matrix = expit(logit(peers) + min(0.0, float(logit(own) - logit(expected))))
    return lowered


def ewma(outcome: Matrix, start: float, weight: float = EWMA_WEIGHT) -> Matrix:
    """The rate lately: a mean in which each outcome weighs 1 - weight of the one after it; shape as given.

    scipy.signal has it as a filter, but takes 38 MB of every worker that imports it.
    Source: S. W. Roberts, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1(3), 1959.
    """

    def follow(rate: float, newest: float) -> float:
        return weight * newest + (1 - weight) * rate

    return np.array(list(accumulate(outcome.tolist(), follow, initial=start))[1:], np.float64)


def ewma_limit(rate: float, tail: float, length: int = LENGTH, weight: float = EWMA_WEIGHT) -> float:
    """Below it `ewma` falls with a chance of at most `tail` within `length` outcomes of this rate.

    Chernoff's bound on the chance at one outcome, the best over a grid of exponents, times `length`. May be
    below 0: so rare a fall does not exist.
    """
    exponents = np.geomspace(1.0, 1000.0, 100)
    weights = weight * (1 - weight) ** np.arange(int(10 / weight))
    log_moments = np.log1p(rate * np.expm1(-np.outer(exponents, weights))).sum(axis=1)
    return float(((np.log(tail / length) - log_moments) / exponents).max())
