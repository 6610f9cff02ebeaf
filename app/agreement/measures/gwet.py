"""Gwet's AC1 and AC2 of counts: agreement beyond chance that does not collapse on a rare value.

Sources: K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high agreement",
British Journal of Mathematical and Statistical Psychology 61, 2008; the same, "Handbook of Inter-Rater
Reliability", 4th edition (2014), for missing answers and AC2.
"""

import numpy as np

from app.agreement.measures.counts import Counts, Matrix, divide
from app.agreement.measures.fleiss import agreement_of_items, shares_of_items


def gwet_ac1(counts: Counts, weight: Counts | None = None) -> Matrix:
    """Gwet's AC1: 1.0 is perfect agreement, 0.0 is chance.

    Chance is what annotators would agree on who guess evenly among the values wherever an item is hard, and
    items are the harder the more evenly its answers spread. So it depends on the number of values on offer,
    n_values, not only on those that were given.
    When all answers are one value of two or more on offer, chance is 0 and AC1 is 1.0 by its definition,
    where alpha and kappa are undefined: read it beside them and the prevalence.
    NaN where it is undefined: without a pair of answers, and with fewer than two values on offer.
    """
    return gwet_ac2(counts, np.eye(counts.shape[1]), weight)


def gwet_ac2(counts: Counts, closeness: Matrix, weight: Counts | None = None) -> Matrix:
    """Gwet's AC2: AC1 with partial credit, such as for neighbouring severities.

    `closeness`: as in agreement_of_items (measures/fleiss.py). NaN where AC1 is, and where chance alone gets
    full credit.
    """
    n_values = counts.shape[1]
    if n_values < 2:
        return np.full(agreement_of_items(counts, weight).shape, np.nan)
    observed = agreement_of_items(counts, weight, closeness)
    shares = shares_of_items(counts, weight)
    spread = (shares * (1.0 - shares)).sum(axis=-1)
    expected = spread * closeness.sum() / (n_values * (n_values - 1))
    return divide(observed - expected, 1.0 - expected)
