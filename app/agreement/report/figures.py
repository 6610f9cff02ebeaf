"""The figures of a question, from the patterns of its answers."""

from collections.abc import Callable
from functools import partial
from itertools import combinations

import numpy as np

from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.bootstrap import interval_over_items
from app.agreement.measures.counts import (
    Counts,
    Matrix,
    answers_per_item,
    divide,
    n_pairable_items,
    n_pairs,
    prevalence,
)
from app.agreement.measures.fleiss import fleiss_kappa
from app.agreement.measures.gwet import gwet_ac1
from app.agreement.measures.masi import masi_alpha, set_answers
from app.agreement.measures.patterns import NO_LABEL, Patterns, counts_of, distinct_rows
from app.agreement.measures.specific import specific_agreement
from app.agreement.report.content import Figure
from app.agreement.report.questions import Question, SetQuestion


def figure(question: Question, patterns: Patterns, *, seed: int, n_resamples: int) -> Figure:
    """`n_resamples`: of the bootstrap over items; without intervals for 0."""
    counts, weight = distinct_rows(
        counts_of(patterns, question.value_of_label, question.n_values), patterns.weight
    )
    alpha = partial(krippendorff_alpha, counts, question.level)
    ac1 = partial(gwet_ac1, counts)
    alpha_bounds = bounds(alpha, weight, seed, n_resamples)
    ac1_bounds = bounds(ac1, weight, seed, n_resamples)
    no, yes = two_values(question, specific_agreement(counts, weight))
    return Figure(
        question=question.name,
        level=question.level,
        **sizes(counts, weight),
        prevalence=number(prevalence(counts, weight)[list(question.yes)].sum()),
        raw_agreement=number(raw_agreement(counts, weight)),
        positive_agreement=yes,
        negative_agreement=no,
        alpha=number(alpha(weight)),
        alpha_lower=alpha_bounds[0],
        alpha_upper=alpha_bounds[1],
        ac1=number(ac1(weight)),
        ac1_lower=ac1_bounds[0],
        ac1_upper=ac1_bounds[1],
        fleiss_kappa=number(fleiss_kappa(counts, weight)),
    )


def set_figure(question: SetQuestion, patterns: Patterns, *, seed: int, n_resamples: int) -> Figure:
    """Of sets of categories; raw agreement and prevalence are those of the same sets, and of any category."""
    answers = set_answers(patterns, question.mask_of_label)
    lower, upper = bounds(partial(masi_alpha, answers), patterns.weight, seed, n_resamples)
    any_category = (question.mask_of_label > 0).astype(np.int64)
    counts, weight = distinct_rows(counts_of(patterns, any_category, 2), patterns.weight)
    return Figure(
        question=question.name,
        level="masi",
        **sizes(counts, weight),
        prevalence=number(prevalence(counts, weight)[1]),
        raw_agreement=number(equal_sets(patterns, question.mask_of_label)),
        alpha=number(masi_alpha(answers)),
        alpha_lower=lower,
        alpha_upper=upper,
    )


def bounds(
    statistic: Callable[[Counts], Matrix], weight: Counts, seed: int, n_resamples: int
) -> tuple[float | None, float | None]:
    if not n_resamples:
        return None, None
    interval = interval_over_items(statistic, weight, seed, n_resamples)
    return number(interval.lower), number(interval.upper)


def two_values(question: Question, specific: Matrix) -> tuple[float | None, float | None]:
    """(specific agreement on no, on yes); None where there are not two values."""
    if question.n_values != 2:
        return None, None
    (yes,) = question.yes
    return number(specific[1 - yes]), number(specific[yes])


def sizes(counts: Counts, weight: Counts) -> dict[str, int]:
    of_row = answers_per_item(counts)
    return {
        "n_items": n_pairable_items(counts, weight),
        "n_answers": int((of_row * weight)[of_row >= 2].sum()),
        "n_pairs": n_pairs(counts, weight),
    }


def number(figure: Matrix | np.float64) -> float | None:
    """JSON has no NaN."""
    return None if np.isnan(figure) else float(figure)


def equal_sets(patterns: Patterns, mask_of_label: Counts) -> Matrix:
    """Raw agreement (measures/alpha.py) where a value is a whole set."""
    mask = np.append(mask_of_label, NO_LABEL)[patterns.label]
    n_answers = np.count_nonzero(mask != NO_LABEL, axis=1)
    agreeing = np.zeros(n_answers.size)
    for one, other in combinations(mask.T, 2):
        agreeing += 2.0 * ((one == other) & (other != NO_LABEL))
    agreeing /= np.maximum(n_answers - 1, 1)
    n_pairable: Matrix = (patterns.weight * n_answers)[n_answers >= 2].sum(dtype=np.float64)
    return divide(patterns.weight.astype(np.float64) @ agreeing, n_pairable)
