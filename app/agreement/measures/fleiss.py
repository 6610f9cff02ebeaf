"""Fleiss' kappa of counts, items with missing answers included.

Sources: J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76(5),
1971; K. L. Gwet, "Handbook of Inter-Rater Reliability", 4th edition (2014), chapter 2, for missing answers.
"""

import numpy as np

from app.agreement.measures.counts import Counts, Matrix, answers_per_item, divide, one_each


def fleiss_kappa(counts: Counts, weight: Counts | None = None) -> Matrix:
    """Fleiss' kappa: 1.0 is perfect agreement, 0.0 is what the values' shares alone would give.

    Expected is the chance that two answers drawn by the values' mean shares are equal.
    NaN where it is undefined: without a pair of answers, and when all answers are one value.
    """
    observed = agreement_of_items(counts, weight)
    expected = np.square(shares_of_items(counts, weight)).sum(axis=-1)
    return divide(observed - expected, 1.0 - expected)


def agreement_of_items(
    counts: Counts, weight: Counts | None = None, closeness: Matrix | None = None
) -> Matrix:
    """Mean over the items with two answers or more of the share of their pairs that agree; NaN without any.

    Every item weighs alike, however many answers it has, which raw_agreement does not do.
    `closeness`: credit for a pair of values, from 0 to 1, 1 on the diagonal, symmetric, shape
    (n_values, n_values); without it only equal answers agree.
    """
    sizes = answers_per_item(counts)
    is_pairable = sizes >= 2
    pairable, n = counts[is_pairable], sizes[is_pairable]
    credited = pairable if closeness is None else pairable @ closeness
    agreeing = (pairable * (credited - 1)).sum(axis=1) / (n * (n - 1))
    of_row = one_each(counts, weight)[..., is_pairable].astype(np.float64)
    return divide(of_row @ agreeing, of_row.sum(axis=-1))


def shares_of_items(counts: Counts, weight: Counts | None = None) -> Matrix:
    """Mean over the items with an answer of each value's share of their answers, shape (..., n_values).

    Every item weighs alike. Unlike prevalence, items with one answer are in. NaN without any answer.
    """
    sizes = answers_per_item(counts)
    has_answer = sizes >= 1
    shares = counts[has_answer] / sizes[has_answer, np.newaxis]
    of_row = one_each(counts, weight)[..., has_answer].astype(np.float64)
    return divide(of_row @ shares, of_row.sum(axis=-1, keepdims=True))
