"""Intervals of shares whose trials come in clusters: they cover, where those of single trials do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.clusters import clustered_shares, clusters_of
from app.agreement.hygiene.shares import shares_by


def test_trials_that_are_all_alike_count_as_one_a_cluster() -> None:
    is_yes = np.repeat([True, False, False, True, False], 3)
    cluster, group = np.repeat(np.arange(5), 3), np.zeros(15, np.int64)
    found = clustered_shares(clusters_of(group, cluster, 1), is_yes)
    single = shares_by(np.zeros(5, np.int64), is_yes[::3], 1)
    assert (found.n_yes.tolist(), found.n.tolist()) == ([6], [15])
    assert found.lower == pytest.approx(single.lower)
    assert found.upper == pytest.approx(single.upper)


@pytest.mark.parametrize("answer", [True, False])
def test_trials_of_one_answer_alone_count_as_one_a_cluster(answer: bool) -> None:
    found = clustered_shares(
        clusters_of(np.zeros(12, np.int64), np.repeat(np.arange(4), 3), 1), np.full(12, answer)
    )
    single = shares_by(np.zeros(4, np.int64), np.full(4, answer), 1)
    assert (found.lower[0], found.upper[0]) == pytest.approx((single.lower[0], single.upper[0]))


def test_one_cluster_counts_as_one_trial_and_none_is_undefined() -> None:
    found = clustered_shares(clusters_of(np.array([1, 1]), np.array([7, 7]), 2), np.array([True, False]))
    assert np.isnan([found.share[0], found.lower[0], found.upper[0]]).all()
    assert found.share[1] == 0.5
    assert found.upper[1] - found.lower[1] > 0.75
    none = clusters_of(np.array([], np.int64), np.array([], np.int64), 2)
    assert np.isnan(clustered_shares(none, np.array([], np.bool_)).lower).all()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=30))
def test_one_trial_a_cluster_is_plain_wilson(trials: list[tuple[int, bool]]) -> None:
    group = np.array([group for group, _ in trials], np.int64)
    is_yes = np.array([answer for _, answer in trials], np.bool_)
    found = clustered_shares(clusters_of(group, np.arange(len(trials)), 3), is_yes)
    plain = shares_by(group, is_yes, 3)
    assert np.allclose(found.lower, plain.lower, equal_nan=True)
    assert np.allclose(found.upper, plain.upper, equal_nan=True)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.booleans()), max_size=30))
def test_the_share_lies_in_its_interval_and_the_order_of_trials_does_not_matter(
    trials: list[tuple[int, int, bool]],
) -> None:
    group, cluster, answer = np.array(trials, np.int64).reshape(-1, 3).T
    one = clustered_shares(clusters_of(group, cluster, 3), answer == 1)
    other = clustered_shares(clusters_of(group[::-1], cluster[::-1], 3), answer[::-1] == 1)
    assert np.array_equal(one.lower, other.lower, equal_nan=True)
    counted = one.n > 0
    assert (one.lower[counted] <= one.share[counted]).all()
    assert (one.share[counted] <= one.upper[counted]).all()
    assert ((one.lower[counted] >= 0) & (one.upper[counted] <= 1)).all()


@pytest.mark.parametrize(("true", "spread"), [(0.3, 0.05), (0.1, 1.0), (0.5, 0.3)])
def test_95_percent_intervals_of_clusters_cover_about_95_percent(true: float, spread: float) -> None:
    rng = np.random.default_rng(10)
    n_groups, n_clusters = 1000, 80
    group = np.repeat(np.arange(n_groups), n_clusters)
    of_cluster = rng.beta(true / spread, (1 - true) / spread, group.size)
    sizes = rng.integers(1, 6, group.size)
    group, cluster = np.repeat(group, sizes), np.repeat(np.arange(group.size), sizes)
    is_yes = rng.random(group.size) < np.repeat(of_cluster, sizes)
    found = clustered_shares(clusters_of(group, cluster, n_groups), is_yes)
    assert 0.93 < np.mean((found.lower <= true) & (true <= found.upper)) < 0.97
