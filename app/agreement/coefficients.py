"""How far annotators agree, as pure functions of how often each item got each value.

`counts` below is an array of shape (n_items, n_values): cell (i, v) is the number of annotators who gave
item i value v. One annotator counts once an item: group by annotator before counting. The columns stand in
the values' order, which ordinal and interval alpha use. Items with fewer than two answers hold nobody to
compare with, so every figure leaves them out; the answers that remain are called pairable.
"""

from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Counts: TypeAlias = NDArray[np.int64]
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
    _require_range("item_index", item_index, n_items)
    _require_range("value_index", value_index, n_values)
    cells = np.bincount(item_index * n_values + value_index, minlength=n_items * n_values)
    return cells.reshape(n_items, n_values)


def n_pairable_items(counts: Counts) -> int:
    """Items with at least two answers."""
    return int(np.count_nonzero(_answers_per_item(counts) >= 2))


def n_pairs(counts: Counts) -> int:
    """Unordered pairs of two annotators' answers to one item: 3 for an item with three answers."""
    sizes = _answers_per_item(counts)
    return int((sizes * (sizes - 1)).sum()) // 2


def prevalence(counts: Counts) -> tuple[float, ...] | None:
    """Share of each value among the pairable answers, summing to 1; None without any."""
    totals = counts[_answers_per_item(counts) >= 2].sum(axis=0)
    n_answers = int(totals.sum())
    if n_answers == 0:
        return None
    return tuple(float(share) for share in totals / n_answers)


def raw_agreement(counts: Counts) -> float | None:
    """Chance that an answer equals another annotator's answer to the same item; None without a pair.

    The mean over all pairable answers of the share of the item's other answers that are equal: the
    observed agreement 1 - D_o inside nominal alpha. An item weighs as many as its answers, so with the same
    number of answers to every item this is also the mean over items and the mean over pairs. Not corrected
    for chance. Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
    """
    coincidences = _coincidences(counts)
    n_answers = coincidences.sum()
    if n_answers == 0:
        return None
    return float(np.trace(coincidences) / n_answers)


def krippendorff_alpha(counts: Counts, level: Level) -> float | None:
    """Krippendorff's alpha: 1.0 is perfect agreement, 0.0 is chance, below 0 is less than chance.

    None where it is undefined: without a pair of answers, and when all pairable answers are one value.
    Then both observed and expected disagreement are 0; such answers may all be right or all be habit, and
    calling that perfect would flatter every category that is never used. Interval takes neighbouring values
    to lie the same distance apart. Answers in any order of rows give bit for bit the same result.
    Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
    """
    coincidences = _coincidences(counts)
    totals = coincidences.sum(axis=0)
    differences = _squared_differences(totals, level)
    expected = float((np.outer(totals, totals) * differences).sum())
    if expected == 0:
        return None
    observed = float((coincidences * differences).sum())
    return 1.0 - (float(totals.sum()) - 1.0) * observed / expected


def _coincidences(counts: Counts) -> Matrix:
    """Krippendorff's coincidence matrix, shape (n_values, n_values), summing to the pairable answers.

    Cell (v, w) sums, over the items, the ordered pairs of answers v and w, each weighing
    1 / (the item's answers - 1). Items are taken together by their number of answers: inside such a group
    the sums are whole numbers, exact in floating point whatever the order of the items.
    """
    sizes = _answers_per_item(counts)
    coincidences = np.zeros((counts.shape[1], counts.shape[1]))
    for size in np.flatnonzero(np.bincount(sizes)):
        if size < 2:
            continue
        of_size = counts[sizes == size].astype(np.float64)
        pairs = of_size.T @ of_size - np.diag(of_size.sum(axis=0))
        coincidences += pairs / (size - 1)
    return coincidences


def _squared_differences(totals: Matrix, level: Level) -> Matrix:
    """Krippendorff's squared differences between every two values, shape (n_values, n_values).

    `totals`: pairable answers of each value. Ordinal differences are those of the values' mean ranks:
    the answers between two values, plus half of either end.
    """
    if level == Level.NOMINAL:
        return 1.0 - np.eye(totals.size)
    positions = np.arange(totals.size, dtype=np.float64)
    if level == Level.ORDINAL:
        positions = np.cumsum(totals) - totals / 2
    return np.square(positions[:, np.newaxis] - positions[np.newaxis, :])


def _answers_per_item(counts: Counts) -> Counts:
    """Shape (n_items,). A product, not a sum along the short axis, which takes several times as long."""
    return counts @ np.ones(counts.shape[1], dtype=np.int64)


def _require_range(name: str, indexes: Counts, n: int) -> None:
    if indexes.size and not (indexes.min() >= 0 and indexes.max() < n):
        raise ValueError(f"{name} must lie in 0..{n - 1}")
