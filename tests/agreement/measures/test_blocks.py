"""Answers taken some at a time say what they say all at once, in columns of any width and order."""

from dataclasses import astuple
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.agreement.consensus.patterns import patterns_of
from app.agreement.hygiene.over_time import agreement_over_time
from app.agreement.hygiene.versions import agreement_by_version
from app.agreement.measures import blocks, pair_tables
from app.agreement.measures.counts import Counts, Level
from app.agreement.measures.pair_tables import both_of_pairs
from app.agreement.measures.patterns import label_patterns

N_ITEMS, N_ANNOTATORS, N_VALUES = 9, 4, 3
# Item and annotator, each two of which answer once; value and version.
ANSWERS = st.dictionaries(
    st.tuples(st.integers(0, N_ITEMS - 1), st.integers(0, N_ANNOTATORS - 1)),
    st.tuples(st.integers(0, N_VALUES - 1), st.integers(0, 1)),
    max_size=30,
)
Answers = dict[tuple[int, int], tuple[int, int]]


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "ANSWERS_AT_ONCE", 4)
    monkeypatch.setattr(pair_tables, "ITEMS_AT_ONCE", 2)


def columns(answers: Answers, order: list[tuple[int, int]]) -> list[Counts]:
    rows = [(*place, *answers[place]) for place in order]
    return list(np.array(rows, np.int64).reshape(-1, 4).T)


def measured(item: Any, annotator: Any, value: Any, version: Any) -> list[Any]:
    """Arrays alone."""
    sizes = (N_ITEMS, N_ANNOTATORS, N_VALUES)
    models = patterns_of(item, annotator, value, *sizes)
    found = [
        *both_of_pairs(item, annotator, value, N_ANNOTATORS, N_VALUES),
        *astuple(label_patterns(item, value, N_ITEMS)),
        *(models.row_of_item, models.n_items, models.n_by_cell, models.answers.toarray()),
    ]
    for each in (
        agreement_over_time(item, value, version, N_ITEMS, N_VALUES, 2, Level.ORDINAL),
        agreement_by_version(item, value, version, N_VALUES, 2, Level.ORDINAL),
    ):
        found += [each.n_pairable, each.raw_agreement, each.alpha, *astuple(each.prevalence)]
    return found


@pytest.mark.usefixtures("tiny_blocks")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANSWERS, st.randoms(use_true_random=False))
def test_a_few_sorted_and_narrow_answers_at_a_time_measure_the_same(answers: Answers, random: Any) -> None:
    anyhow = random.sample(sorted(answers), len(answers))
    narrow = [column.astype(np.int8) for column in columns(answers, sorted(answers))]
    for ours, expected in zip(measured(*narrow), measured(*columns(answers, anyhow)), strict=True):
        assert np.array_equal(ours, expected, equal_nan=True)


def test_few_items_of_another_size_come_behind_many_patterns() -> None:
    """Their own places are narrow numbers, which the patterns before them are not."""
    item = np.array([*range(300), 300, 300, 301, 301], np.int16)
    label = np.array([*range(300), 1, 2, 1, 2], np.int16)
    nobody = np.zeros_like(item)
    assert label_patterns(item, label, 302).of_item.tolist() == [*range(300), 300, 300]
    assert patterns_of(item, nobody, label, 302, 1, 300).row_of_item.tolist() == [*range(300), 300, 300]


@pytest.mark.usefixtures("tiny_blocks")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 5), max_size=30))
def test_no_item_stands_in_two_blocks(items: list[int]) -> None:
    item = np.array(sorted(items), np.int8)
    some = [item[block] for block in blocks.whole_items(item)]
    assert [number for block in some for number in block.tolist()] == sorted(items)
    assert all(one[-1] < other[0] for one, other in pairwise(some))


@pytest.mark.usefixtures("tiny_blocks")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-300, 300), max_size=30))
def test_places_and_numbers_are_those_of_numpy(numbers: list[int]) -> None:
    column = np.array(numbers, np.int64)
    different, place = blocks.places_of(column)
    assert different[place].tolist() == numbers
    assert blocks.n_of_each(place, different.size).tolist() == np.bincount(place).tolist()
    assert blocks.narrowed(column).tolist() == numbers


@pytest.mark.parametrize("most", [0, 126, 127, 128, 32_767, 32_768, 2**31 - 1, 2**31])
def test_the_narrowest_type_holds_what_it_is_told_and_minus_one(most: int) -> None:
    column = np.array([-1, most], blocks.type_up_to(most))
    assert column.tolist() == [-1, most]
    assert column.itemsize == next(size for size in (1, 2, 4, 8) if most < 2 ** (8 * size - 1))
