"""Figures of a queue as it stands now, from the counts of its patterns alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from app.agreement.measures.counts import Counts
from app.agreement.measures.patterns import Patterns, label_patterns
from app.agreement.report.answers import NOT_THERE, Answers, Rankings, SafetyLabels, pairs_of
from app.agreement.report.asked import asked_of_labels, kinds_of_labels
from app.agreement.report.content import Figure
from app.agreement.report.figures import figure, set_figure
from app.agreement.report.questions import categories_question, preference_question
from app.annotations.patterns import Pattern

UNSEEDED = 0  # there is no resample to draw


def safety_figures(patterns: Sequence[Pattern], category_names: Sequence[str]) -> list[Figure]:
    """As a report has them, to the last bit, but without intervals."""
    given = rows_of(patterns)
    answers = np.array([answer for pattern in patterns for answer in pattern.answers], np.int64).reshape(
        -1, 2
    )
    labels = SafetyLabels(given, severity=answers[:, 0], mask=answers[:, 1])
    kinds = kinds_of_labels(labels)
    n_items = np.array([pattern.n_items for pattern in patterns], np.int64)
    weighed = weighted(kinds.patterns, n_items)
    figures = [
        figure(asked.question, weighed, seed=UNSEEDED, n_resamples=0)
        for asked in asked_of_labels(labels, kinds, category_names)
    ]
    sets = categories_question(kinds.mask)
    return [*figures, set_figure(sets, weighed, seed=UNSEEDED, n_resamples=0)]


def preference_figure(dimension: str, patterns: Sequence[Pattern]) -> Figure:
    given = rows_of(patterns)
    answers = [answer for pattern in patterns for answer in pattern.answers]
    ranks = np.full((len(answers), max(map(len, answers), default=2)), NOT_THERE)
    for row, answer in zip(ranks, answers, strict=True):
        row[: len(answer)] = answer
    pairs = pairs_of(Rankings(given, ranks, order=np.zeros_like(ranks)))
    n_items = np.array([pattern.n_items for pattern in patterns], np.int64)
    of_units = label_patterns(pairs.unit, pairs.value, pairs.n_units)
    weighed = weighted(of_units, np.repeat(n_items, pairs.n_pairs))
    return figure(preference_question(dimension), weighed, seed=UNSEEDED, n_resamples=0)


def rows_of(patterns: Sequence[Pattern]) -> Answers:
    """Each pattern as if it were one item."""
    sizes = [len(pattern.answers) for pattern in patterns]
    item = np.repeat(np.arange(len(patterns)), sizes)
    nobody = np.zeros_like(item)
    return Answers(np.arange(len(patterns)), np.zeros(1, np.int64), item, nobody, nobody, nobody)


def weighted(patterns: Patterns, n_items: Counts) -> Patterns:
    """`n_items`: how many items each item of the patterns stands for."""
    weight = np.zeros_like(patterns.weight)
    np.add.at(weight, patterns.of_item, n_items)
    return replace(patterns, weight=weight)
