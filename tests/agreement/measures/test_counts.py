"""Counting answers into a matrix: pairs, items and shares."""

import numpy as np
import pytest
from hypothesis import given, settings

from app.agreement.measures.alpha import raw_agreement
from app.agreement.measures.counts import Counts, count_values, n_pairable_items, n_pairs, prevalence
from tests.agreement.measures.matrices import (
    FOUR_OBSERVERS,
    NOTHING_TO_COMPARE,
    as_counts,
    count_matrices,
    counts_of_observers,
)


def test_it_leaves_the_textbooks_unit_with_one_answer_out() -> None:
    counts = counts_of_observers(FOUR_OBSERVERS)
    assert counts.sum() == 41
    assert n_pairable_items(counts) == 11
    assert n_pairs(counts) == 8 * 6 + 2 * 3 + 1 * 1
    assert prevalence(counts).tolist() == [9 / 40, 13 / 40, 10 / 40, 5 / 40, 3 / 40]


def test_it_counts_answers_into_items_and_values() -> None:
    counts = count_values(np.array([2, 0, 2, 2]), np.array([1, 0, 1, 0]), n_items=4, n_values=2)
    assert counts.tolist() == [[1, 0], [0, 0], [1, 2], [0, 0]]


def test_it_counts_no_answers_as_zeros() -> None:
    none = np.array([], dtype=np.int64)
    assert count_values(none, none, n_items=2, n_values=3).tolist() == [[0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("item_index", "value_index"), [([0], [2]), ([1], [-1]), ([3], [0]), ([-1], [0]), ([0, 1], [0])]
)
def test_it_refuses_answers_outside_the_matrix(item_index: list[int], value_index: list[int]) -> None:
    with pytest.raises(ValueError, match=r"must (lie in|have the same length)"):
        count_values(np.array(item_index), np.array(value_index), n_items=3, n_values=2)


@NOTHING_TO_COMPARE
def test_nothing_is_counted_where_no_two_answers_meet(counts: Counts) -> None:
    assert np.isnan(prevalence(counts)).all()
    assert (n_pairable_items(counts), n_pairs(counts)) == (0, 0)


def test_an_answer_without_another_to_its_item_changes_no_share() -> None:
    shared = as_counts([[2, 0, 0], [1, 1, 0], [0, 0, 2]])
    with_the_loner = np.vstack([shared, as_counts([[0, 1, 0], [0, 0, 1]])])
    assert prevalence(with_the_loner).tolist() == prevalence(shared).tolist()


@given(counts=count_matrices())
@settings(deadline=None)
def test_shares_stay_between_zero_and_one(counts: Counts) -> None:
    raw, shares = raw_agreement(counts), prevalence(counts)
    if np.isnan(raw):
        assert np.isnan(shares).all()
        assert (n_pairs(counts), n_pairable_items(counts)) == (0, 0)
    else:
        assert 0 <= raw <= 1
        assert shares.sum() == pytest.approx(1)
        assert n_pairs(counts) >= n_pairable_items(counts) > 0
