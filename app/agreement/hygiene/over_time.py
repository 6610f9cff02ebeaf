"""Agreement by period: whether it rises or falls as a campaign goes on."""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.clusters import shares_of_cells
from app.agreement.hygiene.shares import Shares, stacked
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.blocks import whole_items
from app.agreement.measures.counts import Counts, Indexes, Level, Matrix, count_values, require_range
from app.agreement.measures.patterns import distinct_rows_of
from app.agreement.measures.ranks import kinds_of_rows


@dataclass(frozen=True, slots=True)
class AgreementOverTime:
    """First axis: the periods. An item belongs to the period of its latest answer, with all its answers.

    `n_items`: items with an answer; `n_pairable`: those with at least two, shape (n_periods,).
    `prevalence`: of all answers, those of each value, shape (n_periods, n_values), NaN without an answer; the
    items are the clusters of its interval.
    `raw_agreement`, `alpha`: shape (n_periods,), NaN where undefined (measures/alpha.py).
    """

    n_items: Counts
    n_pairable: Counts
    prevalence: Shares
    raw_agreement: Matrix
    alpha: Matrix


def agreement_over_time(
    item: Indexes, value: Indexes, period: Indexes, n_items: int, n_values: int, n_periods: int, level: Level
) -> AgreementOverTime:
    """Answers in long form: `value[j]` of `item[j]` was given in `period[j]`, 0..n_periods-1, such as a week.

    An annotator counts once an item. Few answers an item make few distinct rows of counts, so a figure of
    every period costs next to nothing. Raises ValueError for an index outside 0..n-1.
    """
    if not item.shape == value.shape == period.shape:
        raise ValueError("item, value and period must have the same length")
    require_range("item", item, n_items)
    of_items = (
        _periods_and_counts(item[block], value[block], period[block], n_values, n_periods)
        for block in whole_items(item)
    )
    cells, n_alike = distinct_rows_of(of_items, 1 + n_values)
    of_period, counts = cells[:, 0], cells[:, 1:]
    sizes = counts.sum(axis=1)
    row, example = kinds_of_rows(counts)
    rows = counts[example]
    items = np.zeros((n_periods, len(rows)), np.int64)
    items[of_period, row] = n_alike
    return AgreementOverTime(
        n_items=items.sum(axis=1),
        n_pairable=items[:, rows.sum(axis=1) > 1].sum(axis=1),
        prevalence=stacked([shares_of_cells(of_period, n, sizes, n_periods, n_alike) for n in counts.T]),
        raw_agreement=raw_agreement(rows, items),
        alpha=krippendorff_alpha(rows, level, items),
    )


def _periods_and_counts(
    item: Indexes, value: Indexes, period: Indexes, n_values: int, n_periods: int
) -> Counts:
    """A row for each item with answers: its period, and its answers of each value."""
    wide = item.astype(np.int64) - item.min()
    n_items = int(wide.max()) + 1
    counts = count_values(wide, value.astype(np.int64), n_items, n_values)
    newest = period_of_items(wide, period.astype(np.int64), n_items, n_periods)
    return np.column_stack([newest, counts])[newest >= 0]


def period_of_items(item: Counts, period: Counts, n_items: int, n_periods: int) -> Counts:
    """Of each item's latest answer, shape (n_items,); -1 for an item without an answer."""
    if item.shape != period.shape:
        raise ValueError("item and period must have the same length")
    require_range("item", item, n_items)
    require_range("period", period, n_periods)
    latest = np.full(n_items, -1, np.int64)
    np.maximum.at(latest, item, period)
    return latest
