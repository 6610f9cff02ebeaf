"""Answers with alike items taken together."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.consensus.patterns import Patterns, patterns_of

N_ITEMS, N_ANNOTATORS, N_VALUES = 6, 3, 2
Triple = tuple[int, int, int]


def patterns(triples: list[Triple], n_annotators: int = N_ANNOTATORS) -> Patterns:
    item, annotator, value = np.array(triples, dtype=np.int64).reshape(-1, 3).T
    return patterns_of(item, annotator, value, N_ITEMS, n_annotators, N_VALUES)


def any_triples() -> st.SearchStrategy[list[Triple]]:
    places = (st.integers(0, n - 1) for n in (N_ITEMS, N_ANNOTATORS, N_VALUES))
    return st.lists(st.tuples(*places), max_size=20)


def test_items_with_the_same_answers_share_a_row() -> None:
    found = patterns([(0, 0, 1), (0, 1, 0), (1, 1, 0), (1, 0, 1), (2, 0, 0), (2, 1, 0)])
    assert found.row_of_item[0] == found.row_of_item[1] != found.row_of_item[2]
    assert sorted(found.n_items.tolist()) == [1, 2]


def test_an_item_without_answers_has_no_row() -> None:
    assert patterns([(3, 0, 0)]).row_of_item.tolist() == [-1, -1, -1, 0, -1, -1]


def test_the_same_answer_given_twice_is_another_pattern_than_given_once() -> None:
    found = patterns([(0, 0, 1), (1, 0, 1), (1, 0, 1)])
    assert found.row_of_item[:2].tolist() == [0, 1]
    assert found.n_by_cell.tolist() == [0, 3, 0, 0, 0, 0]


def test_more_answers_than_fit_into_one_number_are_told_apart_by_the_last() -> None:
    """40 answers of 1,000 annotators with two values make 2,000 to the power of 40."""
    many = [(i, a, 0) for i in range(3) for a in range(40)]
    many[-1] = (2, 39, 1)
    found = patterns(many, n_annotators=1000)
    assert found.row_of_item[:3].tolist() == [0, 0, 1]


def test_numbers_too_long_to_be_sorted_with_their_places_are_sorted_all_the_same() -> None:
    """Three answers of a million annotators fill the number to its last bits."""
    of_three = [(i, a, int(i == 1)) for i in range(4) for a in (7, 500_000, 999_999)]
    found = patterns(of_three, n_annotators=1_000_000)
    assert found.row_of_item[:4].tolist() == [0, 1, 0, 0]


@given(triples=any_triples())
@settings(deadline=None)
def test_two_items_share_a_row_exactly_when_their_answers_are_the_same(triples: list[Triple]) -> None:
    found = patterns(triples)
    answers = [Counter((a, value) for i, a, value in triples if i == item) for item in range(N_ITEMS)]
    for one in range(N_ITEMS):
        assert (found.row_of_item[one] < 0) == (not answers[one])
        for other in range(one):
            is_alike = answers[one] == answers[other]
            assert (found.row_of_item[one] == found.row_of_item[other]) == is_alike
    assert found.n_items.sum() == sum(1 for of_item in answers if of_item)


@given(triples=any_triples())
@settings(deadline=None)
def test_every_answer_is_counted_in_its_cell(triples: list[Triple]) -> None:
    found = patterns(triples)
    n = Counter(a * N_VALUES + value for _, a, value in triples)
    expected = [n[cell] for cell in range(N_ANNOTATORS * N_VALUES)]
    assert found.n_by_cell.tolist() == expected
    assert (found.answers.T @ found.n_items).tolist() == expected
