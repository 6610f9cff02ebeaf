"""Agreement by period: whether it rises or falls as a campaign goes on."""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.clusters import clustered_shares, clusters_of
from app.agreement.hygiene.shares import Shares, stacked
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Counts, Level, Matrix, count_values, require_range


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
    item: Counts, value: Counts, period: Counts, n_items: int, n_values: int, n_periods: int, level: Level
) -> AgreementOverTime:
    """Answers in long form: `value[j]` of `item[j]` was given in `period[j]`, 0..n_periods-1, such as a week.

    An annotator counts once an item. Raises ValueError for an index outside 0..n-1.
    """
    counts = count_values(item, value, n_items, n_values)
    period_of_item = period_of_items(item, period, n_items, n_periods)
    rows, items = distinct_rows(counts, period_of_item, n_periods)
    sizes = rows.sum(axis=1)
    clusters = clusters_of(period_of_item[item], item, n_periods)
    return AgreementOverTime(
        n_items=items[:, sizes > 0].sum(axis=1),
        n_pairable=items[:, sizes > 1].sum(axis=1),
        prevalence=stacked([clustered_shares(clusters, value == which) for which in range(n_values)]),
        raw_agreement=raw_agreement(rows, items),
        alpha=krippendorff_alpha(rows, level, items),
    )


def period_of_items(item: Counts, period: Counts, n_items: int, n_periods: int) -> Counts:
    """Of each item's latest answer, shape (n_items,); -1 for an item without an answer."""
    if item.shape != period.shape:
        raise ValueError("item and period must have the same length")
    require_range("item", item, n_items)
    require_range("period", period, n_periods)
    latest = np.full(n_items, -1, np.int64)
    np.maximum.at(latest, item, period)
    return latest


def distinct_rows(counts: Counts, period: Counts, n_periods: int) -> tuple[Counts, Counts]:
    """The distinct rows of `counts`, and how many items of each period have them, (n_periods, n_rows).

    Few answers an item make few distinct rows, so a figure of every period costs next to nothing.
    Items of period -1 are left out.
    """
    # unique() sorts numbers many times faster than rows: the columns are taken in one after the other.
    row_of_item = np.zeros(len(counts), np.int64)
    for column in counts.T:
        _, row_of_item = np.unique(row_of_item * (column.max(initial=0) + 1) + column, return_inverse=True)
    _, example = np.unique(row_of_item, return_index=True)
    is_placed = period >= 0
    cells = period[is_placed] * example.size + row_of_item[is_placed]
    items = np.bincount(cells, minlength=n_periods * example.size).reshape(n_periods, example.size)
    return counts[example], items
