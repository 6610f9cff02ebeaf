"""Kendall's tau-b against SciPy's, agreement on pairs of responses, and every degenerate ranking."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from app.agreement.measures.counts import Counts
from app.agreement.measures.kendall import MeanTau, mean_tau_b, ranked_pairs, tau_b


def ranking(n_responses: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, n_responses), min_size=n_responses, max_size=n_responses)


@st.composite
def rankings(draw: st.DrawFn) -> tuple[Counts, Counts]:
    """1 to 5 rankings, and as many others, of 2 to 10 responses, ties allowed."""
    n_responses = draw(st.integers(2, 10))
    rows = st.lists(ranking(n_responses), min_size=5, max_size=5)
    n = draw(st.integers(1, 5))
    return np.array(draw(rows))[:n], np.array(draw(rows))[:n]


def scipys(first: Counts, second: Counts) -> list[float]:
    with np.errstate(invalid="ignore"):
        return [float(kendalltau(one, other).statistic) for one, other in zip(first, second, strict=True)]


def same(figures: object) -> object:
    return pytest.approx(figures, abs=1e-9, nan_ok=True)


@given(both=rankings())
@settings(deadline=None)
def test_tau_b_equals_scipys(both: tuple[Counts, Counts]) -> None:
    first, second = both
    assert tau_b(first, second).tolist() == same(scipys(first, second))


@given(both=rankings())
@settings(deadline=None)
def test_only_the_order_of_ranks_counts(both: tuple[Counts, Counts]) -> None:
    first, second = both
    taus = tau_b(first, second)
    assert tau_b(3 * first + 2, second**2).tolist() == same(taus.tolist())
    assert tau_b(second, first).tolist() == same(taus.tolist())
    assert tau_b(first.max() + 1 - first, second).tolist() == same((-taus).tolist())
    assert tau_b(first[:, ::-1], second[:, ::-1]).tolist() == same(taus.tolist())


@given(both=rankings())
@settings(deadline=None)
def test_a_ranking_equals_itself_unless_all_is_tied(both: tuple[Counts, Counts]) -> None:
    first, _ = both
    is_tied = (first == first[:, :1]).all(axis=1)
    assert tau_b(first, first).tolist() == same(np.where(is_tied, np.nan, 1.0).tolist())


@given(both=rankings(), n_lacking=st.integers(0, 3))
@settings(deadline=None)
def test_responses_that_are_not_there_change_nothing(both: tuple[Counts, Counts], n_lacking: int) -> None:
    first, second = both
    padding = ((0, 0), (0, n_lacking))
    padded = tau_b(np.pad(first, padding), np.pad(second, padding))
    assert padded.tolist() == same(tau_b(first, second).tolist())
    # One that a single ranking lacks is left out of the other as well.
    assert tau_b(np.pad(first, padding), np.pad(second, padding, constant_values=1)).tolist() == same(
        padded.tolist()
    )


def test_one_ranking_may_meet_many() -> None:
    taus = tau_b(np.array([1, 2, 3]), np.array([[1, 2, 3], [3, 2, 1], [1, 1, 1]]))
    assert taus.tolist() == same([1.0, -1.0, np.nan])


@pytest.mark.parametrize("n_responses", [0, 1])
def test_below_two_responses_tau_b_is_undefined(n_responses: int) -> None:
    none = np.ones((4, n_responses), np.int64)
    assert np.isnan(tau_b(none, none)).all()


def test_the_mean_is_over_the_pairs_of_annotators_of_all_items() -> None:
    item = np.array([0, 0, 0, 1, 1, 2])
    annotator = np.array([0, 1, 2, 0, 1, 0])
    ranks = np.array([[1, 2, 3], [1, 2, 3], [3, 2, 1], [1, 2, 0], [1, 1, 0], [1, 2, 3]])
    # Item 0: 1, -1, -1; item 1: one of the two ties all; item 2: nobody to meet.
    assert mean_tau_b(item, annotator, ranks) == MeanTau(-1 / 3, n=3, n_undefined=1)


@given(data=st.data(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_mean_equals_scipys_pair_by_pair_in_any_order(data: st.DataObject, random: Random) -> None:
    cells = [(item, annotator) for item in range(3) for annotator in range(4) if data.draw(st.booleans())]
    answers = [(item, annotator, data.draw(ranking(4))) for item, annotator in cells]
    pairs = [
        (np.array(ranks), np.array(other_ranks))
        for item, annotator, ranks in answers
        for other_item, other_annotator, other_ranks in answers
        if item == other_item and annotator < other_annotator
    ]
    taus = [tau for first, second in pairs for tau in scipys(first[np.newaxis], second[np.newaxis])]
    defined = [tau for tau in taus if not math.isnan(tau)]
    random.shuffle(answers)
    item, annotator = np.array([answer[:2] for answer in answers], np.int64).reshape(-1, 2).T
    ranks = np.array([answer[2] for answer in answers], np.int64).reshape(-1, 4)
    found = mean_tau_b(item, annotator, ranks)
    assert found.mean == same(sum(defined) / len(defined) if defined else math.nan)
    assert (found.n, found.n_undefined) == (len(defined), len(taus) - len(defined))
    assert ranked_pairs(item, annotator, ranks).n == 6 * len(pairs)


def test_of_two_rankings_by_one_annotator_the_first_counts() -> None:
    item, annotator = np.array([0, 0, 0]), np.array([0, 0, 1])
    found = mean_tau_b(item, annotator, np.array([[1, 2], [2, 1], [1, 2]]))
    assert found == MeanTau(1.0, n=1, n_undefined=0)


def test_pairs_of_responses_are_told_apart_by_their_ties() -> None:
    item, annotator = np.array([0, 0]), np.array([3, 1])
    ranks = np.array([[1, 1, 2, 3], [2, 2, 1, 3]])
    pairs = ranked_pairs(item, annotator, ranks)
    # Responses 0 and 1 are tied by both; either against 2 is contested; all against 3 is agreed.
    assert (pairs.n_agree, pairs.n_disagree, pairs.n_one_ties, pairs.n_both_tie) == (3, 2, 0, 1)
    assert (pairs.agreement, pairs.agreement_without_ties) == (4 / 6, 3 / 5)
    one_ties = ranked_pairs(item, annotator, np.array([[1, 1], [1, 2]]))
    assert (one_ties.n_one_ties, one_ties.n, one_ties.agreement) == (1, 1, 0.0)
    assert math.isnan(one_ties.agreement_without_ties)


def test_pairs_with_a_response_that_is_not_there_are_not_counted() -> None:
    pairs = ranked_pairs(np.array([0, 0]), np.array([0, 1]), np.array([[1, 2, 0], [1, 2, 0]]))
    assert (pairs.n, pairs.n_agree) == (1, 1)


def test_without_two_rankings_of_an_item_all_is_undefined() -> None:
    for item in (np.array([], np.int64), np.array([0, 1])):
        ranks = np.ones((item.size, 2), np.int64)
        found, pairs = mean_tau_b(item, item, ranks), ranked_pairs(item, item, ranks)
        assert math.isnan(found.mean)
        assert (found.n, found.n_undefined, pairs.n) == (0, 0, 0)
        assert math.isnan(pairs.agreement)


def test_it_refuses_arrays_of_unequal_length() -> None:
    two = np.array([0, 0])
    with pytest.raises(ValueError, match="must have the same length"):
        mean_tau_b(two, two, np.ones((3, 2), np.int64))
    with pytest.raises(ValueError, match="must have the same length"):
        ranked_pairs(two, two[:1], np.ones((2, 2), np.int64))
