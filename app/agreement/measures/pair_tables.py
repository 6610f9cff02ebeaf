"""What every two annotators said of the items they share: what measures of two annotators are computed from.

Answers are in long form: answer j is annotator `annotator[j]` saying `value[j]` of item `item[j]`. An
annotator who answered one item twice counts once, by the answer that comes first in the arrays.
A table of two annotators a and b has shape (n_values, n_values): cell (v, w) is the number of items to which
a said v and b said w. All tables together have shape (n_annotators, n_annotators, n_values, n_values), so
60 * 60 * 4 * 4 for 60 annotators and 4 values: meant for few values, not for sets of categories.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.agreement.measures.blocks import are_in_order, first_of_each, narrowed, type_up_to
from app.agreement.measures.counts import Counts, Indexes, Matrix, require_range
from app.agreement.measures.ranks import rows_from

Number = TypeVar("Number", np.int64, np.float64)

ITEMS_AT_ONCE = 50_000


def pair_tables(
    item: Indexes, annotator: Indexes, value: Indexes, n_annotators: int, n_values: int
) -> Counts:
    """The table of every two annotators, [a, b, v, w]; [b, a] is its transpose, and [a, a] is 0.

    Raises ValueError for arrays of unequal length, and an annotator or value outside 0..n-1.
    """
    return both_of_pairs(item, annotator, value, n_annotators, n_values)[0]


def pair_coincidences(
    item: Indexes, annotator: Indexes, value: Indexes, n_annotators: int, n_values: int
) -> Matrix:
    """As `pair_tables`, but a pair of answers weighs 1 / (the item's answers - 1).

    Their sum over the first two axes is Krippendorff's coincidence matrix (measures/alpha.py), so this says
    which part of it each two annotators bring. The order of items changes no bit.
    """
    return both_of_pairs(item, annotator, value, n_annotators, n_values)[1]


def both_of_pairs(
    item: Indexes,
    annotator: Indexes,
    value: Indexes,
    n_annotators: int,
    n_values: int,
    meetings: Sequence[Indexes] | None = None,
) -> tuple[Counts, Matrix]:
    """(`pair_tables`, `pair_coincidences`). `meetings`: `answers_by_size` of the item and annotator, where it
    is known from another question about the same answers; it takes most of the time."""
    n_cells = n_annotators * n_values
    tables, coincidences = np.zeros((n_cells, n_cells), np.int64), np.zeros((n_cells, n_cells))
    for size, of_size in _tables_by_size(item, annotator, value, n_annotators, n_values, meetings):
        tables += of_size
        coincidences += of_size / (size - 1)
    return (
        _by_annotators(tables, n_annotators, n_values),
        _by_annotators(coincidences, n_annotators, n_values),
    )


def answers_by_size(item: Indexes, annotator: Indexes) -> Iterator[Indexes]:
    """For each number of answers from 2 on that items have: where those items' answers stand.

    Yields arrays of shape (n_items, size), sizes ascending: one row an item, one annotator once a row, in the
    annotators' order. So two columns hold a pair of answers of every item.
    Raises ValueError for arrays of unequal length, and an item or annotator below 0.
    """
    if item.shape != annotator.shape:
        raise ValueError("item and annotator must have the same length")
    if not item.size:
        return
    item_of_answer, position = _one_answer_each(item, annotator)
    start = first_of_each(item_of_answer)
    sizes = narrowed(np.diff(start, append=item_of_answer.size))
    for size in np.flatnonzero(np.bincount(sizes)).tolist():
        if size >= 2:
            yield rows_from(position, start[sizes == size], size)


def _one_answer_each(item: Indexes, annotator: Indexes) -> tuple[Indexes, Indexes]:
    """(item, position) of everybody's first answer to each item, sorted by item, then by annotator.

    Sorts numbers that hold cell and position, which takes a fraction of the time of a stable argsort.
    """
    n_annotators = int(annotator.max()) + 1
    require_range("item", item, int(item.max()) + 1)
    require_range("annotator", annotator, n_annotators)
    if are_in_order(item, annotator):
        return item, np.arange(item.size, dtype=type_up_to(item.size))
    item = item.astype(np.int64)
    if (int(item.max()) + 1) * n_annotators * item.size >= 2**63:
        item = np.unique(item, return_inverse=True)[1]
    numbers = np.sort((item * n_annotators + annotator) * item.size + np.arange(item.size))
    cell = numbers // item.size
    is_first = np.diff(cell, prepend=-1) != 0
    position = numbers - cell * item.size
    return cell[is_first] // n_annotators, position[is_first]


def _tables_by_size(
    item: Indexes,
    annotator: Indexes,
    value: Indexes,
    n_annotators: int,
    n_values: int,
    meetings: Sequence[Indexes] | None,
) -> Iterator[tuple[int, Counts]]:
    """(size, table [a * n_values + v, b * n_values + w] of the items with that many answers)."""
    if not item.shape == annotator.shape == value.shape:
        raise ValueError("item, annotator and value must have the same length")
    require_range("annotator", annotator, n_annotators)
    require_range("value", value, n_values)
    n_cells = n_annotators * n_values
    for answers in answers_by_size(item, annotator) if meetings is None else meetings:
        size = answers.shape[1]
        one_order = np.zeros(n_cells * n_cells, np.int64)
        for start in range(0, len(answers), ITEMS_AT_ONCE):
            some = answers[start : start + ITEMS_AT_ONCE]
            cell = annotator[some].astype(np.int64) * n_values + value[some]
            for apart in range(1, size):
                pairs = cell[:, :-apart] * n_cells + cell[:, apart:]
                one_order += np.bincount(pairs.ravel(), minlength=one_order.size)
        table = one_order.reshape(n_cells, n_cells)
        yield size, table + table.T


def _by_annotators(table: NDArray[Number], n_annotators: int, n_values: int) -> NDArray[Number]:
    """[a * n_values + v, b * n_values + w] as [a, b, v, w]."""
    split = table.reshape(n_annotators, n_values, n_annotators, n_values)
    return np.ascontiguousarray(split.transpose(0, 2, 1, 3))
