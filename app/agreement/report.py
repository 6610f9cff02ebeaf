"""The figures of one queue's report, from its answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import (
    Counts,
    Level,
    Matrix,
    count_values,
    n_pairable_items,
    n_pairs,
    prevalence,
)

FIRST, SECOND, TIE = range(3)


@dataclass(frozen=True, slots=True)
class Figure:
    """Agreement on one question.

    `question`: "safe", "severity", "category: NAME", or the dimension of a preference. `n_items` have two
    answers or more and make `n_pairs` pairs of answers. `prevalence`: the share of answers that say yes
    (of severity: that say 1 or more; of a preference: that prefer one). None where undefined.
    """

    question: str
    level: Level
    alpha: float | None
    raw_agreement: float | None
    prevalence: float | None
    n_items: int
    n_pairs: int


@dataclass(frozen=True, slots=True)
class SafetyAnswers:
    """One entry an answer. `item`: 0 to n_items - 1; `harm_categories`: names."""

    n_items: int
    item: Counts
    severity: Counts
    harm_categories: Sequence[Sequence[str]]


def safety_figures(answers: SafetyAnswers, category_names: Sequence[str]) -> Iterator[Figure]:
    """Safe or not, severity over all answers (safe is 0), and each category alone."""
    harmful = (answers.severity > 0).astype(np.int64)
    yield figure("safe", Level.NOMINAL, count_values(answers.item, harmful, answers.n_items, 2), of=[0])
    severity = count_values(answers.item, answers.severity, answers.n_items, 4)
    yield figure("severity", Level.ORDINAL, severity, of=[1, 2, 3])
    for name in category_names:
        named = np.fromiter((name in names for names in answers.harm_categories), np.int64, len(answers.item))
        counts = count_values(answers.item, named, answers.n_items, 2)
        yield figure(f"category: {name}", Level.NOMINAL, counts, of=[1])


def preference_figure(dimension: str, orders: Sequence[tuple[int, Sequence[int]]]) -> Figure:
    """`orders`: (item id, ranks) of each answer. Every pair of an item's responses is one unit, with the
    values first, second and tie; the side is that of the item, not of the page."""
    unit_of: dict[tuple[int, int, int], int] = {}
    units, values = [], []
    for item_id, ranks in orders:
        for second in range(1, len(ranks)):
            for first in range(second):
                units.append(unit_of.setdefault((item_id, first, second), len(unit_of)))
                values.append(preferred(ranks[first], ranks[second]))
    counts = count_values(np.array(units, np.int64), np.array(values, np.int64), len(unit_of), 3)
    return figure(dimension, Level.NOMINAL, counts, of=[FIRST, SECOND])


def preferred(first_rank: int, second_rank: int) -> int:
    if first_rank == second_rank:
        return TIE
    return FIRST if first_rank < second_rank else SECOND


def figure(question: str, level: Level, counts: Counts, *, of: Sequence[int]) -> Figure:
    """`of`: the values whose share is the prevalence."""
    return Figure(
        question=question,
        level=level,
        alpha=number_or_none(krippendorff_alpha(counts, level)),
        raw_agreement=number_or_none(raw_agreement(counts)),
        prevalence=number_or_none(prevalence(counts)[of].sum()),
        n_items=n_pairable_items(counts),
        n_pairs=n_pairs(counts),
    )


def number_or_none(figure: Matrix) -> float | None:
    """JSON has no NaN."""
    return None if np.isnan(figure) else float(figure)
