"""Label patterns: items with the same labels taken together, and counted for one question after another."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.measures.counts import Counts, count_values
from app.agreement.measures.patterns import counts_of, distinct_rows, label_patterns
from app.agreement.measures.ranks import kinds_of_rows
from tests.agreement.measures.matrices import as_counts, count_matrices

NONE = np.array([], np.int64)


@st.composite
def labelled_items(draw: st.DrawFn) -> tuple[Counts, Counts, int]:
    """`item` and `label` of up to 20 answers to up to 6 items, with few labels or huge ones."""
    n_items = draw(st.integers(1, 6))
    labels = st.integers(0, 3) | st.integers(2**31 - 3, 2**31 - 1)
    answers = draw(st.lists(st.tuples(st.integers(0, n_items - 1), labels), max_size=20))
    item, label = np.array(answers, np.int64).reshape(-1, 2).T
    return item, label, n_items


def test_items_with_the_same_labels_are_one_pattern_whoever_gave_them() -> None:
    item, label = np.array([0, 0, 1, 1, 2, 3, 3, 5]), np.array([7, 4, 4, 7, 4, 4, 4, 4])
    patterns = label_patterns(item, label, n_items=6)
    assert patterns.label.tolist() == [[-1, -1], [4, -1], [4, 4], [4, 7]]
    assert patterns.weight.tolist() == [1, 2, 1, 2]
    assert patterns.of_item.tolist() == [3, 3, 1, 2, 0, 1]


def test_items_without_any_answer_are_one_pattern() -> None:
    patterns = label_patterns(NONE, NONE, n_items=3)
    assert patterns.label.shape == (1, 0)
    assert patterns.weight.tolist() == [3]
    assert patterns.of_item.tolist() == [0, 0, 0]
    assert counts_of(patterns, NONE, 2).tolist() == [[0, 0]]


def test_without_items_there_are_no_patterns() -> None:
    patterns = label_patterns(NONE, NONE, n_items=0)
    assert (patterns.weight.size, patterns.of_item.size) == (0, 0)
    assert counts_of(patterns, np.array([0, 1]), 2).shape == (0, 2)


@pytest.mark.parametrize(
    ("item", "label"), [([0, 1], [0]), ([3], [0]), ([-1], [0]), ([0], [-1]), ([0], [2**31])]
)
def test_it_refuses_answers_that_name_no_item_or_label(item: list[int], label: list[int]) -> None:
    with pytest.raises(ValueError, match=r"must (lie in|have the same length)"):
        label_patterns(np.array(item), np.array(label), n_items=3)


def test_severity_among_unsafe_answers_leaves_the_safe_ones_out() -> None:
    item, label = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 2, 3, 0, 0, 0])
    patterns = label_patterns(item, label, n_items=2)
    severity_among_unsafe = np.array([-1, 0, 1, 2])  # label 0 is safe
    counts = counts_of(patterns, severity_among_unsafe, 3)
    assert counts[patterns.of_item].tolist() == [[0, 1, 1], [0, 0, 0]]


@pytest.mark.parametrize("value_of_label", [[0, 2], [0, -2], [0]], ids=["too high", "too low", "too few"])
def test_it_refuses_values_that_are_not_there(value_of_label: list[int]) -> None:
    patterns = label_patterns(np.array([0, 0]), np.array([0, 1]), n_items=1)
    with pytest.raises(ValueError, match="must lie in"):
        counts_of(patterns, np.array(value_of_label), 2)


def test_equal_rows_are_merged_and_their_weights_added() -> None:
    counts, weight = distinct_rows(as_counts([[2, 1], [0, 3], [2, 1], [0, 3]]), np.array([5, 1, 2, 0]))
    assert counts.tolist() == [[0, 3], [2, 1]]
    assert weight.tolist() == [1, 7]


def test_no_rows_and_no_values_are_merged_as_well() -> None:
    assert [part.shape for part in distinct_rows(np.zeros((0, 2), np.int64))] == [(0, 2), (0,)]
    counts, weight = distinct_rows(np.zeros((3, 0), np.int64))
    assert (counts.shape, weight.tolist()) == ((1, 0), [3])


def test_rows_too_long_for_one_number_are_told_apart() -> None:
    rows = np.full((4, 9), 2**31 - 1)
    rows[1, 0] = rows[2, 8] = rows[3, 4] = 5
    kind, first = kinds_of_rows(np.vstack([rows, rows[2]]))
    assert first[kind].tolist() == [0, 1, 2, 3, 2]
    assert kind.tolist() == [3, 0, 2, 1, 2]


@given(answers=labelled_items())
@settings(deadline=None)
def test_every_item_shows_its_own_labels(answers: tuple[Counts, Counts, int]) -> None:
    item, label, n_items = answers
    patterns = label_patterns(item, label, n_items)
    for index in range(n_items):
        row = patterns.label[patterns.of_item[index]]
        assert row[row >= 0].tolist() == sorted(label[item == index].tolist())
    assert len({tuple(row) for row in patterns.label.tolist()}) == patterns.weight.size
    assert patterns.weight.sum() == n_items
    assert patterns.weight.min() > 0


@given(answers=labelled_items(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_answers_changes_nothing(answers: tuple[Counts, Counts, int], random: Random) -> None:
    item, label, n_items = answers
    order = random.sample(range(item.size), item.size)
    first, second = label_patterns(item, label, n_items), label_patterns(item[order], label[order], n_items)
    assert first.label.tolist() == second.label.tolist()
    assert first.of_item.tolist() == second.of_item.tolist()


@given(answers=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=20))
@settings(deadline=None)
def test_counts_over_the_patterns_are_the_counts_of_the_items(answers: list[tuple[int, int]]) -> None:
    item, label = np.array(answers, np.int64).reshape(-1, 2).T
    value_of_label = np.array([1, 0, 1, 2])
    patterns = label_patterns(item, label, n_items=6)
    of_items = count_values(item, value_of_label[label], 6, 3)
    assert counts_of(patterns, value_of_label, 3)[patterns.of_item].tolist() == of_items.tolist()


@given(counts=count_matrices())
@settings(deadline=None)
def test_distinct_rows_repeated_by_weight_are_the_rows(counts: Counts) -> None:
    distinct, weight = distinct_rows(counts)
    assert sorted(np.repeat(distinct, weight, axis=0).tolist()) == sorted(counts.tolist())
    assert distinct.tolist() == sorted(distinct.tolist())
    assert len({tuple(row) for row in distinct.tolist()}) == len(distinct)
