"""Position bias: found where it was put in, not where it was not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare

from app.agreement.hygiene.position import place_ranks, position_bias, ranks_with_ties_shared
from app.agreement.measures.counts import Matrix

FIRST, SECOND, TIE = 0, 1, 2


def test_a_hand_computed_example() -> None:
    annotator = np.array([0, 0, 0, 0, 0, 1, 1, 2])
    won = np.array([FIRST, FIRST, FIRST, SECOND, TIE, SECOND, FIRST, TIE])
    bias = position_bias(annotator, won, 4)
    assert bias.of_annotator.n_yes.tolist() == [3, 1, 0, 0]
    assert bias.of_annotator.n.tolist() == [4, 2, 0, 0]
    # Three or more of four, either way: 10 of 16 outcomes.
    assert bias.p_of_annotator[:2].tolist() == pytest.approx([10 / 16, 1.0])
    assert np.isnan(bias.p_of_annotator[2:]).all()
    assert np.isnan(bias.of_annotator.share[2:]).all()
    assert (int(bias.of_queue.n_yes), int(bias.of_queue.n)) == (4, 6)


def test_without_a_decided_pair_nothing_is_known() -> None:
    bias = position_bias(np.array([0]), np.array([TIE]), 1)
    assert np.isnan([bias.of_queue.share, bias.of_queue.lower, bias.p_of_queue]).all()
    assert np.isnan(position_bias(np.array([], int), np.array([], int), 0).p_of_queue)


def test_one_biased_annotator_of_twenty_is_found_and_no_other() -> None:
    rng = np.random.default_rng(5)
    annotator = np.repeat(np.arange(20), 400)
    leaning = np.where(annotator == 13, 0.65, 0.5)
    won = np.where(rng.random(annotator.size) < leaning, FIRST, SECOND)
    bias = position_bias(annotator, won, 20)
    assert np.flatnonzero(bias.p_of_annotator < 0.05 / 20).tolist() == [13]
    assert bias.of_annotator.lower[13] > 0.5


def test_clean_annotators_give_even_chances() -> None:
    rng = np.random.default_rng(11)
    annotator = np.repeat(np.arange(2000), 100)
    bias = position_bias(annotator, rng.integers(0, 2, annotator.size), 2000)
    assert np.mean(bias.p_of_annotator < 0.05) < 0.05
    is_covered = (bias.of_annotator.lower <= 0.5) & (bias.of_annotator.upper >= 0.5)
    assert 0.93 < is_covered.mean() < 0.97
    assert bias.p_of_queue > 0.05


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=30))
def test_the_order_of_answers_does_not_matter(answers: list[tuple[int, int]]) -> None:
    one = np.array(answers, np.int64).reshape(-1, 2)
    other = one[::-1]
    first, second = (position_bias(rows[:, 0], rows[:, 1], 4) for rows in (one, other))
    assert np.array_equal(first.p_of_annotator, second.p_of_annotator, equal_nan=True)
    assert np.array_equal(first.of_annotator.share, second.of_annotator.share, equal_nan=True)


def test_tied_ranks_share_the_mean_of_their_places() -> None:
    ranks = np.array([[1, 1, 2], [3, 1, 2], [1, 1, 1], [1, 2, 2]])
    expected = [[1.5, 1.5, 3], [3, 1, 2], [2, 2, 2], [1, 2.5, 2.5]]
    assert ranks_with_ties_shared(ranks).tolist() == expected


def test_ranks_of_places_by_hand_and_by_friedman() -> None:
    ranks = np.array([[1, 2, 3], [1, 3, 2], [1, 1, 2], [2, 1, 3], [1, 2, 2]])
    found = place_ranks(ranks)
    assert found.mean_rank.tolist() == pytest.approx([6.5 / 5, 10 / 5, 13.5 / 5])
    assert (found.n, found.by_chance) == (5, 2.0)
    assert found.p == pytest.approx(friedmanchisquare(*ranks.T).pvalue)


def test_places_that_win_are_found() -> None:
    handicap = np.array([0, 0.1, 0.2, 0.3])
    found = place_ranks(np.argsort(np.argsort(drawn(3, 500) + handicap, axis=1), axis=1) + 1)
    assert found.p < 1e-6
    assert found.upper[0] < 2.5 < found.lower[3]


def test_places_drawn_by_lot_raise_no_more_alarms_than_they_should() -> None:
    found = [place_ranks(np.argsort(drawn(seed, 60), axis=1) + 1) for seed in range(500)]
    is_covered = [(one.lower <= 2.5) & (one.upper >= 2.5) for one in found]
    assert 0.93 < np.mean(is_covered) < 0.97
    assert 0.03 < np.mean([one.p < 0.05 for one in found]) < 0.07


def drawn(seed: int, n: int) -> Matrix:
    return np.random.default_rng(seed).random((n, 4))


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_rankings_have_no_interval(n: int) -> None:
    found = place_ranks(np.tile([1, 2, 3], (n, 1)))
    assert np.isnan(found.lower).all()
    assert np.isnan(found.mean_rank).all() == (n == 0)
    assert np.isnan(found.p) == (n == 0)


def test_ties_alone_or_one_place_alone_tell_nothing() -> None:
    ties = place_ranks(np.ones((10, 3), np.int64))
    assert np.isnan(ties.p)
    assert ties.mean_rank.tolist() == [2, 2, 2]
    assert np.isnan(place_ranks(np.ones((10, 1), np.int64)).p)
