"""One value of an ordered scale, from votes or from a posterior: the median, which no far vote can move."""

import numpy as np

from app.agreement.measures.counts import Counts, Matrix

NO_MEDIAN = -1
# Sums of chances are rounded: a half is a half, whatever its last bits.
DECIMALS = 12


def median_of_votes(counts: Counts) -> Counts:
    """The median of each item's votes, shape (n_items,); NO_MEDIAN for an item without votes.

    `counts`: shape (n_items, n_values), the columns in the values' order. Where the middle two of an even
    number of votes differ it is their mean, a half rounded up: the cautious side, where higher is worse.
    """
    below = np.cumsum(counts, axis=1)
    n_votes = below[:, -1:]
    lower = (below < (n_votes + 1) // 2).sum(axis=1)
    upper = (below < n_votes // 2 + 1).sum(axis=1)
    return np.where(n_votes[:, 0] > 0, _between(lower, upper), NO_MEDIAN)


def median_of_posterior(posterior: Matrix) -> Counts:
    """The median of each row's distribution, shape (n_items,); NO_MEDIAN for a row that is NaN.

    `posterior`: shape (n_items, n_values), rows sum to 1, the columns in the values' order. Where the values
    up to one have exactly half of the chance it lies midway to the next possible one, rounded up.
    """
    below = np.cumsum(posterior, axis=1).round(DECIMALS)
    lower = (below < 0.5).sum(axis=1)
    upper = (below <= 0.5).sum(axis=1)
    return np.where(np.isnan(below[:, -1]), NO_MEDIAN, _between(lower, upper))


def _between(lower: Counts, upper: Counts) -> Counts:
    return (lower + upper + 1) // 2
