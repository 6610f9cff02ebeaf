"""Agreement by version: of the guideline, or of the taxonomy, by which an answer was given.

Other items come with another version, so its shares may differ though everybody answers as before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.clusters import clusters_of, shares_of_cells
from app.agreement.hygiene.shares import Difference, Shares, difference_of, stacked
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.blocks import whole_items, wide
from app.agreement.measures.counts import (
    Counts,
    Indexes,
    Level,
    Matrix,
    count_values,
    n_pairable_items,
    require_range,
)
from app.agreement.measures.patterns import distinct_rows_of


@dataclass(frozen=True, slots=True)
class VersionAgreement:
    """First axis: the versions. Undefined is NaN: a version without an answer, or without a pair.

    `n_pairable`: items with at least two answers by that version, shape (n_versions,); from them come
    `raw_agreement` and `alpha` (measures/alpha.py), same shape.
    `prevalence`: of a version's answers, those of each value, shape (n_versions, n_values).
    `change`: [v, w, k], shape (n_versions, n_versions, n_values): prevalence of value k by version v less
    that by version w. Where the same items have answers by both, the true interval is narrower.
    The items are the clusters of all intervals.
    """

    n_pairable: Counts
    raw_agreement: Matrix
    alpha: Matrix
    prevalence: Shares
    change: Difference


def agreement_by_version(
    item: Indexes, value: Indexes, version: Indexes, n_values: int, n_versions: int, level: Level
) -> VersionAgreement:
    """Answers in long form: somebody said `value[j]` of `item[j]` by `version[j]`.

    An annotator has at most one answer an item and version. Raises ValueError for a value or version outside
    0..n-1.
    """
    require_range("value", value, n_values)
    require_range("version", version, n_versions)
    answers = (item, value, version)
    of_items = (_counts_by_version(wide(answers, block), n_values) for block in whole_items(item))
    cells, n_items = distinct_rows_of(of_items, 1 + n_values)
    of_version, counts = cells[:, 0], cells[:, 1:]
    which = [of_version == number for number in range(n_versions)]
    sizes = counts.sum(axis=1)
    prevalence = stacked([shares_of_cells(of_version, n, sizes, n_versions, n_items) for n in counts.T])
    every = slice(None)

    def figures(figure: Callable[[Counts, Counts], Matrix]) -> Matrix:
        return np.array([figure(counts[rows], n_items[rows]) for rows in which], np.float64)

    return VersionAgreement(
        n_pairable=np.array([n_pairable_items(counts[rows], n_items[rows]) for rows in which], np.int64),
        raw_agreement=figures(raw_agreement),
        alpha=figures(lambda rows, weight: krippendorff_alpha(rows, level, weight)),
        prevalence=prevalence,
        change=difference_of(prevalence.at((every, None)), prevalence.at((None, every))),
    )


def _counts_by_version(answers: Sequence[Counts], n_values: int) -> Counts:
    """A row for each version of each item: the version, and its answers of each value."""
    item, value, version = answers
    clusters = clusters_of(version, item - item.min(), 0)
    counts = count_values(clusters.cell, value, clusters.size.size, n_values)
    return np.column_stack([clusters.group, counts])
