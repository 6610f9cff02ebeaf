"""Same meaning, different label: whether near-duplicate texts end with the same label."""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.clusters import shares_of_cells
from app.agreement.hygiene.shares import Shares, shares_of
from app.agreement.measures.counts import Counts


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Two or more labelled near-duplicates: `texts` in rising order, `labels` of each, shape (n,) both."""

    texts: Counts
    labels: Counts
    differ: bool


@dataclass(frozen=True, slots=True)
class DuplicateConsistency:
    """`of_pairs`: of all pairs of two texts of one group, those of equal label, shape (); NaN without any.

    The groups are the clusters of its interval: ten near-duplicates make 45 pairs, which are not independent.
    `of_groups`: of the groups, those where all labels are equal. `groups`: in the order of their first texts.
    """

    of_pairs: Shares
    of_groups: Shares
    groups: tuple[DuplicateGroup, ...]


def duplicate_consistency(group: Counts, label: Counts) -> DuplicateConsistency:
    """`group[j]`: of text j, a number from 0 shared by its near-duplicates (near_duplicate_groups).

    `label[j]`: its consensus, such as 0 safe and 1 unsafe, or a severity; below 0 where there is none: such
    texts are left out. The memory and time this takes are linear in the texts, however large a group is.
    Raises ValueError for arrays of unequal length.
    """
    if group.shape != label.shape:
        raise ValueError("group and label must have the same length")
    text = np.flatnonzero(label >= 0)
    text = text[np.argsort(group[text], kind="stable")]
    starts = np.flatnonzero(np.diff(group[text], prepend=-1))
    sizes = np.diff(starts, append=text.size)
    has_pairs = sizes > 1
    n_labels = int(label.max(initial=0)) + 1
    cells, n_same = np.unique(
        np.repeat(np.arange(sizes.size), sizes) * n_labels + label[text], return_counts=True
    )
    n_equal_pairs = np.bincount(cells // n_labels, weights=_n_pairs(n_same), minlength=sizes.size)
    groups = [
        _group(text[start : start + size], label)
        for start, size in zip(starts[has_pairs].tolist(), sizes[has_pairs].tolist(), strict=True)
    ]
    groups.sort(key=lambda one: int(one.texts[0]))
    n_equal = sum(not one.differ for one in groups)
    return DuplicateConsistency(
        of_pairs=shares_of_cells(
            np.zeros(len(groups), np.int64), n_equal_pairs[has_pairs], _n_pairs(sizes[has_pairs]), 1
        ).at(0),
        of_groups=shares_of(np.int64(n_equal), np.int64(len(groups))),
        groups=tuple(groups),
    )


def _group(texts: Counts, label: Counts) -> DuplicateGroup:
    labels = label[texts]
    return DuplicateGroup(texts, labels, bool(np.any(labels != labels[0])))


def _n_pairs(sizes: Counts) -> Counts:
    return sizes * (sizes - 1) // 2
