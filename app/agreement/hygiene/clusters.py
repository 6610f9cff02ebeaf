"""Shares whose trials come in clusters: answers, or pairs of answers, to the same item.

Annotators mostly say the same of one item, so three answers to it tell hardly more than one, and an interval
that takes them for independent is far too narrow. Here it is Wilson's for as many independent trials as
would leave the share equally uncertain. With one trial a cluster, it is plain Wilson's.
Sources: L. Kish, "Survey Sampling", 1965 (effective sample size, variance of a ratio by linearisation);
N. Dean and M. Pagano, "Evaluating Confidence Interval Methods for Binomial Proportions in Clustered Surveys",
Journal of Survey Statistics and Methodology 3(4), 2015.
"""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.shares import Flags, Shares, shares_of
from app.agreement.measures.counts import Counts, Matrix, divide


@dataclass(frozen=True, slots=True)
class Clusters:
    """Trial j lies in `cell[j]`, the trials of one cluster in one group; `group` and `size` of each cell."""

    n_groups: int
    cell: Counts
    group: Counts
    size: Counts


def clusters_of(group: Counts, cluster: Counts, n_groups: int) -> Clusters:
    """Trial j belongs to `group[j]`, 0..n_groups-1, and to `cluster[j]`, any number from 0.

    A cluster may have trials in several groups; each group is looked at alone.
    """
    n_clusters = int(cluster.max(initial=0)) + 1
    cells, cell = np.unique(group * n_clusters + cluster, return_inverse=True)
    return Clusters(n_groups, cell, cells // n_clusters, np.bincount(cell, minlength=cells.size))


def clustered_shares(clusters: Clusters, is_yes: Flags) -> Shares:
    """Of each group, shape (n_groups,): the trials j with `is_yes[j]`. NaN for a group without a trial.

    Where all trials are a yes, or none is, no cluster shows how alike its trials are: they count as one.
    """
    yes, size = np.bincount(clusters.cell[is_yes], minlength=clusters.size.size), clusters.size
    n_yes, n = _totals(clusters, yes), _totals(clusters, size)
    share = divide(n_yes, n)
    # Of the clusters' own sums of yes, around what the share makes them expect.
    squares = (
        _totals(clusters, yes * yes)
        - 2 * share * _totals(clusters, yes * size)
        + share * share * _totals(clusters, size * size)
    )
    n_clusters = np.bincount(clusters.group, minlength=clusters.n_groups).astype(np.float64)
    # Where clusters happen to vary less than by chance, the trials still are no more than they are.
    of_single = share * (1 - share) * n
    n_independent = np.where(squares > of_single, divide(of_single * n, squares), n)
    is_unknown = (n_yes == 0) | (n_yes == n) | (n_clusters < 2)
    n_independent = np.where(is_unknown, n_clusters, n_independent)
    return shares_of(n_yes.astype(np.int64), n.astype(np.int64), n_independent)


def _totals(clusters: Clusters, of_cell: Counts) -> Matrix:
    """By group; exact, being whole numbers below 2**53."""
    totals = np.bincount(clusters.group, weights=of_cell, minlength=clusters.n_groups)
    return totals.astype(np.float64)
