"""Krippendorff's alpha, and raw agreement, of counts (see measures/counts.py).

Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011).
"""

import numpy as np

from app.agreement.measures.counts import Counts, Level, Matrix, answers_per_item, divide, one_each


def raw_agreement(counts: Counts, weight: Counts | None = None) -> Matrix:
    """Chance that an answer equals another annotator's answer to the same item; NaN without a pair.

    The mean over all pairable answers of the share of the item's other answers that are equal: the
    observed agreement 1 - D_o inside nominal alpha. An item weighs as many as its answers, so with the same
    number of answers to every item this is also the mean over items and the mean over pairs. Not corrected
    for chance.
    """
    return raw_of_coincidences(coincidence_matrix(counts, weight))


def krippendorff_alpha(counts: Counts, level: Level | Matrix, weight: Counts | None = None) -> Matrix:
    """Krippendorff's alpha: 1.0 is perfect agreement, 0.0 is chance, below 0 is less than chance.

    `level`: or what stands for the squared difference of every two values, shape (n_values, n_values), such
    as the distances of sets (measures/masi.py). Interval takes neighbouring values to lie equally far apart.
    NaN where it is undefined: without a pair of answers, and when all pairable answers are one value.
    Then both observed and expected disagreement are 0; such answers may all be right or all be habit, and
    calling that perfect would flatter every category that is never used.
    """
    return alpha_of_coincidences(coincidence_matrix(counts, weight), level)


def raw_of_coincidences(coincidences: Matrix) -> Matrix:
    """`raw_agreement`, from a coincidence matrix of shape (..., n_values, n_values)."""
    return divide(np.trace(coincidences, axis1=-2, axis2=-1), coincidences.sum(axis=(-2, -1)))


def alpha_of_coincidences(coincidences: Matrix, level: Level | Matrix) -> Matrix:
    """`krippendorff_alpha`, from a coincidence matrix of shape (..., n_values, n_values)."""
    totals = coincidences.sum(axis=-1)
    differences = level if isinstance(level, np.ndarray) else squared_differences(totals, level)
    expected = (totals[..., :, np.newaxis] * totals[..., np.newaxis, :] * differences).sum(axis=(-2, -1))
    observed = (coincidences * differences).sum(axis=(-2, -1))
    alpha: Matrix = 1.0 - (totals.sum(axis=-1) - 1.0) * divide(observed, expected)
    return alpha


def coincidence_matrix(counts: Counts, weight: Counts | None = None) -> Matrix:
    """Krippendorff's, shape (..., n_values, n_values), summing to the pairable answers.

    Cell (v, w) sums, over the items, the ordered pairs of answers v and w, each weighing
    1 / (the item's answers - 1). Items are taken together by their number of answers: inside such a group
    the sums are whole numbers, exact in floating point whatever the order of the items.
    """
    of_row = one_each(counts, weight).astype(np.float64)
    n_values, sizes = counts.shape[1], answers_per_item(counts)
    coincidences = np.zeros((*of_row.shape[:-1], n_values, n_values))
    for size in np.flatnonzero(np.bincount(sizes)):
        if size < 2:
            continue
        is_of_size = sizes == size
        of_size = counts[is_of_size].astype(np.float64)
        pairs = of_size[:, :, np.newaxis] * of_size[:, np.newaxis, :]
        pairs -= of_size[:, :, np.newaxis] * np.eye(n_values)
        sums = of_row[..., is_of_size] @ pairs.reshape(len(of_size), -1)
        coincidences += sums.reshape(coincidences.shape) / (size - 1)
    return coincidences


def squared_differences(totals: Matrix, level: Level) -> Matrix:
    """Krippendorff's squared differences between every two values, shape (..., n_values, n_values).

    `totals`: pairable answers of each value, shape (..., n_values). Ordinal differences are those of the
    values' mean ranks: the answers between two values, plus half of either end.
    """
    n_values = totals.shape[-1]
    if level == Level.NOMINAL:
        return 1.0 - np.eye(n_values)
    positions = np.arange(n_values, dtype=np.float64)
    if level == Level.ORDINAL:
        positions = np.cumsum(totals, axis=-1) - totals / 2
    return np.square(positions[..., :, np.newaxis] - positions[..., np.newaxis, :])
