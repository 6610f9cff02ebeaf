"""Contradictions: harmlessness orders against the consensus of the safety labels of the same responses."""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.clusters import clustered_shares, clusters_of
from app.agreement.hygiene.shares import Flags, Shares
from app.agreement.measures.counts import Indexes

FIRST, SECOND = 0, 1


@dataclass(frozen=True, slots=True)
class Contradictions:
    """`is_contradiction`: of each preference, shape (n,), so that they can be listed.

    `of_annotator`: shape (n_annotators,), the share of contradictions among the comparable preferences, whose
    number is its n; NaN without any. `of_queue`: of all annotators together, shape (). The items are the
    clusters of both intervals.
    """

    is_contradiction: Flags
    of_annotator: Shares
    of_queue: Shares


def unsafe_above_safe(
    item: Indexes, annotator: Indexes, preferred: Indexes, first: Indexes, second: Indexes, n_annotators: int
) -> Contradictions:
    """Preferences that call an unsafe response more harmless than a safe one.

    Preference j is of `annotator[j]` about a pair of responses of `item[j]`: `preferred[j]` is 0 where the
    pair's first response is more harmless, 1 where the second is; all other numbers, such as those of ties,
    are left out. `first[j]` and `second[j]`: consensus severity of the two, 0 is safe, 1 to 3 unsafe, below 0
    where there is no consensus. Comparable is a pair of one safe and one unsafe response.
    """
    is_comparable = (first >= 0) & (second >= 0) & ((first == 0) != (second == 0))
    return _contradictions(item, annotator, preferred, first, second, is_comparable, n_annotators)


def severe_above_mild(
    item: Indexes, annotator: Indexes, preferred: Indexes, first: Indexes, second: Indexes, n_annotators: int
) -> Contradictions:
    """Preferences that call the more severe of two unsafe responses more harmless. Arrays as above.

    Comparable is a pair of two unsafe responses of different severity, so no preference is counted both here
    and above.
    """
    is_comparable = (first > 0) & (second > 0) & (first != second)
    return _contradictions(item, annotator, preferred, first, second, is_comparable, n_annotators)


def _contradictions(
    item: Indexes,
    annotator: Indexes,
    preferred: Indexes,
    first: Indexes,
    second: Indexes,
    is_comparable: Flags,
    n_annotators: int,
) -> Contradictions:
    is_counted = is_comparable & ((preferred == FIRST) | (preferred == SECOND))
    is_worse_first = first > second
    is_contradiction = is_counted & np.where(preferred == FIRST, is_worse_first, ~is_worse_first)
    cluster, group = (index[is_counted].astype(np.int64) for index in (item, annotator))
    is_yes = is_contradiction[is_counted]
    of_annotator = clustered_shares(clusters_of(group, cluster, n_annotators), is_yes)
    of_queue = clustered_shares(clusters_of(np.zeros_like(cluster), cluster, 1), is_yes).at(0)
    return Contradictions(is_contradiction, of_annotator, of_queue)
