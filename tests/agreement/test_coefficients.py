"""Agreement coefficients: the textbook example, the corner cases, and what must hold for any answers."""

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import (
    Counts,
    Level,
    Matrix,
    count_values,
    n_pairable_items,
    n_pairs,
    prevalence,
)

# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), example C: four observers, twelve
# units, values 1 to 5, "." where an observer gave none.
TEXTBOOK = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]

LEVELS = pytest.mark.parametrize("level", list(Level))


def textbook_counts() -> Counts:
    observers = [row.split() for row in TEXTBOOK]
    answers = [(unit, int(v) - 1) for row in observers for unit, v in enumerate(row) if v != "."]
    return count_values(np.array([unit for unit, _ in answers]), np.array([v for _, v in answers]), 12, 5)


def as_counts(rows: list[list[int]]) -> Counts:
    return np.array(rows, dtype=np.int64)


@st.composite
def count_matrices(draw: st.DrawFn) -> Counts:
    """1 to 8 items, 1 to 5 values, up to 4 annotators a cell."""
    n_values = draw(st.integers(1, 5))
    row = st.lists(st.integers(0, 4), min_size=n_values, max_size=n_values)
    return as_counts(draw(st.lists(row, min_size=1, max_size=8)))


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
    ("level", "published"), [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815), (Level.INTERVAL, 0.849)]
)
def test_it_gives_the_textbook_alphas(level: Level, published: float) -> None:
    assert round(float(krippendorff_alpha(textbook_counts(), level)), 3) == published


def test_it_leaves_the_textbooks_unit_with_one_answer_out() -> None:
    counts = textbook_counts()
    assert counts.sum() == 41
    assert n_pairable_items(counts) == 11
    assert n_pairs(counts) == 8 * 6 + 2 * 3 + 1 * 1
    assert prevalence(counts).tolist() == [9 / 40, 13 / 40, 10 / 40, 5 / 40, 3 / 40]


def test_raw_agreement_weighs_an_item_by_its_answers() -> None:
    counts = as_counts([[2, 0], [1, 2]])  # two answers that agree; three of which one pair in three agrees
    assert raw_agreement(counts) == pytest.approx((2 * 1 + 3 * (1 / 3)) / 5)


@LEVELS
def test_alpha_is_undefined_when_everybody_always_gives_the_same_value(level: Level) -> None:
    counts = as_counts([[3, 0, 0], [2, 0, 0], [0, 0, 1]])  # the only other value stands alone in its item
    assert np.isnan(krippendorff_alpha(counts, level))
    assert raw_agreement(counts) == 1.0
    assert prevalence(counts).tolist() == [1.0, 0.0, 0.0]


@LEVELS
@pytest.mark.parametrize(
    "counts",
    [as_counts([[1, 0], [0, 1], [0, 0]]), np.zeros((0, 2), dtype=np.int64), np.zeros((3, 0), dtype=np.int64)],
    ids=["one answer an item", "no items", "no values"],
)
def test_every_figure_is_undefined_where_no_two_answers_meet(level: Level, counts: Counts) -> None:
    assert np.isnan(krippendorff_alpha(counts, level))
    assert np.isnan(raw_agreement(counts))
    assert np.isnan(prevalence(counts)).all()
    assert (n_pairable_items(counts), n_pairs(counts)) == (0, 0)


@LEVELS
def test_an_annotator_who_shares_no_item_changes_nothing(level: Level) -> None:
    shared = as_counts([[2, 0, 0], [1, 1, 0], [0, 0, 2]])
    with_the_loner = np.vstack([shared, as_counts([[0, 1, 0], [0, 0, 1]])])
    assert krippendorff_alpha(with_the_loner, level) == krippendorff_alpha(shared, level)
    assert raw_agreement(with_the_loner) == raw_agreement(shared)
    assert prevalence(with_the_loner).tolist() == prevalence(shared).tolist()


def test_alpha_is_negative_when_annotators_always_differ() -> None:
    alpha = krippendorff_alpha(as_counts([[1, 1], [1, 1]]), Level.NOMINAL)
    assert alpha == pytest.approx(-0.5)


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


def same(figure: float | Matrix) -> object:
    return pytest.approx(figure, abs=1e-9, nan_ok=True)
