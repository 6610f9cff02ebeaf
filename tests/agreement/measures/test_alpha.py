"""Krippendorff's alpha and raw agreement: published values, corner cases, what holds for any answers."""

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Counts, Level
from tests.agreement.measures.matrices import (
    BEN_AND_GERRY,
    FOUR_OBSERVERS,
    LEVELS,
    MEG_AND_OWEN,
    NOTHING_TO_COMPARE,
    THREE_CODERS,
    as_counts,
    count_matrices,
    counts_of_observers,
    same,
)


def alpha_pair_by_pair(counts: Counts, level: Level) -> float:
    """Alpha from its definition, one ordered pair of answers after the other."""
    items = [[v for v, n in enumerate(row) for _ in range(n)] for row in counts.tolist()]
    items = [values for values in items if len(values) >= 2]
    pool = [v for values in items for v in values]
    if len(set(pool)) < 2:
        return np.nan

    def difference(v: int, w: int) -> float:
        if level is Level.NOMINAL:
            return float(v != w)
        if level is Level.INTERVAL:
            return float((v - w) ** 2)
        between = sum(min(v, w) <= u <= max(v, w) for u in pool)
        return (between - (pool.count(v) + pool.count(w)) / 2) ** 2

    observed = sum(
        sum(difference(v, w) for v, w in permutations(values, 2)) / (len(values) - 1) for values in items
    ) / len(pool)
    expected = sum(difference(v, w) for v, w in permutations(pool, 2)) / (len(pool) * (len(pool) - 1))
    return 1 - observed / expected


@pytest.mark.parametrize(
    ("observers", "level", "published"),
    [
        (MEG_AND_OWEN, Level.NOMINAL, 0.095),
        (BEN_AND_GERRY, Level.NOMINAL, 0.692),
        (FOUR_OBSERVERS, Level.NOMINAL, 0.743),
        (FOUR_OBSERVERS, Level.ORDINAL, 0.815),
        (FOUR_OBSERVERS, Level.INTERVAL, 0.849),
        (THREE_CODERS, Level.NOMINAL, 0.691),
        (THREE_CODERS, Level.INTERVAL, 0.811),
    ],
)
def test_it_gives_the_published_alphas(observers: list[str], level: Level, published: float) -> None:
    assert round(float(krippendorff_alpha(counts_of_observers(observers), level)), 3) == published


def test_raw_agreement_weighs_an_item_by_its_answers() -> None:
    counts = as_counts([[2, 0], [1, 2]])  # two answers that agree; three of which one pair in three agrees
    assert raw_agreement(counts) == pytest.approx((2 * 1 + 3 * (1 / 3)) / 5)


@LEVELS
def test_alpha_is_undefined_when_everybody_always_gives_the_same_value(level: Level) -> None:
    counts = as_counts([[3, 0, 0], [2, 0, 0], [0, 0, 1]])  # the only other value stands alone in its item
    assert np.isnan(krippendorff_alpha(counts, level))
    assert raw_agreement(counts) == 1.0


@LEVELS
@NOTHING_TO_COMPARE
def test_alpha_is_undefined_where_no_two_answers_meet(level: Level, counts: Counts) -> None:
    assert np.isnan(krippendorff_alpha(counts, level))
    assert np.isnan(raw_agreement(counts))


@LEVELS
def test_an_annotator_who_shares_no_item_changes_nothing(level: Level) -> None:
    shared = as_counts([[2, 0, 0], [1, 1, 0], [0, 0, 2]])
    with_the_loner = np.vstack([shared, as_counts([[0, 1, 0], [0, 0, 1]])])
    assert krippendorff_alpha(with_the_loner, level) == krippendorff_alpha(shared, level)
    assert raw_agreement(with_the_loner) == raw_agreement(shared)


def test_alpha_is_negative_when_annotators_always_differ() -> None:
    alpha = krippendorff_alpha(as_counts([[1, 1], [1, 1]]), Level.NOMINAL)
    assert alpha == pytest.approx(-0.5)


@LEVELS
@given(counts=count_matrices())
@settings(deadline=None)
def test_alpha_equals_its_definition_pair_by_pair(level: Level, counts: Counts) -> None:
    assert krippendorff_alpha(counts, level) == same(alpha_pair_by_pair(counts, level))


@given(counts=count_matrices(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_nominal_figures_ignore_what_the_values_are_called(counts: Counts, random: Random) -> None:
    columns = list(range(counts.shape[1]))
    random.shuffle(columns)
    renamed = counts[:, columns]
    assert krippendorff_alpha(renamed, Level.NOMINAL) == same(krippendorff_alpha(counts, Level.NOMINAL))
    assert raw_agreement(renamed) == same(raw_agreement(counts))


@LEVELS
@given(counts=count_matrices(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_items_changes_no_bit(level: Level, counts: Counts, random: Random) -> None:
    rows = list(range(counts.shape[0]))
    random.shuffle(rows)
    np.testing.assert_array_equal(krippendorff_alpha(counts[rows], level), krippendorff_alpha(counts, level))
    np.testing.assert_array_equal(raw_agreement(counts[rows]), raw_agreement(counts))


@LEVELS
@given(counts=count_matrices())
@settings(deadline=None)
def test_reversing_the_order_of_values_leaves_alpha(level: Level, counts: Counts) -> None:
    assert krippendorff_alpha(counts[:, ::-1], level) == same(krippendorff_alpha(counts, level))


@LEVELS
@given(counts=count_matrices())
@settings(deadline=None)
def test_alpha_is_one_exactly_when_all_agree_on_two_values_or_more(level: Level, counts: Counts) -> None:
    pairable = counts[counts.sum(axis=1) >= 2]
    all_agree = bool((np.count_nonzero(pairable, axis=1) == 1).all())
    n_used = int(np.count_nonzero(pairable.sum(axis=0)))
    assert (krippendorff_alpha(counts, level) == 1.0) == (all_agree and n_used >= 2)
