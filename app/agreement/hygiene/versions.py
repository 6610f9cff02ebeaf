"""Agreement by version: of the guideline, or of the taxonomy, by which an answer was given.

Other items come with another version, so its shares may differ though everybody answers as before. The
pairs of answers to the same item, one from either version, tell the two apart: where the version changed what
people say, such pairs are equal less often than pairs inside a version.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.agreement.hygiene.shares import Difference, Shares, difference_of, shares_of
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Counts, Level, Matrix, count_values, n_pairable_items, require_range


@dataclass(frozen=True, slots=True)
class VersionAgreement:
    """First axis: the versions. Undefined is NaN: a version without an answer, or without a pair.

    `n_pairable`: items with at least two answers by that version, shape (n_versions,); from them come
    `raw_agreement` and `alpha` (measures/alpha.py), same shape.
    `prevalence`: of a version's answers, those of each value, shape (n_versions, n_values).
    `change`: [v, w, k], shape (n_versions, n_versions, n_values): prevalence of value k by version v less
    that by version w.
    `equal_pairs`: [v, w], shape (n_versions, n_versions), symmetric: of the pairs of two annotators' answers
    to one item, one by version v and one by version w, those of equal value; on the diagonal pairs inside v.
    """

    n_pairable: Counts
    raw_agreement: Matrix
    alpha: Matrix
    prevalence: Shares
    change: Difference
    equal_pairs: Shares


def agreement_by_version(
    item: Counts,
    annotator: Counts,
    value: Counts,
    version: Counts,
    n_annotators: int,
    n_values: int,
    n_versions: int,
    level: Level,
) -> VersionAgreement:
    """Answers in long form: `annotator[j]` said `value[j]` of `item[j]` by `version[j]`.

    An annotator has at most one answer an item and version. One who answered an item by two versions counts
    in both, but is no pair with themself. Raises ValueError for an index outside 0..n-1.
    """
    require_range("annotator", annotator, n_annotators)
    require_range("value", value, n_values)
    require_range("version", version, n_versions)
    _, row = np.unique(item, return_inverse=True)
    counts = [
        _counts_of_items(row[version == which], value[version == which], n_values)
        for which in range(n_versions)
    ]
    n_said = np.bincount(version * n_values + value, minlength=n_versions * n_values)
    n_said = n_said.reshape(n_versions, n_values)
    n_answers = n_said.sum(axis=1, keepdims=True)
    one = shares_of(n_said[:, np.newaxis], n_answers[:, np.newaxis])
    other = shares_of(n_said[np.newaxis], n_answers[np.newaxis])
    return VersionAgreement(
        n_pairable=np.array([n_pairable_items(of_version) for of_version in counts], np.int64),
        raw_agreement=np.array([raw_agreement(of_version) for of_version in counts], np.float64),
        alpha=np.array([krippendorff_alpha(of_version, level) for of_version in counts], np.float64),
        prevalence=shares_of(n_said, n_answers),
        change=difference_of(one, other),
        equal_pairs=_equal_pairs(row, row * n_annotators + annotator, version * n_values + value, n_said),
    )


def _counts_of_items(row: Counts, value: Counts, n_values: int) -> Counts:
    items, index = np.unique(row, return_inverse=True)
    return count_values(index, value, items.size, n_values)


def _equal_pairs(item: Counts, person: Counts, cell: Counts, n_said: Counts) -> Shares:
    """`person`: one number for an annotator and an item; `cell`: version and value.

    All ordered pairs of an item's answers, less those of one annotator's with each other or themselves.
    """
    n_versions, n_values = n_said.shape
    pairs = _ordered_pairs(item, cell, n_said.size) - _ordered_pairs(person, cell, n_said.size)
    pairs = pairs.reshape(n_versions, n_values, n_versions, n_values)
    n_equal, n = np.trace(pairs, axis1=1, axis2=3), pairs.sum(axis=(1, 3))
    # Inside a version each unordered pair came twice.
    once = 1 + np.eye(n_versions, dtype=np.int64)
    return shares_of(n_equal // once, n // once)


def _ordered_pairs(row: Counts, cell: Counts, n_cells: int) -> Counts:
    """Cell [c, d]: ordered pairs of answers of one row, the first in c and the second in d."""
    _, row = np.unique(row, return_inverse=True)
    shape = (int(row.max(initial=-1)) + 1, n_cells)
    counts = csr_array((np.ones(row.size, np.int64), (row, cell)), shape=shape)
    pairs: Counts = (counts.T @ counts).toarray()
    return pairs
