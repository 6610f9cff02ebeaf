"""Figures of a queue as it stands now, from the counts of its patterns alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from app.agreement.measures.counts import Counts
from app.agreement.measures.patterns import Patterns, label_patterns
from app.agreement.report.answers import Rankings, SafetyLabels, pairs_of
from app.agreement.report.asked import asked_of_labels, kinds_of_labels
from app.agreement.report.content import Figure
from app.agreement.report.figures import figure, set_figure
from app.agreement.report.questions import categories_question, preference_question

UNSEEDED = 0  # there is no resample to draw


def safety_figures(labels: SafetyLabels, n_items: Counts, category_names: Sequence[str]) -> list[Figure]:
    """As a report has them, to the last bit, but without intervals.

    `labels`: of the patterns, each as if it were one item. `n_items`: how many items show each.
    """
    kinds = kinds_of_labels(labels)
    weighed = weighted(kinds.patterns, n_items)
    figures = [
        figure(asked.question, weighed, seed=UNSEEDED, n_resamples=0)
        for asked in asked_of_labels(kinds, category_names)
    ]
    sets = categories_question(kinds.mask)
    return [*figures, set_figure(sets, weighed, seed=UNSEEDED, n_resamples=0)]


def preference_figure(dimension: str, rankings: Rankings, n_items: Counts) -> Figure:
    pairs = pairs_of(rankings)
    of_units = label_patterns(pairs.unit, pairs.value, pairs.n_units)
    weighed = weighted(of_units, np.repeat(n_items, pairs.n_pairs))
    return figure(preference_question(dimension), weighed, seed=UNSEEDED, n_resamples=0)


def weighted(patterns: Patterns, n_items: Counts) -> Patterns:
    """`n_items`: how many items each item of the patterns stands for."""
    weight = np.zeros_like(patterns.weight)
    np.add.at(weight, patterns.of_item, n_items)
    return replace(patterns, weight=weight)
