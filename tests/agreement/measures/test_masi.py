"""Agreement on sets of harm categories: the MASI distance, and alpha with it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.measures.alpha import krippendorff_alpha
from app.agreement.measures.counts import Counts
from app.agreement.measures.masi import masi_alpha, masi_distance, masi_distances, set_answers
from app.agreement.measures.patterns import Patterns, counts_of, label_patterns
from tests.agreement.measures.matrices import same

NO_MASKS = np.array([], np.int64)


def mask(*members: int) -> Counts:
    return np.array(sum(1 << member for member in members), np.int64)


def patterns_of(items: list[list[int]]) -> Patterns:
    """`items`: the labels each item got."""
    item = np.repeat(np.arange(len(items)), [len(labels) for labels in items])
    return label_patterns(
        item, np.array([label for labels in items for label in labels], np.int64), len(items)
    )


@st.composite
def labelled_sets(draw: st.DrawFn) -> tuple[Patterns, Counts]:
    """Up to 8 items with up to 5 answers each, of five labels: some sets equal, some empty, one left out."""
    masks = draw(st.lists(st.integers(-1, 15), min_size=5, max_size=5))
    items = draw(st.lists(st.lists(st.integers(0, 4), max_size=5), min_size=1, max_size=8))
    return patterns_of(items), np.array(masks)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        (mask(), mask(), 0.0),
        (mask(), mask(3), 1.0),
        (mask(1, 2), mask(1, 2), 0.0),
        # Half of all members are shared, and the first set is held by the second: 1 - 1/2 * 2/3. nltk shows
        # the same sets in its documentation, with the 2/3 rounded to .67: 0.665.
        (mask(1, 2), mask(1, 2, 3, 4), 1 - 1 / 2 * 2 / 3),
        (mask(1, 2), mask(2, 3), 1 - 1 / 3 * 1 / 3),
        (mask(1), mask(2), 1.0),
        (mask(18), mask(0, 18), 1 - 1 / 2 * 2 / 3),
    ],
)
def test_distances_are_as_passonneau_defines_them(one: Counts, other: Counts, distance: float) -> None:
    assert masi_distance(one, other) == pytest.approx(distance)
    assert masi_distance(other, one) == pytest.approx(distance)


def test_distances_of_many_sets_are_those_of_every_two() -> None:
    masks = np.arange(600)
    distances = masi_distances(masks)
    assert distances.shape == (600, 600)
    assert (distances == distances.T).all()
    assert (distances[np.triu_indices(600, 1)] > 0).all()
    assert distances[599].tolist() == masi_distance(mask(*[0, 1, 2, 4, 6, 9]), masks).tolist()


def test_alpha_of_sets_follows_from_its_definition() -> None:
    # Two items, {1} {1,2} and {3} {3}. Observed: 2 pairs of distance 2/3 among 4 answers. Expected: the
    # ordered pairs of {1} {1,2} {3} {3}: 2 of 2/3, 8 of 1, of 12 in all.
    answers = set_answers(patterns_of([[0, 1], [2, 2]]), np.array([mask(1), mask(1, 2), mask(3)]))
    observed, expected = (2 * 2 / 3) / 4, (2 * 2 / 3 + 8 * 1) / 12
    assert masi_alpha(answers) == pytest.approx(1 - observed / expected)


def test_two_empty_sets_agree() -> None:
    answers = set_answers(patterns_of([[0, 0], [1, 1]]), np.array([mask(), mask(4)]))
    assert masi_alpha(answers) == 1.0


def test_alpha_is_undefined_when_every_set_is_empty() -> None:
    assert np.isnan(masi_alpha(set_answers(patterns_of([[0, 0], [0, 1]]), np.array([0, 0]))))


@pytest.mark.parametrize(
    ("items", "masks"),
    [([[0], [1]], [1, 2]), ([], [1, 2]), ([[], []], []), ([[0, 1], [1]], [3, -1])],
    ids=["one answer an item", "no items", "no answers", "all but one left out"],
)
def test_alpha_is_undefined_where_no_two_answers_meet(items: list[list[int]], masks: list[int]) -> None:
    assert np.isnan(masi_alpha(set_answers(patterns_of(items), np.array(masks, np.int64))))


def test_alpha_is_undefined_of_weights_that_are_all_zero() -> None:
    answers = set_answers(patterns_of([[0, 1], [1, 1]]), np.array([1, 2]))
    figures = masi_alpha(answers, np.array([[0, 0], [1, 1]]))
    assert np.isnan(figures).tolist() == [True, False]


@given(sets=labelled_sets())
@settings(deadline=None)
def test_it_equals_alpha_with_a_column_a_set(sets: tuple[Patterns, Counts]) -> None:
    patterns, masks = sets
    distinct = np.unique(masks[masks >= 0])
    value_of_label = np.where(masks < 0, -1, np.searchsorted(distinct, masks))
    counts = counts_of(patterns, value_of_label, distinct.size)
    by_columns = krippendorff_alpha(counts, masi_distances(distinct), patterns.weight)
    assert masi_alpha(set_answers(patterns, masks)) == same(by_columns)


@given(sets=labelled_sets(), seed=st.integers(0, 99))
@settings(deadline=None)
def test_many_weights_at_once_give_each_its_own_figure(sets: tuple[Patterns, Counts], seed: int) -> None:
    patterns, masks = sets
    answers = set_answers(patterns, masks)
    weights = np.random.default_rng(seed).integers(0, 4, (2, 3, patterns.weight.size))
    at_once = masi_alpha(answers, weights)
    assert at_once.shape == (2, 3)
    assert at_once == same(np.array([[masi_alpha(answers, w) for w in row] for row in weights]))


@given(sets=labelled_sets(), order=st.permutations(range(4)))
@settings(deadline=None)
def test_which_bit_stands_for_which_category_does_not_matter(
    sets: tuple[Patterns, Counts], order: list[int]
) -> None:
    patterns, masks = sets
    moved = sum(((masks >> bit) & 1) << order[bit] for bit in range(4))
    renamed = set_answers(patterns, np.where(masks < 0, -1, moved))
    assert masi_alpha(renamed) == same(masi_alpha(set_answers(patterns, masks)))
