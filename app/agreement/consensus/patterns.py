"""Answers with alike items taken together: what the models of this folder are fitted to.

Two items that the same annotators gave the same answers have the same posterior in every model here, so one
row stands for both. Three of 60 annotators an item and a rare value make 100,000 rows of 265,000 items.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from app.agreement.measures.counts import Counts, Matrix, require_range

MOST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Patterns:
    """One row for each distinct multiset of answers; a cell is `annotator * n_values + value`.

    `row_of_item`: shape (n_items,), the item's row; -1 for an item without answers.
    `n_items`: shape (n_rows,), how many items a row stands for; they sum to the items with answers.
    `answers`: sparse, shape (n_rows, n_cells): how often each answer stands in a row.
    `items_by_cell`: sparse, shape (n_cells, n_rows): the same, times the row's items.
    `n_by_cell`: shape (n_cells,), how often each answer was given.
    Rows are ordered by what is in them, so neither the order of the answers nor that of the items matters to
    any sum.
    """

    row_of_item: Counts
    n_items: Matrix
    answers: Any
    items_by_cell: Any
    n_by_cell: Matrix
    n_annotators: int
    n_values: int


def patterns_of(
    item: Counts, annotator: Counts, value: Counts, n_items: int, n_annotators: int, n_values: int
) -> Patterns:
    """Answers in long form: answer j is annotator `annotator[j]` saying `value[j]` of `item[j]`.

    Raises ValueError for arrays of unequal length, an index outside 0..n-1, or n_values below 1.
    """
    _require_answers(item, annotator, value, n_items, n_annotators, n_values)
    n_cells = n_annotators * n_values
    answered, cell = _in_one_order(item, annotator, value, n_annotators, n_values)
    start = np.flatnonzero(np.concatenate([answered[:1] >= 0, answered[1:] != answered[:-1]]))
    size = np.diff(start, append=answered.size)
    row_of_item = np.full(n_items, -1)
    rows, n_alike, n_rows = [np.empty((0, 0), np.int64)], [np.empty(0, np.int64)], 0
    for n in np.flatnonzero(np.bincount(size)):
        first = start[size == n]
        cells = cell[first[:, np.newaxis] + np.arange(n)] if first.size < size.size else cell.reshape(-1, n)
        row, example = _rank(*_fold(cells, n_cells))
        row_of_item[answered[first]] = n_rows + row
        n_rows += example.size
        rows.append(cells.take(example, axis=0))
        n_alike.append(np.bincount(row, minlength=example.size))
    weight = np.concatenate(n_alike).astype(np.float64)
    answers = _answer_matrix(rows, n_cells)
    items_by_cell = answers.T.tocsr()
    items_by_cell.data = weight.take(items_by_cell.indices)
    n_by_cell = items_by_cell @ np.ones(n_rows)
    return Patterns(row_of_item, weight, answers, items_by_cell, n_by_cell, n_annotators, n_values)


def _in_one_order(
    item: Counts, annotator: Counts, value: Counts, n_annotators: int, n_values: int
) -> tuple[Counts, Counts]:
    """Each answer's item and its cell, sorted by item, then by cell."""
    number = item * n_annotators
    number += annotator
    number *= n_values
    number += value
    if (number[1:] < number[:-1]).any():
        number.sort()
    n_cells = max(n_annotators * n_values, 1)
    answered = number // n_cells
    number -= answered * n_cells
    return answered, number


def _answer_matrix(rows: Sequence[Counts], n_cells: int) -> Any:
    """`rows`: the cells of each row, one array of shape (n, n_answers) for each number of answers."""
    cells = np.concatenate([of_size.ravel() for of_size in rows])
    sizes = np.concatenate([np.full(len(of_size), of_size.shape[1]) for of_size in rows])
    ends = np.concatenate([[0], np.cumsum(sizes)])
    # Half as wide as they came: the products that read them take a quarter less time.
    indexes = (cells.astype(np.int32), ends.astype(np.int32))
    return sparse.csr_array((np.ones(cells.size), *indexes), shape=(sizes.size, n_cells))


def _require_answers(
    item: Counts, annotator: Counts, value: Counts, n_items: int, n_annotators: int, n_values: int
) -> None:
    if not item.shape == annotator.shape == value.shape:
        raise ValueError("item, annotator and value must have the same length")
    if n_values < 1:
        raise ValueError("n_values must be at least 1")
    require_range("item", item, n_items)
    require_range("annotator", annotator, n_annotators)
    require_range("value", value, n_values)


def _fold(cells: Counts, n_cells: int) -> tuple[Counts, int]:
    """One number a row, equal for equal rows and ordered as they are, and a bound above all of them.

    `cells`: shape (n, n_answers); they are the digits of the number. Where more of them would not fit, what
    there is so far is ranked.
    """
    folded = np.zeros(len(cells), np.int64)
    bound = 1
    for column in cells.T:
        if bound * n_cells > MOST:
            folded, _ = _rank(folded, bound)
            bound = len(cells)
        folded *= n_cells
        folded += column
        bound *= n_cells
    return folded, bound


def _rank(number: Counts, bound: int) -> tuple[Counts, Counts]:
    """Each number's place among the distinct ones, and where one of each stands. All lie in 0..bound-1.

    As np.unique does, in a quarter of the time: with its place behind it, a number can be sorted by itself.
    """
    if bound * number.size <= MOST:
        in_order = number * number.size
        in_order += np.arange(number.size)
        in_order.sort()
        order = in_order.copy()
        in_order //= max(number.size, 1)
        order -= in_order * number.size
    else:
        order = np.argsort(number)
        in_order = number[order]
    is_new = np.concatenate([in_order[:1] >= 0, in_order[1:] != in_order[:-1]])
    place = np.empty_like(order)
    place[order] = np.cumsum(is_new) - 1
    return place, order[is_new]
