"""Shares, their differences and intervals: known figures, coverage, the corner cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from app.agreement.hygiene.shares import (
    Shares,
    chance_of_evens,
    difference_of,
    paired_difference,
    pooled,
    shares_by,
    shares_of,
)


def shares(n_yes: list[int], n: list[int]) -> Shares:
    return shares_of(np.array(n_yes, np.int64), np.array(n, np.int64))


@st.composite
def yes_of_n(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 500))
    return draw(st.integers(0, n)), n


@settings(deadline=None)
@given(yes_of_n())
def test_the_interval_is_wilsons(trial: tuple[int, int]) -> None:
    n_yes, n = trial
    ours = shares([n_yes], [n])
    theirs = binomtest(n_yes, n).proportion_ci(0.95, method="wilson")
    assert ours.share[0] == n_yes / n
    assert (ours.lower[0], ours.upper[0]) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0 <= ours.lower[0] <= ours.share[0] <= ours.upper[0] <= 1


@settings(deadline=None)
@given(yes_of_n())
def test_the_chance_of_evens_is_the_exact_binomial_test(trial: tuple[int, int]) -> None:
    n_yes, n = trial
    assert chance_of_evens(shares([n_yes], [n]))[0] == pytest.approx(binomtest(n_yes, n).pvalue)


def test_without_a_trial_all_is_undefined() -> None:
    none = shares([0, 1], [0, 2])
    for figure in (none.share, none.lower, none.upper, chance_of_evens(none)):
        assert np.isnan(figure).tolist() == [True, False]
    difference = difference_of(none, shares([1, 1], [2, 2]))
    assert np.isnan(difference.lower).tolist() == [True, False]


def test_shares_are_counted_by_group_and_pooled() -> None:
    by_group = shares_by(np.array([0, 2, 2, 0, 2]), np.array([True, False, True, True, False]), 4)
    assert by_group.n_yes.tolist() == [2, 0, 1, 0]
    assert by_group.n.tolist() == [2, 0, 3, 0]
    whole = pooled(by_group)
    assert (int(whole.n_yes), int(whole.n), float(whole.share)) == (3, 5, 0.6)


def test_95_percent_intervals_of_a_share_cover_about_95_percent() -> None:
    covered = []
    for true in np.linspace(0.02, 0.98, 49):
        n_yes = np.arange(201)
        found = shares_of(n_yes, np.int64(200))
        is_covered = (found.lower <= true) & (true <= found.upper)
        covered.append(binom.pmf(n_yes, 200, true)[is_covered].sum())
    assert 0.94 < np.mean(covered) < 0.96
    assert min(covered) > 0.92


def test_a_difference_of_two_shares_is_newcombes_worked_example() -> None:
    # Newcombe (1998), table II, first row: 56/70 - 48/80, method 10.
    found = difference_of(shares([56], [70]), shares([48], [80]))
    figures = [found.difference[0], found.lower[0], found.upper[0]]
    assert figures == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)


def test_95_percent_intervals_of_a_paired_difference_cover_about_95_percent() -> None:
    rng = np.random.default_rng(7)
    for both, one, other in ((0.4, 0.3, 0.1), (0.6, 0.05, 0.2), (0.3, 0.2, 0.2)):
        drawn = rng.multinomial(60, [both, one, other, 1 - both - one - other], size=4000)
        found = paired_difference(drawn[:, 1], drawn[:, 2], np.full(4000, 60))
        is_covered = (found.lower <= one - other) & (one - other <= found.upper)
        assert 0.93 < is_covered.mean() < 0.975


@settings(deadline=None)
@given(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)))
def test_a_paired_difference_lies_in_its_interval(trial: tuple[int, int, int]) -> None:
    one, other, rest = (np.array([n], np.int64) for n in trial)
    found = paired_difference(one, other, one + other + rest)
    if sum(trial) == 0:
        assert np.isnan([found.difference, found.lower, found.upper]).all()
    else:
        assert -1 <= found.lower[0] <= found.difference[0] <= found.upper[0] <= 1
