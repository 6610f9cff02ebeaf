"""Specific agreement of each value: positive and negative agreement of yes-or-no questions."""

import numpy as np
import pytest
from hypothesis import given, settings

from app.agreement.measures.counts import Counts, n_pairs
from app.agreement.measures.specific import specific_agreement
from tests.agreement.measures.matrices import NOTHING_TO_COMPARE, as_counts, count_matrices

# A. R. Feinstein and D. V. Cicchetti, "High agreement but low kappa: I. The problems of two paradoxes",
# Journal of Clinical Epidemiology 43(6), 1990: two tables of 100 items with the same raw agreement of .85,
# and kappas of .70 and .32. Rows: both say no, they differ, both say yes.
EVEN, SKEWED = np.array([45, 15, 40]), np.array([5, 15, 80])
TWO_ANNOTATORS = as_counts([[2, 0], [1, 1], [0, 2]])


@pytest.mark.parametrize(
    ("weight", "negative", "positive"), [(EVEN, 90 / 105, 80 / 95), (SKEWED, 10 / 25, 160 / 175)]
)
def test_it_tells_the_paradoxs_two_tables_apart(weight: Counts, negative: float, positive: float) -> None:
    assert specific_agreement(TWO_ANNOTATORS, weight) == pytest.approx([negative, positive])


def test_of_several_annotators_every_pair_counts() -> None:
    counts = as_counts([[1, 2], [0, 3], [4, 0]])
    # Ordered pairs that begin with yes: 2 * 2 and 3 * 2, of which 2 and 6 go on with yes.
    assert specific_agreement(counts) == pytest.approx([12 / (1 * 2 + 4 * 3), 8 / 10])


def test_a_value_that_nobody_gives_has_none() -> None:
    assert specific_agreement(as_counts([[3, 0], [2, 0], [0, 1]])) == pytest.approx([1, np.nan], nan_ok=True)


@NOTHING_TO_COMPARE
def test_it_is_undefined_where_no_two_answers_meet(counts: Counts) -> None:
    figures = specific_agreement(counts)
    assert figures.shape == counts.shape[1:]
    assert np.isnan(figures).all()


@given(counts=count_matrices())
@settings(deadline=None)
def test_weighed_by_pairs_it_is_the_share_of_pairs_that_agree(counts: Counts) -> None:
    paired = (counts * (counts.sum(axis=1, keepdims=True) - 1)).sum(axis=0)
    equal = np.nan_to_num(specific_agreement(counts)) @ paired
    assert equal == pytest.approx((counts * (counts - 1)).sum())
    assert paired.sum() == 2 * n_pairs(counts)
