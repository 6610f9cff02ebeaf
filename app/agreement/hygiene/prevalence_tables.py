"""How common each harm category is, how severe, and with which others it comes."""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.clusters import clustered_shares, clusters_of
from app.agreement.hygiene.shares import Flags, Shares, stacked
from app.agreement.measures.counts import Counts, Matrix, require_range

MILDEST, MOST_SEVERE = 1, 3  # 0 is safe


@dataclass(frozen=True, slots=True)
class PrevalenceTables:
    """`naming`: answers that name each category, of all n answers, shape (n_categories,).

    `severity`: [c, s - 1], shape (n_categories, 3), of the answers that name category c, those of severity s;
    a row's shares sum to 1. `together`: [c, d], shape (n_categories, n_categories), of the answers that name
    c, those that name d too; the counts are symmetric, the shares are not; the diagonal names c, share 1.
    NaN in the rows of a category that nobody names. The items are the clusters of all intervals.
    """

    naming: Shares
    severity: Shares
    together: Shares


def prevalence_tables(item: Counts, severity: Counts, mask: Counts, n_categories: int) -> PrevalenceTables:
    """Answer j to `item[j]` has `severity[j]`, 0 (safe) to 3, and in `mask[j]` bit c for each category c.

    An answer's severity is one for all the categories that it names. A safe answer names none.
    Raises ValueError for arrays of unequal length, a severity or a bit outside its range, a safe answer that
    names a category, or n_categories below 1.
    """
    if not item.shape == severity.shape == mask.shape:
        raise ValueError("item, severity and mask must have the same length")
    if n_categories < 1:
        raise ValueError("n_categories must be at least 1")
    require_range("severity", severity, MOST_SEVERE + 1)
    require_range("mask", mask, 1 << n_categories)
    if np.any((severity == 0) & (mask != 0)):
        raise ValueError("a safe answer must name no harm category")
    names = [(mask >> category) & 1 == 1 for category in range(n_categories)]
    severities = [severity == which for which in range(MILDEST, MOST_SEVERE + 1)]
    return PrevalenceTables(
        naming=_row(item, np.ones(item.size, np.bool_), names),
        severity=_table([_row(item, is_naming, severities) for is_naming in names]),
        together=_table([_row(item, is_naming, names) for is_naming in names]),
    )


def lift(tables: PrevalenceTables) -> Matrix:
    """How many times as often two categories come together as if they were independent, [c, d].

    NaN where one of the two is never named.
    """
    common = np.where(tables.naming.n_yes > 0, tables.naming.share, np.nan)
    return tables.together.share / common


def _row(item: Counts, is_counted: Flags, columns: list[Flags]) -> Shares:
    """Of the counted answers, those of each column."""
    of_counted = item[is_counted]
    clusters = clusters_of(np.zeros_like(of_counted), of_counted, 1)
    return stacked([clustered_shares(clusters, column[is_counted]).at(0) for column in columns])


def _table(rows: list[Shares]) -> Shares:
    columns = stacked(rows)
    return Shares(columns.n_yes.T, columns.n.T, columns.share.T, columns.lower.T, columns.upper.T)
