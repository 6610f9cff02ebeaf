"""Specific agreement: how often the others give a value, given that one annotator does.

Sources: D. V. Cicchetti and A. R. Feinstein, "High agreement but low kappa: II. Resolving the paradoxes",
Journal of Clinical Epidemiology 43(6), 1990, for two annotators; J. S. Uebersax, "A design-independent
method for measuring the reliability of psychiatric diagnosis", Journal of Psychiatric Research 17(4), 1982,
for any number.
"""

import numpy as np

from app.agreement.measures.counts import Counts, Matrix, answers_per_item, divide, one_each


def specific_agreement(counts: Counts, weight: Counts | None = None) -> Matrix:
    """Specific agreement of each value, shape (..., n_values), from 0 to 1.

    Of all ordered pairs of two annotators' answers to an item whose first is value v, the share whose second
    is v too. Of yes-or-no questions, column 1 is positive agreement and column 0 negative agreement. An item
    weighs as many as its pairs, n (n - 1). Not corrected for chance.
    NaN for a value that no pairable answer gives.
    """
    of_row = one_each(counts, weight).astype(np.float64)
    others = answers_per_item(counts)[:, np.newaxis] - 1
    equal: Matrix = of_row @ (counts * (counts - 1))
    paired: Matrix = of_row @ (counts * others)
    return divide(equal, paired)
