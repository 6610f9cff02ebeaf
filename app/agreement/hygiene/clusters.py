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
    """Of each group, shape (n_groups,): the trials j with `is_yes[j]`. NaN for a group without a trial."""
    n_yes = np.bincount(clusters.cell[is_yes], minlength=clusters.size.size)
    return shares_of_cells(clusters.group, n_yes, clusters.size, clusters.n_groups)


def shares_of_cells(
    group: Counts, n_yes: Counts, size: Counts, n_groups: int, times: Counts | None = None
) -> Shares:
    """The same from each cell's group, its trials that are a yes and all its trials; `size` is above 0.

    `times`: how many cells are like that; one each where it is not given.

    Where all trials of a group are a yes, or none is, or there is one cluster alone, nothing shows how alike
    the trials of a cluster are: each cluster counts as one.
    """

    weight = np.ones(group.size) if times is None else times.astype(np.float64)

    def totals(of_cell: Matrix) -> Matrix:
        return np.bincount(group, weights=of_cell * weight, minlength=n_groups).astype(np.float64)

    yes, trials = n_yes.astype(np.float64), size.astype(np.float64)
    all_yes, n = totals(yes), totals(trials)
    share = divide(all_yes, n)
    # Of the clusters' own sums of yes, around what the share makes them expect.
    squares = totals(yes * yes) - 2 * share * totals(yes * trials) + share * share * totals(trials * trials)
    # Where clusters happen to vary less than by chance, the trials still are no more than they are.
    of_single = share * (1 - share) * n
    n_independent = np.where(squares > of_single, divide(of_single * n, squares), n)
    n_clusters = totals(np.ones(group.size))
    is_unknown = (all_yes == 0) | (all_yes == n) | (n_clusters < 2)
    n_independent = np.where(is_unknown, n_clusters, n_independent)
    return shares_of(all_yes.astype(np.int64), n.astype(np.int64), n_independent)
