"""Numbers sorted with their places, however large they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agreement.measures.ranks import MOST, rows_from, sort_in_place


@pytest.mark.parametrize("bound", [10, MOST])
@given(numbers=st.lists(st.integers(0, 9), max_size=30))
def test_equal_numbers_keep_their_order(bound: int, numbers: list[int]) -> None:
    column = np.array(numbers, np.int64)
    order = sort_in_place(column, bound)
    assert order.tolist() == sorted(range(len(numbers)), key=numbers.__getitem__)
    assert column.tolist() == sorted(numbers)


def test_rows_are_what_stands_from_each_place_on() -> None:
    assert rows_from(np.arange(10, 16), np.array([0, 3]), 3).tolist() == [[10, 11, 12], [13, 14, 15]]
