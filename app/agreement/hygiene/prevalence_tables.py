"""How common each harm category is, how severe, and with which others it comes."""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.shares import Shares, shares_of
from app.agreement.measures.counts import Counts, Matrix, require_range

N_SEVERITIES = 4  # 0 is safe


@dataclass(frozen=True, slots=True)
class PrevalenceTables:
    """`naming`: answers that name each category, of all n answers, shape (n_categories,).

    `severity`: [c, s - 1], shape (n_categories, 3), of the answers that name category c, those of severity s;
    a row's shares sum to 1. `together`: [c, d], shape (n_categories, n_categories), of the answers that name
    c, those that name d too; the counts are symmetric, the shares are not; the diagonal names c, share 1.
    NaN in the rows of a category that nobody names.
    """

    naming: Shares
    severity: Shares
    together: Shares


def prevalence_tables(severity: Counts, mask: Counts, n_categories: int) -> PrevalenceTables:
    """Of answers: `severity[j]` 0 (safe) to 3; bit c of `mask[j]` is set where the answer names category c.

    An answer's severity is one for all the categories that it names. A safe answer names none.
    Raises ValueError for arrays of unequal length, a severity or a bit outside its range, or a safe answer
    that names a category.
    """
    if severity.shape != mask.shape:
        raise ValueError("severity and mask must have the same length")
    require_range("severity", severity, N_SEVERITIES)
    require_range("mask", mask, 1 << n_categories)
    if np.any((severity == 0) & (mask != 0)):
        raise ValueError("a safe answer must name no harm category")
    # Answers name few of all possible sets, so all else is done on the distinct ones.
    cells, n_answers = np.unique(mask * N_SEVERITIES + severity, return_counts=True)
    masks, severities = np.divmod(cells, N_SEVERITIES)
    is_named = (masks[:, np.newaxis] >> np.arange(n_categories)) & 1
    weighted = is_named * n_answers[:, np.newaxis]
    n_naming = weighted.sum(axis=0)
    by_severity = weighted.T @ (severities[:, np.newaxis] == np.arange(1, N_SEVERITIES))
    return PrevalenceTables(
        naming=shares_of(n_naming, np.int64(mask.size)),
        severity=shares_of(by_severity, n_naming[:, np.newaxis]),
        together=shares_of(weighted.T @ is_named, n_naming[:, np.newaxis]),
    )


def lift(tables: PrevalenceTables) -> Matrix:
    """How many times as often two categories come together as if they were independent, [c, d].

    NaN where one of the two is never named.
    """
    common = np.where(tables.naming.n_yes > 0, tables.naming.share, np.nan)
    return tables.together.share / common
