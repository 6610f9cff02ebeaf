"""Agreement on sets, such as the harm categories of a response: MASI distance, and alpha with it.

A set is a bit mask: member i is in it where bit i is set, and 0 is the empty set.
Sources: R. Passonneau, "Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic
Annotation", LREC 2006, for the distance; K. Krippendorff, "Computing Krippendorff's Alpha-Reliability"
(2011), for alpha.
"""

from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.agreement.measures.counts import Counts, Matrix, divide
from app.agreement.measures.patterns import NO_LABEL, Patterns

Sizes: TypeAlias = NDArray[np.int32]

ROWS_AT_ONCE = 64  # of the distances: their whole numbers on the way take more memory than they do


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
    return _distance_of_sizes(_size(one & other), _size(one), _size(other))


def masi_distances(masks: Counts) -> Matrix:
    """MASI distance of every two of `masks`, shape (n_masks, n_masks)."""
    size = _size(masks)
    n_sizes = int(size.max(initial=0)) + 1
    # Looked up by how many members two sets share and have: a third of the time of computing each.
    of_sizes = _distance_of_sizes(*np.ogrid[:n_sizes, :n_sizes, :n_sizes]).ravel()
    distances = np.empty((masks.size, masks.size))
    for start in range(0, masks.size, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        place = _size(masks[rows, np.newaxis] & masks)
        place *= n_sizes
        place += size[rows, np.newaxis]
        place *= n_sizes
        place += size
        of_sizes.take(place, out=distances[rows], mode="clip")
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
    # In the order of rows: the product with the distances takes half the time so.
    totals = np.ascontiguousarray((answers.n_given @ by_column).T).reshape(*outer, answers.distance.shape[0])
    expected = ((totals @ answers.distance) * totals).sum(axis=-1)
    observed = of_pattern @ answers.disagreement
    alpha: Matrix = 1.0 - (totals.sum(axis=-1) - 1.0) * divide(observed, expected)
    return alpha


def _size(mask: Counts) -> Sizes:
    return np.bitwise_count(mask).astype(np.int32)


def _distance_of_sizes(shared: Sizes, one: Sizes, other: Sizes) -> Matrix:
    """`shared`: members of both sets; `one`, `other`: members of each."""
    is_equal = (shared == one) & (shared == other)
    monotonicity = np.where(shared == np.minimum(one, other), 2 / 3, 1 / 3)
    jaccard = shared / np.maximum(one + other - shared, 1)
    distance: Matrix = np.where(is_equal, 0.0, 1.0 - jaccard * monotonicity)
    return distance


def _disagreement(mask: Counts, n_answers: Counts) -> Matrix:
    """Pairs of answers are taken together by their two columns: few annotators make few of them."""
    of_row = np.zeros(n_answers.size)
    for one, other in combinations(mask.T, 2):
        has_both = (one >= 0) & (other >= 0)
        of_row[has_both] += 2 * masi_distance(one[has_both], other[has_both])
    return of_row / np.maximum(n_answers - 1, 1)
