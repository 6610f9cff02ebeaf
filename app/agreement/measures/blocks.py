"""Columns of millions of answers in little memory: kept narrow, sorted by item, and taken some at a time.

A narrow number that gets too large becomes another one in silence. So whoever computes with such columns
(`Indexes`, of any width) makes a block of them wide before, or knows that what comes out fits.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from app.agreement.measures.counts import Counts, Indexes

ANSWERS_AT_ONCE = 200_000


def type_up_to(most: int) -> np.dtype[Any]:
    """The narrowest whole numbers that hold -1 to `most`."""
    return np.min_scalar_type(-most - 1)


def narrowed(column: Counts) -> Indexes:
    """As narrow as its numbers allow."""
    least, most = int(column.min(initial=0)), int(column.max(initial=0))
    return column.astype(type_up_to(max(most, -least)))


def blocks_of(n_answers: int) -> Iterator[slice]:
    for start in range(0, n_answers, ANSWERS_AT_ONCE):
        yield slice(start, min(start + ANSWERS_AT_ONCE, n_answers))


def whole_items(item: Indexes) -> Iterator[slice]:
    """Blocks of answers with no item in two of them; one block of all where they are not sorted by item."""
    if (item[1:] < item[:-1]).any():
        yield slice(0, item.size)
        return
    start = 0
    while start < item.size:
        last = item[min(start + ANSWERS_AT_ONCE, item.size) - 1]
        end = int(item.searchsorted(last, side="right"))
        yield slice(start, end)
        start = end


def wide(columns: Iterable[Indexes], block: slice) -> list[Counts]:
    return [column[block].astype(np.int64) for column in columns]


def are_in_order(item: Indexes, annotator: Indexes) -> bool:
    """Sorted by item, then by annotator, and no annotator twice at one item."""
    is_next = item[1:] == item[:-1]
    is_next &= annotator[1:] > annotator[:-1]
    is_next |= item[1:] > item[:-1]
    return bool(is_next.all())


def first_of_each(item: Indexes) -> Indexes:
    """Where each item's answers begin, these standing together."""
    is_first = np.concatenate([np.ones(item[:1].size, np.bool_), item[1:] != item[:-1]])
    return np.flatnonzero(is_first).astype(type_up_to(item.size))


def n_of_each(index: Indexes, n: int) -> Counts:
    """How often each of 0..n-1 occurs, as `np.bincount` counts it."""
    times = np.zeros(n, np.int64)
    for block in blocks_of(index.size):
        some = index[block].astype(np.int64)
        first = int(some.min())
        counted = np.bincount(some - first)
        times[first : first + counted.size] += counted
    return times


def places_of(number: Indexes) -> tuple[Counts, Indexes]:
    """The different numbers, ascending, and the place of each among them, as `np.unique` finds them."""
    different = np.unique(number)
    place = np.empty(number.size, type_up_to(different.size))
    for block in blocks_of(number.size):
        place[block] = different.searchsorted(number[block])
    return different.astype(np.int64), place
