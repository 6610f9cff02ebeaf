"""What the benchmark of agreement measures of ours; each part begins with answers in long form."""

from functools import partial

import numpy as np

from app.agreement.consensus.dawid_skene import dawid_skene
from app.agreement.measures.alpha import krippendorff_alpha
from app.agreement.measures.bootstrap import interval_over_items
from app.agreement.measures.counts import Counts, Level
from app.agreement.measures.kappa import Kappa, annotator_matrix, quadratic_differences
from app.agreement.measures.masi import SetAnswers, masi_alpha, set_answers
from app.agreement.measures.patterns import Patterns, counts_of, distinct_rows, label_patterns
from benchmarks.simulated_labels import N_ANNOTATORS, N_CATEGORIES, Labels
from benchmarks.timed_parts import run

N_RESAMPLES = 1000
N_SEVERITIES = 4


def patterns_of(labels: Labels) -> tuple[Patterns, Counts, Counts]:
    """(patterns, severity of each label, mask of each label)."""
    kinds, label = np.unique(labels.mask * N_SEVERITIES + labels.severity, return_inverse=True)
    mask, severity = np.divmod(kinds, N_SEVERITIES)
    return label_patterns(labels.item, label, labels.n_items), severity, mask


def counted(labels: Labels) -> list[tuple[Counts, Counts, Level]]:
    """(counts, weight, level) of safe, each category, severity."""
    patterns, severity, mask = patterns_of(labels)
    yes_or_no = [(severity > 0).astype(np.int64), *((mask >> bit) & 1 for bit in range(N_CATEGORIES))]
    questions = [(value, 2, Level.NOMINAL) for value in yes_or_no] + [(severity, N_SEVERITIES, Level.ORDINAL)]
    return [
        (*distinct_rows(counts_of(patterns, value, n_values), patterns.weight), level)
        for value, n_values, level in questions
    ]


def sets(labels: Labels) -> SetAnswers:
    patterns, _, mask = patterns_of(labels)
    return set_answers(patterns, mask)


def alphas(labels: Labels) -> list[float]:
    """Of the 21 questions with one value an answer."""
    return [float(krippendorff_alpha(counts, level, weight)) for counts, weight, level in counted(labels)]


def alphas_with_intervals(labels: Labels) -> list[float]:
    found = []
    for counts, weight, level in counted(labels):
        figure = partial(krippendorff_alpha, counts, level)
        interval = interval_over_items(figure, weight, seed=1, n_resamples=N_RESAMPLES)
        found += [float(figure(weight)), float(interval.lower), float(interval.upper)]
    return found


def alpha_of_sets(labels: Labels) -> list[float]:
    return [float(masi_alpha(sets(labels)))]


def alpha_of_sets_with_interval(labels: Labels) -> list[float]:
    answers = sets(labels)
    figure = partial(masi_alpha, answers)
    interval = interval_over_items(figure, answers.weight, seed=1, n_resamples=N_RESAMPLES)
    return [float(masi_alpha(answers)), float(interval.lower), float(interval.upper)]


def kappas(labels: Labels) -> list[float]:
    """Of safe, every two annotators."""
    value = labels.harmful()
    return of_pairs(annotator_matrix(labels.item, labels.annotator, value, N_ANNOTATORS, 2))


def kappas_of_severity(labels: Labels) -> list[float]:
    apart = quadratic_differences(N_SEVERITIES)
    of = (labels.item, labels.annotator, labels.severity, N_ANNOTATORS, N_SEVERITIES)
    return of_pairs(annotator_matrix(*of, apart))


def of_pairs(matrix: Kappa) -> list[float]:
    return [float(kappa) for kappa in matrix.kappa[np.triu_indices(N_ANNOTATORS, 1)]]


def fitted(labels: Labels, value: Counts, n_values: int) -> int:
    """Iterations."""
    sizes = (labels.n_items, N_ANNOTATORS, n_values)
    return dawid_skene(labels.item, labels.annotator, value, *sizes).n_iterations


def model_of_safe(labels: Labels) -> list[float]:
    return [fitted(labels, labels.harmful(), 2)]


def models(labels: Labels) -> list[float]:
    """Of safe and each category."""
    return [fitted(labels, value, 2) for value in labels.questions()]


def model_of_severity(labels: Labels) -> list[float]:
    return [fitted(labels, labels.severity, N_SEVERITIES)]


PARTS = {
    part.__name__: part
    for part in (
        alphas,
        alphas_with_intervals,
        alpha_of_sets,
        alpha_of_sets_with_interval,
        kappas,
        kappas_of_severity,
        model_of_safe,
        models,
        model_of_severity,
    )
}

if __name__ == "__main__":
    run(PARTS)
