"""How much a random sample of a batch tells: its operating characteristic, and which answers are sampled.

A batch of N answers of which K are wrong is accepted where a sample of n of them, drawn without replacement,
has at most c wrong ones: that chance is the hypergeometric distribution's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from scipy.stats import hypergeom

LEAST_SHARE = 0.1
SHARES_WRONG = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Point:
    """`share_wrong`: of a batch's answers; `chance`: that it is accepted."""

    share_wrong: float
    chance: float


@dataclass(frozen=True, slots=True)
class Plan:
    """`most_wrong`: of the sampled answers, where the batch is accepted. `n_needed`: the smallest sample that
    accepts a batch as bad as asked for with no more than the risk asked for; None where no sample does."""

    n_answers: int
    n_sampled: int
    most_wrong: int
    curve: list[Point]
    n_needed: int | None


def plan_of(n_answers: int, sample_share: float, min_right: float, share_wrong: float, risk: float) -> Plan:
    n_sampled = sample_size(n_answers, sample_share)
    curve = [Point(share, chance_to_accept(n_answers, n_sampled, min_right, share)) for share in SHARES_WRONG]
    needed = sample_size_for(n_answers, min_right, share_wrong, risk)
    return Plan(n_answers, n_sampled, most_wrong(n_sampled, min_right), curve, needed)


def sample_size(n_answers: int, share: float) -> int:
    """At least one, and at least that share."""
    return max(1, ceil(exact(share) * n_answers))


def fewest_right(n_sampled: int, min_right: float) -> int:
    return ceil(exact(min_right) * n_sampled)


def most_wrong(n_sampled: int, min_right: float) -> int:
    return n_sampled - fewest_right(n_sampled, min_right)


def chance_to_accept(n_answers: int, n_sampled: int, min_right: float, share_wrong: float) -> float:
    """Of a batch with that share of wrong answers, rounded up to whole answers."""
    n_wrong = ceil(exact(share_wrong) * n_answers)
    return float(hypergeom.cdf(most_wrong(n_sampled, min_right), n_answers, n_wrong, n_sampled))


def sample_size_for(n_answers: int, min_right: float, share_wrong: float, risk: float) -> int | None:
    """The smallest sample that accepts a batch as bad as that with a chance of `risk` at the most (the
    consumer's risk); None where even looking at every answer accepts it."""
    n_wrong = ceil(exact(share_wrong) * n_answers)
    sizes = np.arange(1, n_answers + 1)
    allowed = np.array([most_wrong(size, min_right) for size in range(1, n_answers + 1)])
    is_enough = hypergeom.cdf(allowed, n_answers, n_wrong, sizes) <= risk
    return int(sizes[is_enough][0]) if is_enough.any() else None


def sampled(assignment_ids: Sequence[int], n_sampled: int, seed: int) -> set[int]:
    """The same for the same seed, in whatever order the ids come."""
    places = np.random.default_rng(seed).choice(len(assignment_ids), n_sampled, replace=False)
    in_order = sorted(assignment_ids)
    return {in_order[place] for place in places}


def exact(share: float) -> Fraction:
    """As it was typed in: 0.9 of 10 are 9, not a little more."""
    return Fraction(str(share))
