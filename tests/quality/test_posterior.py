"""Intervals of shares and of their differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.quality.posterior import Interval, difference_interval, share_interval

TAILS = st.sampled_from([0.2, 0.025, 0.001])


def share(n_yes: float, n: float, tail: float = 0.025) -> tuple[float, float, float]:
    interval = share_interval(np.array([n_yes]), np.array([n]), tail)
    return float(interval.mean[0]), float(interval.lower[0]), float(interval.upper[0])


def test_without_trials_every_share_is_as_likely() -> None:
    assert share(0, 0) == pytest.approx((0.5, 0.025, 0.975))


def test_all_right_has_bounds_in_closed_form() -> None:
    """Beta(n + 1, 1) has the distribution function x ** (n + 1)."""
    assert share(9, 9) == pytest.approx((10 / 11, 0.025 ** (1 / 10), 0.975 ** (1 / 10)))


def test_right_and_wrong_mirror_each_other() -> None:
    mean, lower, upper = share(3, 10)
    assert share(7, 10) == pytest.approx((1 - mean, 1 - upper, 1 - lower))


@given(n=st.integers(1, 500), tail=TAILS, shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_more_right_answers_never_lower_a_bound(n: int, tail: float, shares: tuple[float, float]) -> None:
    fewer, more = sorted(round(part * n) for part in shares)
    assert all(
        low <= high + 1e-12 for low, high in zip(share(fewer, n, tail), share(more, n, tail), strict=True)
    )


@given(n_yes=st.integers(0, 50), n_no=st.integers(0, 50), tail=TAILS)
def test_more_of_the_same_narrows_it(n_yes: int, n_no: int, tail: float) -> None:
    n = n_yes + n_no
    (mean, lower, upper), (_, more_lower, more_upper) = share(n_yes, n, tail), share(8 * n_yes, 8 * n, tail)
    assert 0 < lower < mean < upper < 1
    assert more_upper - more_lower <= upper - lower


def test_bounds_hold_as_often_as_they_say() -> None:
    """Over shares drawn as the prior says, the interval covers 1 - 2 tail of them."""
    random = np.random.default_rng(1)
    truth = random.random(20_000)
    interval = share_interval(random.binomial(30, truth), np.full(truth.size, 30), 0.05)
    assert np.mean(truth < interval.lower) == pytest.approx(0.05, abs=0.006)
    assert np.mean(truth > interval.upper) == pytest.approx(0.05, abs=0.006)


def test_a_difference_adds_the_distances_in_squares() -> None:
    one = Interval(np.array([0.8]), np.array([0.5]), np.array([0.9]))
    other = Interval(np.array([0.4]), np.array([0.36]), np.array([0.8]))
    difference = difference_interval(one, other)
    assert difference.mean == pytest.approx([0.4])
    assert difference.lower == pytest.approx([0.4 - 0.5])
    assert difference.upper == pytest.approx([0.4 + np.hypot(0.1, 0.04)])
