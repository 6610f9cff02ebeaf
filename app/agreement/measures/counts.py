"""How often each item got each value: what most measures of agreement are computed from.

`counts` is an array of shape (n_rows, n_values): cell (i, v) is the number of annotators who gave the items
of row i value v. One annotator counts once an item: group by annotator before counting. The columns stand
in the values' order, which ordinal and interval alpha use. Items with fewer than two answers hold nobody to
compare with; the answers of the others are called pairable.

`weight` says how many items each row stands for; one each where it is not given. Its last axis is that of the
rows, and a measure has the shape of what is left: (n_rows,) gives one figure, (n_resamples, n_rows) one for
each resample. So few answers an item make few distinct rows, and a thousand resamples cost next to nothing.
A figure that is undefined is NaN.
"""

from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Counts: TypeAlias = NDArray[np.int64]
# Of any width: see measures/blocks.py.
Indexes: TypeAlias = NDArray[np.integer[Any]]
Matrix: TypeAlias = NDArray[np.float64]


class Level(StrEnum):
    """Level of measurement: what the difference of two values means."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


def count_values(item_index: Counts, value_index: Counts, n_items: int, n_values: int) -> Counts:
    """Count matrix of answers in long form: answer j gives value `value_index[j]` to item `item_index[j]`.

    Raises ValueError for an item outside 0..n_items-1 or a value outside 0..n_values-1.
    """
    if item_index.shape != value_index.shape:
        raise ValueError("item_index and value_index must have the same length")
    require_range("item_index", item_index, n_items)
    require_range("value_index", value_index, n_values)
    cells = np.bincount(item_index * n_values + value_index, minlength=n_items * n_values)
    return cells.reshape(n_items, n_values)


def n_pairable_items(counts: Counts, weight: Counts | None = None) -> int:
    """Items with at least two answers. `weight`: shape (n_rows,)."""
    return int(one_each(counts, weight)[answers_per_item(counts) >= 2].sum())


def n_pairs(counts: Counts, weight: Counts | None = None) -> int:
    """Unordered pairs of two annotators' answers to one item: 3 for an item with three answers.

    `weight`: shape (n_rows,).
    """
    sizes = answers_per_item(counts)
    return int((one_each(counts, weight) * sizes * (sizes - 1)).sum()) // 2


def prevalence(counts: Counts, weight: Counts | None = None) -> Matrix:
    """Share of each value among the pairable answers, shape (..., n_values); NaN without any."""
    is_pairable = answers_per_item(counts) >= 2
    of_row = one_each(counts, weight)[..., is_pairable].astype(np.float64)
    totals: Matrix = of_row @ counts[is_pairable]
    return divide(totals, totals.sum(axis=-1, keepdims=True))


def answers_per_item(counts: Counts) -> Counts:
    """Shape (n_rows,). A product, not a sum along the short axis, which takes several times as long."""
    sizes: Counts = counts @ np.ones(counts.shape[1], dtype=np.int64)
    return sizes


def one_each(counts: Counts, weight: Counts | None) -> Counts:
    return np.ones(counts.shape[0], np.int64) if weight is None else weight


def divide(above: Matrix, below: Matrix) -> Matrix:
    """NaN where the divisor is 0."""
    shape = np.broadcast_shapes(above.shape, below.shape)
    quotient: Matrix = np.divide(above, below, out=np.full(shape, np.nan), where=below != 0)
    return quotient


def require_range(name: str, indexes: Indexes, n: int) -> None:
    if indexes.size and not (indexes.min() >= 0 and indexes.max() < n):
        raise ValueError(f"{name} must lie in 0..{n - 1}")
