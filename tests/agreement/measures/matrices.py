"""Count matrices to measure: textbook examples, and any at all."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import strategies as st

from app.agreement.measures.counts import Counts, Level, Matrix, count_values

LEVELS = pytest.mark.parametrize("level", list(Level))

# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), examples A, B and C: one row an
# observer, one column a unit, "." where an observer gave none.
MEG_AND_OWEN = ["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"]
BEN_AND_GERRY = ["a a b b d c c c e d d a", "b a b b b c c c e d d d"]
FOUR_OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
# Wikipedia, "Krippendorff's alpha", section "A computational example": coders A, B and C.
THREE_CODERS = [
    ". . . . . 3 4 1 2 1 1 3 3 . 3",
    "1 . 2 1 3 3 4 3 . . . . . . .",
    ". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
]


def counts_of_observers(observers: Sequence[str]) -> Counts:
    """One row a unit; the values that occur, in their order."""
    answers = [(unit, v) for row in observers for unit, v in enumerate(row.split()) if v != "."]
    values = sorted({v for _, v in answers})
    units = np.array([unit for unit, _ in answers])
    n_units = len(observers[0].split())
    return count_values(units, np.array([values.index(v) for _, v in answers]), n_units, len(values))


def as_counts(rows: list[list[int]]) -> Counts:
    return np.array(rows, dtype=np.int64)


@st.composite
def count_matrices(draw: st.DrawFn, least_values: int = 1) -> Counts:
    """1 to 8 items, up to 5 values, up to 4 annotators a cell."""
    n_values = draw(st.integers(least_values, 5))
    row = st.lists(st.integers(0, 4), min_size=n_values, max_size=n_values)
    return as_counts(draw(st.lists(row, min_size=1, max_size=8)))


NOTHING_TO_COMPARE = pytest.mark.parametrize(
    "counts",
    [as_counts([[1, 0], [0, 1], [0, 0]]), np.zeros((0, 2), np.int64), np.zeros((3, 0), np.int64)],
    ids=["one answer an item", "no items", "no values"],
)


def same(figure: float | Matrix) -> object:
    return pytest.approx(figure, abs=1e-9, nan_ok=True)
