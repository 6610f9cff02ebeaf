"""Tables of every two annotators: against a slow definition, and what must hold for any answers."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.measures.alpha import coincidence_matrix
from app.agreement.measures.counts import Counts, Matrix, count_values
from app.agreement.measures.pair_tables import answers_by_size, pair_coincidences, pair_tables

Answers = list[tuple[int, int, int]]
N_ANNOTATORS, N_VALUES = 5, 3
BOTH = pytest.mark.parametrize("tables_of", [pair_tables, pair_coincidences], ids=["tables", "coincidences"])


def columns(answers: Answers) -> tuple[Counts, Counts, Counts]:
    item, annotator, value = np.array(answers, np.int64).reshape(-1, 3).T
    return item, annotator, value


def answers(*, twice: bool = True) -> st.SearchStrategy[Answers]:
    """Up to 40 answers of 5 annotators to 8 items with 3 values; `twice`: some also twice to one item."""
    answer = st.tuples(st.integers(0, 7), st.integers(0, N_ANNOTATORS - 1), st.integers(0, N_VALUES - 1))
    return st.lists(answer, max_size=40, unique_by=None if twice else lambda answer: answer[:2])


def tables_one_by_one(given_answers: Answers) -> tuple[Counts, Matrix]:
    """(tables, coincidences) by their definition."""
    of_item: dict[int, dict[int, int]] = {}
    for item, annotator, value in given_answers:
        of_item.setdefault(item, {}).setdefault(annotator, value)
    tables = np.zeros((N_ANNOTATORS, N_ANNOTATORS, N_VALUES, N_VALUES), np.int64)
    coincidences = np.zeros(tables.shape)
    for said in of_item.values():
        for a, b in permutations(said, 2):
            tables[a, b, said[a], said[b]] += 1
            coincidences[a, b, said[a], said[b]] += 1 / (len(said) - 1)
    return tables, coincidences


@given(given_answers=answers())
@settings(deadline=None)
def test_tables_equal_their_definition(given_answers: Answers) -> None:
    tables, coincidences = tables_one_by_one(given_answers)
    assert (pair_tables(*columns(given_answers), N_ANNOTATORS, N_VALUES) == tables).all()
    weighed = pair_coincidences(*columns(given_answers), N_ANNOTATORS, N_VALUES)
    assert np.allclose(weighed, coincidences, rtol=0, atol=1e-12)


@given(given_answers=answers(twice=False))
@settings(deadline=None)
def test_coincidences_of_all_annotators_sum_to_krippendorffs(given_answers: Answers) -> None:
    item, annotator, value = columns(given_answers)
    coincidences = pair_coincidences(item, annotator, value, N_ANNOTATORS, N_VALUES).sum(axis=(0, 1))
    counts = count_values(item, value, 8, N_VALUES)
    assert np.allclose(coincidences, coincidence_matrix(counts), rtol=0, atol=1e-12)


@BOTH
@given(given_answers=answers(twice=False), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_answers_and_the_numbers_of_items_change_no_bit(
    tables_of: Callable[..., Matrix], given_answers: Answers, random: np.random.Generator
) -> None:
    shuffled = list(given_answers)
    random.shuffle(shuffled)
    renumbered = [(7 - item, annotator, value) for item, annotator, value in shuffled]
    tables = tables_of(*columns(given_answers), N_ANNOTATORS, N_VALUES)
    assert (tables_of(*columns(renumbered), N_ANNOTATORS, N_VALUES) == tables).all()


@BOTH
@given(given_answers=answers())
@settings(deadline=None)
def test_swapping_two_annotators_transposes_their_table(
    tables_of: Callable[..., Matrix], given_answers: Answers
) -> None:
    tables = tables_of(*columns(given_answers), N_ANNOTATORS, N_VALUES)
    assert (tables == tables.transpose(1, 0, 3, 2)).all()
    assert not tables[np.arange(N_ANNOTATORS), np.arange(N_ANNOTATORS)].any()


def test_of_two_answers_to_one_item_the_first_counts() -> None:
    tables = pair_tables(*columns([(0, 1, 2), (0, 0, 1), (0, 1, 0), (0, 0, 1)]), 2, 3)
    assert tables.sum() == 2
    assert tables[0, 1, 1, 2] == tables[1, 0, 2, 1] == 1


def test_items_may_have_very_large_numbers() -> None:
    far = 2**60
    tables = pair_tables(*columns([(far, 0, 1), (0, 0, 0), (far, 1, 1), (3, 1, 0)]), 2, 2)
    assert tables[0, 1].tolist() == [[0, 0], [0, 1]]


def test_an_item_with_many_answers_makes_all_its_pairs() -> None:
    many = [(0, annotator, annotator % 2) for annotator in range(60)]
    tables = pair_tables(*columns(many), 60, 2)
    assert tables.sum() == 60 * 59
    assert pair_coincidences(*columns(many), 60, 2).sum() == pytest.approx(60)


@BOTH
def test_without_answers_that_meet_every_table_is_zero(tables_of: Callable[..., Matrix]) -> None:
    assert not tables_of(*columns([]), 3, 2).any()
    assert not tables_of(*columns([(0, 0, 1), (1, 1, 1), (1, 1, 0)]), 3, 2).any()
    assert tables_of(*columns([]), 0, 2).shape == (0, 0, 2, 2)
    assert list(answers_by_size(*columns([])[:2])) == []


@BOTH
@pytest.mark.parametrize("answer", [(0, 2, 0), (0, -1, 0), (0, 0, 3), (0, 0, -1), (-1, 0, 0)])
def test_it_refuses_answers_outside_the_tables(
    tables_of: Callable[..., Matrix], answer: tuple[int, int, int]
) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        tables_of(*columns([answer]), 2, 3)


@BOTH
def test_it_refuses_arrays_of_unequal_length(tables_of: Callable[..., Matrix]) -> None:
    item, annotator, value = columns([(0, 0, 0), (0, 1, 0)])
    with pytest.raises(ValueError, match="must have the same length"):
        tables_of(item, annotator, value[:1], 2, 3)
    with pytest.raises(ValueError, match="must have the same length"):
        next(answers_by_size(item, annotator[:1]))
