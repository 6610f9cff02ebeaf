"""Agreement by version: of the guideline, or of the taxonomy, by which an answer was given.

Other items come with another version, so its shares may differ though everybody answers as before. The
pairs of answers to the same item, one from either version, tell the two apart: where the version changed what
people say, such pairs are equal less often than pairs inside a version.
"""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.clusters import clustered_shares, clusters_of
from app.agreement.hygiene.shares import Difference, Shares, difference_of, stacked
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Counts, Level, Matrix, count_values, n_pairable_items, require_range


@dataclass(frozen=True, slots=True)
class VersionAgreement:
    """First axis: the versions. Undefined is NaN: a version without an answer, or without a pair.

    `n_pairable`: items with at least two answers by that version, shape (n_versions,); from them come
    `raw_agreement` and `alpha` (measures/alpha.py), same shape.
    `prevalence`: of a version's answers, those of each value, shape (n_versions, n_values).
    `change`: [v, w, k], shape (n_versions, n_versions, n_values): prevalence of value k by version v less
    that by version w. Where the same items have answers by both, the true interval is narrower.
    `equal_pairs`: [v, w], shape (n_versions, n_versions), symmetric: of the pairs of two annotators' answers
    to one item, one by version v and one by version w, those of equal value; on the diagonal pairs inside v.
    The items are the clusters of all intervals.
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
    clusters = clusters_of(version, row, n_versions)
    prevalence = stacked([clustered_shares(clusters, value == which) for which in range(n_values)])
    every = slice(None)
    change = difference_of(prevalence.at((every, None)), prevalence.at((None, every)))
    return VersionAgreement(
        n_pairable=np.array([n_pairable_items(of_version) for of_version in counts], np.int64),
        raw_agreement=np.array([raw_agreement(of_version) for of_version in counts], np.float64),
        alpha=np.array([krippendorff_alpha(of_version, level) for of_version in counts], np.float64),
        prevalence=prevalence,
        change=change,
        equal_pairs=_equal_pairs(row, annotator, value, version, n_versions),
    )


def _counts_of_items(row: Counts, value: Counts, n_values: int) -> Counts:
    items, index = np.unique(row, return_inverse=True)
    return count_values(index, value, items.size, n_values)


def _equal_pairs(row: Counts, annotator: Counts, value: Counts, version: Counts, n_versions: int) -> Shares:
    one, other = pairs_of_answers(row)
    is_of_two = annotator[one] != annotator[other]
    one, other = one[is_of_two], other[is_of_two]
    lower = np.minimum(version[one], version[other])
    higher = np.maximum(version[one], version[other])
    clusters = clusters_of(lower * n_versions + higher, row[one], n_versions * n_versions)
    shares = clustered_shares(clusters, value[one] == value[other])
    # Each pair was counted above the diagonal or on it; below it stands the same.
    place = np.arange(n_versions)
    return shares.at(
        np.minimum(place[:, np.newaxis], place) * n_versions + np.maximum(place[:, np.newaxis], place)
    )


def pairs_of_answers(item: Counts) -> tuple[Counts, Counts]:
    """The numbers of the two answers of every unordered pair of answers to one item."""
    order = np.argsort(item, kind="stable")
    in_order = item[order]
    ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    # Those that have as many answers to their item after them; fewer at every step.
    place, step = np.arange(item.size), 1
    while place.size:
        place = place[place + step < item.size]
        place = place[in_order[place] == in_order[place + step]]
        ones.append(order[place])
        others.append(order[place + step])
        step += 1
    return np.concatenate(ones), np.concatenate(others)
