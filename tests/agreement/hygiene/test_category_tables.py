"""Tables of categories: by severity, and by what else is named with them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.category_tables import CategoryTables, category_tables


def tables(answers: list[tuple[int, int, int]], n_categories: int = 3) -> CategoryTables:
    """Of (severity, mask, how many)."""
    severity, mask, n = np.array(answers, np.int64).reshape(-1, 3).T
    return category_tables(severity, mask, n, n_categories)


def test_a_hand_computed_example() -> None:
    found = tables([(0, 0, 2), (1, 0b001, 1), (3, 0b011, 1), (3, 0b001, 1), (2, 0b011, 1)])
    assert found.by_severity.tolist() == [[1, 1, 2], [0, 1, 1], [0, 0, 0]]
    assert found.together.tolist() == [[4, 2, 0], [2, 2, 0], [0, 0, 0]]


def test_without_answers_all_is_zero() -> None:
    assert tables([]).by_severity.tolist() == [[0, 0, 0]] * 3
    assert tables([]).together.tolist() == [[0, 0, 0]] * 3


@pytest.mark.parametrize(
    ("answer", "match"),
    [((4, 1, 1), "severity"), ((-1, 1, 1), "severity"), ((1, 8, 1), "mask"), ((0, 1, 1), "safe")],
)
def test_impossible_answers_are_refused(answer: tuple[int, int, int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        tables([answer])


def test_arrays_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        category_tables(np.array([1, 1]), np.array([1]), np.array([1, 1]), 3)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 31), st.integers(0, 9)), max_size=8))
def test_every_answer_is_counted_where_it_belongs(answers: list[tuple[int, int, int]]) -> None:
    found = tables(answers, 5)
    for category in range(5):
        naming = [answer for answer in answers if answer[1] >> category & 1]
        assert found.together[category, category] == sum(n for *_, n in naming)
        assert found.by_severity[category].sum() == found.together[category, category]
    assert (found.together == found.together.T).all()
