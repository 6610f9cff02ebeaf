"""Rows of whole numbers told apart: each is folded into one number, and these are ranked."""

import numpy as np

from app.agreement.measures.blocks import blocks_of, type_up_to
from app.agreement.measures.counts import Counts, Indexes

MOST = int(np.iinfo(np.int64).max)


def kinds_of_rows(rows: Indexes) -> tuple[Indexes, Counts]:
    """Which distinct row each row is, these being in ascending order; and where the first of each stands.

    `rows`: whole numbers from 0 to 2**31-1.
    """
    return _rank(*_fold(rows, int(rows.max(initial=0)) + 1))


def sort_in_place(number: Counts, bound: int) -> Counts:
    """Sorts numbers that lie in 0..bound-1, and returns where each of them stood; equal ones in their order.

    Where there is room for it, a number is sorted with its place behind it, in a fraction of the time that
    sorting places by their numbers takes.
    """
    n = max(number.size, 1)
    if bound * n > MOST:
        order = np.argsort(number, kind="stable")
        number[:] = number[order]
        return order
    number *= n
    for block in blocks_of(number.size):
        number[block] += np.arange(block.start, block.stop)
    number.sort()
    order = number % n
    number //= n
    return order


def rows_from(values: Indexes, first: Indexes, size: int) -> Indexes:
    """Shape (n, size): the values from each place on."""
    rows = np.empty((first.size, size), values.dtype)
    for after in range(size):
        rows[:, after] = values[first + after]
    return rows


def _fold(rows: Indexes, base: int) -> tuple[Counts, int]:
    """One number a row, equal for equal rows and ordered as they are, and a bound above all of them.

    Where more of the row would not fit, what there is so far is ranked.
    """
    folded = np.zeros(len(rows), np.int64)
    bound = 1
    for column in rows.T:
        if bound * base > MOST:
            folded, bound = _rank(folded, bound)[0].astype(np.int64), max(len(rows), 1)
        folded *= base
        folded += column
        bound *= base
    return folded, bound


def _rank(number: Counts, bound: int) -> tuple[Indexes, Counts]:
    """Each number's place among the distinct ones, and where the first of each stands, as np.unique finds
    them. All lie in 0..bound-1; they are sorted in place."""
    order = sort_in_place(number, bound)
    is_new = np.concatenate([number[:1] >= 0, number[1:] != number[:-1]])
    rank = np.cumsum(is_new, dtype=type_up_to(number.size))
    rank -= 1
    place = np.empty_like(rank)
    place[order] = rank
    return place, order[is_new]
