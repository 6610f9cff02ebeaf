"""Agreement on sets, such as the harm categories of a response: MASI distance, and alpha with it.

A set is a bit mask: member i is in it where bit i is set, and 0 is the empty set.
Sources: R. Passonneau, "Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic
Annotation", LREC 2006, for the distance; K. Krippendorff, "Computing Krippendorff's Alpha-Reliability"
(2011), for alpha.
"""

from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np
from scipy import sparse

from app.agreement.measures.counts import Counts, Matrix, divide
from app.agreement.measures.patterns import NO_LABEL, Patterns

ROWS_AT_ONCE = 256  # of the distances: their whole numbers on the way take more memory than they do


@dataclass(frozen=True, slots=True)
class SetAnswers:
    """What alpha needs to know of sets given to items, made once for any number of weights.

    `disagreement`: over the ordered pairs of a pattern's answers, the sum of their distances, each pair
    weighing 1 / (the pattern's answers - 1), shape (n_patterns,). `n_given`: how often a pattern with two
    answers or more gives each set, sparse, shape (n_sets, n_patterns). `distance`: of every two sets, shape
    (n_sets, n_sets): 3,000 distinct sets take 72 MB.
    `weight`: how many items show each pattern, shape (n_patterns,).
    """

    disagreement: Matrix
    n_given: sparse.csr_array
    distance: Matrix
    weight: Counts


def masi_distance(one: Counts, other: Counts) -> Matrix:
    """MASI distance of sets, from 0 (equal) to 1 (nothing in common), in the shape the two broadcast to.

    1 - Jaccard x monotonicity. Jaccard is the shared members' part of all; monotonicity is 1 for equal sets,
    2/3 where one holds the other, 1/3 where they overlap otherwise, 0 where they share nothing. Two empty
    sets are equal: 0. An empty one and another share nothing: 1.
    """
    n_shared = np.bitwise_count(one & other)
    n_either = np.bitwise_count(one | other)
    is_held = n_shared == np.minimum(np.bitwise_count(one), np.bitwise_count(other))
    jaccard = n_shared / np.maximum(n_either, 1)
    distance: Matrix = np.where(one == other, 0.0, 1.0 - jaccard * np.where(is_held, 2 / 3, 1 / 3))
    return distance


def masi_distances(masks: Counts) -> Matrix:
    """MASI distance of every two of `masks`, shape (n_masks, n_masks)."""
    distances = np.empty((masks.size, masks.size))
    for start in range(0, masks.size, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        distances[rows] = masi_distance(masks[rows, np.newaxis], masks)
    return distances


def set_answers(patterns: Patterns, mask_of_label: Counts) -> SetAnswers:
    """`mask_of_label`: the set of each label, shape (n_labels,), -1 where the answer is to be left out."""
    masks = np.unique(mask_of_label[mask_of_label >= 0])
    mask = np.append(mask_of_label, NO_LABEL)[patterns.label]  # -1, no label, is the last one
    n_answers = np.count_nonzero(mask >= 0, axis=1)
    row, column = np.nonzero((mask >= 0) & (n_answers >= 2)[:, np.newaxis])
    given = (np.ones(row.size), (np.searchsorted(masks, mask[row, column]), row))
    n_given = sparse.csr_array(given, shape=(masks.size, n_answers.size))
    return SetAnswers(_disagreement(mask, n_answers), n_given, masi_distances(masks), patterns.weight)


def masi_alpha(answers: SetAnswers, weight: Counts | None = None) -> Matrix:
    """Krippendorff's alpha of sets, with their MASI distance.

    The distance itself stands where alpha's definition has a squared difference: it is not squared, as in
    nltk's `AnnotationTask(..., distance=masi_distance).alpha()`, which it equals (nltk divides by 0 where
    two empty sets meet). It equals `krippendorff_alpha(counts, masi_distances(masks))` with a column a set
    as well, but takes no array of items x sets x sets.
    `weight`: shape (..., n_patterns); that of the patterns where it is not given.
    NaN where it is undefined: without a pair of answers, and when all pairable answers are one set.
    """
    of_pattern = (answers.weight if weight is None else weight).astype(np.float64)
    *outer, n_patterns = of_pattern.shape
    by_column = of_pattern.reshape(prod(outer), n_patterns).T
    totals = (answers.n_given @ by_column).T.reshape(*outer, answers.distance.shape[0])
    expected = ((totals @ answers.distance) * totals).sum(axis=-1)
    observed = of_pattern @ answers.disagreement
    alpha: Matrix = 1.0 - (totals.sum(axis=-1) - 1.0) * divide(observed, expected)
    return alpha


def _disagreement(mask: Counts, n_answers: Counts) -> Matrix:
    """Pairs of answers are taken together by their two columns: few annotators make few of them."""
    of_row = np.zeros(n_answers.size)
    for one, other in combinations(mask.T, 2):
        has_both = (one >= 0) & (other >= 0)
        of_row[has_both] += 2 * masi_distance(one[has_both], other[has_both])
    return of_row / np.maximum(n_answers - 1, 1)
