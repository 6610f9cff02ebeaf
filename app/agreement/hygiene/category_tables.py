"""How often each harm category is named, how severe, and with which others it comes."""

from dataclasses import dataclass

import numpy as np

from app.agreement.measures.counts import Counts, require_range

MOST_SEVERE = 3


@dataclass(frozen=True, slots=True)
class CategoryTables:
    """`by_severity`: [c, s - 1], shape (n_categories, 3): answers that name category c with severity s.

    `together`: [c, d], shape (n_categories, n_categories), symmetric: answers that name both; on the diagonal
    those that name c.
    """

    by_severity: Counts
    together: Counts


def category_tables(severity: Counts, mask: Counts, n: Counts, n_categories: int) -> CategoryTables:
    """`n[k]` answers have `severity[k]`, 0 (safe) to 3, and bit c of `mask[k]` set for each category c.

    An answer's severity is one for all the categories that it names. A safe answer names none.
    Raises ValueError for arrays of unequal length, a severity or a bit outside its range, or a safe answer
    that names a category.
    """
    if not severity.shape == mask.shape == n.shape:
        raise ValueError("severity, mask and n must have the same length")
    require_range("severity", severity, MOST_SEVERE + 1)
    require_range("mask", mask, 1 << n_categories)
    if np.any((severity == 0) & (mask != 0)):
        raise ValueError("a safe answer must name no harm category")
    names = (mask[:, np.newaxis] >> np.arange(n_categories)) & 1
    n_naming = names * n[:, np.newaxis]
    has_severity = (severity[:, np.newaxis] == np.arange(1, MOST_SEVERE + 1)).astype(np.int64)
    return CategoryTables(by_severity=n_naming.T @ has_severity, together=n_naming.T @ names)
