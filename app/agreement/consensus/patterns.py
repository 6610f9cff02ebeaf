"""Answers with alike items taken together: what the models of this folder are fitted to.

Two items that the same annotators gave the same answers have the same posterior in every model here, so one
row stands for both. Three of 60 annotators an item and a rare value make 100,000 rows of 265,000 items.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from app.agreement.measures.blocks import are_in_order, first_of_each, narrowed, type_up_to
from app.agreement.measures.counts import Indexes, Matrix, require_range
from app.agreement.measures.ranks import kinds_of_rows, rows_from


@dataclass(frozen=True, slots=True)
class Patterns:
    """One row for each distinct multiset of answers; a cell is `annotator * n_values + value`.

    `row_of_item`: shape (n_items,), the item's row; -1 for an item without answers.
    `n_items`: shape (n_rows,), how many items a row stands for; they sum to the items with answers.
    `answers`: sparse, shape (n_rows, n_cells): how often each answer stands in a row.
    `n_by_cell`: shape (n_cells,), how often each answer was given.
    Rows are ordered by what is in them, so neither the order of the answers nor that of the items matters to
    any sum.
    """

    row_of_item: Indexes
    n_items: Matrix
    answers: Any
    n_by_cell: Matrix
    n_annotators: int
    n_values: int


def patterns_of(
    item: Indexes, annotator: Indexes, value: Indexes, n_items: int, n_annotators: int, n_values: int
) -> Patterns:
    """Answers in long form: answer j is annotator `annotator[j]` saying `value[j]` of `item[j]`.

    Raises ValueError for arrays of unequal length, an index outside 0..n-1, or n_values below 1.
    """
    _require_answers(item, annotator, value, n_items, n_annotators, n_values)
    answered, cell = _in_one_order(item, annotator, value, n_annotators, n_values)
    start = first_of_each(answered)
    size = narrowed(np.diff(start, append=answered.size))
    row_of_item = np.full(n_items, -1, np.int32)
    rows, n_alike, n_rows = [np.empty((0, 0), cell.dtype)], [np.empty(0, np.int64)], 0
    for n in np.flatnonzero(np.bincount(size)).tolist():
        first = start[size == n]
        cells = rows_from(cell, first, n)
        row, example = kinds_of_rows(cells)
        row_of_item[answered[first]] = row + np.int32(n_rows)
        n_rows += example.size
        rows.append(cells.take(example, axis=0))
        n_alike.append(np.bincount(row, minlength=example.size))
    weight = np.concatenate(n_alike).astype(np.float64)
    answers = _answer_matrix(rows, n_annotators * n_values)
    return Patterns(row_of_item, weight, answers, answers.T @ weight, n_annotators, n_values)


def _in_one_order(
    item: Indexes, annotator: Indexes, value: Indexes, n_annotators: int, n_values: int
) -> tuple[Indexes, Indexes]:
    """Each answer's item and its cell, sorted by item, then by cell."""
    n_cells = max(n_annotators * n_values, n_values)
    if are_in_order(item, annotator):
        cell = annotator.astype(type_up_to(n_cells))
        cell *= n_values
        cell += value
        return item, cell
    number = item.astype(np.int64)
    number *= n_annotators
    number += annotator
    number *= n_values
    number += value
    number.sort()
    answered = number // n_cells
    number -= answered * n_cells
    return answered, number


def _answer_matrix(rows: Sequence[Indexes], n_cells: int) -> Any:
    """`rows`: the cells of each row, one array of shape (n, n_answers) for each number of answers."""
    cells = np.concatenate([of_size.ravel() for of_size in rows])
    sizes = np.concatenate([np.full(len(of_size), of_size.shape[1]) for of_size in rows])
    ends = np.concatenate([[0], np.cumsum(sizes)])
    # Half as wide as they came: the products that read them take a quarter less time.
    indexes = (cells.astype(np.int32, copy=False), ends.astype(np.int32))
    return sparse.csr_array((np.ones(cells.size), *indexes), shape=(sizes.size, n_cells))


def _require_answers(
    item: Indexes, annotator: Indexes, value: Indexes, n_items: int, n_annotators: int, n_values: int
) -> None:
    if not item.shape == annotator.shape == value.shape:
        raise ValueError("item, annotator and value must have the same length")
    if n_values < 1:
        raise ValueError("n_values must be at least 1")
    require_range("item", item, n_items)
    require_range("annotator", annotator, n_annotators)
    require_range("value", value, n_values)
