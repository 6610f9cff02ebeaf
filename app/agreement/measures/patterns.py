"""Items with the same answers taken together, so that a figure costs a row a pattern, not a row an item.

A label is the number, from 0, of one possible answer in full: of each distinct harm categories and severity,
say. A pattern is the labels that an item got, whoever gave them. A campaign has far fewer patterns than
items, and every question about an answer (is it safe, is it Violence, how severe is it) has a count matrix
over the same patterns.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.agreement.measures.blocks import n_of_each, narrowed, type_up_to, whole_items
from app.agreement.measures.counts import Counts, Indexes, one_each, require_range
from app.agreement.measures.ranks import kinds_of_rows, rows_from

NO_LABEL = -1
MOST_LABELS = 2**31  # so that an item and a label fit into one whole number of 63 bits


@dataclass(frozen=True, slots=True)
class Patterns:
    """`label`: shape (n_patterns, most_answers), ascending within a row, filled up with -1 behind.
    `weight`: how many items show exactly these labels, shape (n_patterns,), always above 0.
    `of_item`: the pattern of each item, shape (n_items,).

    No answers are a pattern too. Patterns come in the order of their number of answers, then of their labels,
    whatever the order of the items.
    """

    label: Counts
    weight: Counts
    of_item: Indexes


def label_patterns(item: Indexes, label: Indexes, n_items: int) -> Patterns:
    """Patterns of answers in long form: answer j gives label `label[j]` to item `item[j]`.

    Without items there are no patterns. Raises ValueError for arrays of unequal length, an item outside
    0..n_items-1 or a label outside 0..2**31-1.
    """
    if item.shape != label.shape:
        raise ValueError("item and label must have the same length")
    require_range("item", item, n_items)
    require_range("label", label, MOST_LABELS)
    labels = _labels_in_order(item, label)
    sizes = narrowed(n_of_each(item, n_items))
    start = (np.cumsum(sizes, dtype=np.int64) - sizes).astype(type_up_to(item.size))
    blocks, of_item, n_patterns = [], np.empty(n_items, np.int32), 0
    for size in np.flatnonzero(np.bincount(sizes)).tolist():
        items = np.flatnonzero(sizes == size)
        rows = rows_from(labels, start[items], size)
        kind, one_of_kind = kinds_of_rows(rows)
        of_item[items] = kind + np.int32(n_patterns)
        n_patterns += one_of_kind.size
        blocks.append(rows[one_of_kind])
    label_rows = _filled_up(blocks, n_patterns)
    return Patterns(label_rows, np.bincount(of_item, minlength=n_patterns), of_item)


def _labels_in_order(item: Indexes, label: Indexes) -> Indexes:
    """Item by item, those of one item ascending."""
    n_labels = int(label.max(initial=0)) + 1
    labels = np.empty_like(label)
    for block in whole_items(item):
        number = item[block].astype(np.int64)
        number *= n_labels
        number += label[block]
        number.sort()
        labels[block] = number % n_labels
    return labels


def counts_of(patterns: Patterns, value_of_label: Counts, n_values: int) -> Counts:
    """Count matrix of one question over the patterns, shape (n_patterns, n_values).

    `value_of_label`: the value of each label in this question, shape (n_labels,), -1 where the answer is to
    be left out. So severity among unsafe answers leaves the safe ones out.
    Raises ValueError for a value outside -1..n_values-1, or a label without a value.
    """
    if value_of_label.size and not (value_of_label.min() >= -1 and value_of_label.max() < n_values):
        raise ValueError(f"value_of_label must lie in -1..{n_values - 1}")
    require_range("label", np.maximum(patterns.label, 0), value_of_label.size or 1)
    n_rows = patterns.weight.size
    value = np.append(value_of_label, NO_LABEL)[patterns.label]  # -1, no label, is the last one
    # The first column counts what is left out.
    cell = value + 1 + np.arange(n_rows)[:, np.newaxis] * (n_values + 1)
    counts = np.bincount(cell.ravel(), minlength=n_rows * (n_values + 1))
    return counts.reshape(n_rows, n_values + 1)[:, 1:]


def distinct_rows(counts: Counts, weight: Counts | None = None) -> tuple[Counts, Counts]:
    """The distinct rows of a count matrix, ascending, and the sum of the weights of each.

    Three answers to a question of yes or no leave ten rows at most, however many patterns there are.
    `weight`: shape (n_rows,).
    """
    kind, one_of_kind = kinds_of_rows(counts)
    sums = np.zeros(one_of_kind.size, np.int64)
    np.add.at(sums, kind, one_each(counts, weight))
    return counts[one_of_kind], sums


def distinct_rows_of(blocks: Iterable[Counts], n_columns: int) -> tuple[Counts, Counts]:
    """The distinct rows of all blocks together, and how often each occurs."""
    rows, times = [np.empty((0, n_columns), np.int64)], [np.empty(0, np.int64)]
    for block in blocks:
        distinct, n_alike = distinct_rows(block)
        rows.append(distinct)
        times.append(n_alike)
    return distinct_rows(np.concatenate(rows), np.concatenate(times))


def _filled_up(blocks: list[Indexes], n_rows: int) -> Counts:
    """Blocks of rows below each other, the shorter ones filled up with -1."""
    filled = np.full((n_rows, max((block.shape[1] for block in blocks), default=0)), NO_LABEL, np.int64)
    start = 0
    for block in blocks:
        filled[start : start + len(block), : block.shape[1]] = block
        start += len(block)
    return filled
