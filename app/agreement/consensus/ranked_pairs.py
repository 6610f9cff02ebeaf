"""An order of many responses: the clearest majorities first, each kept that contradicts none before it.

Source: T. N. Tideman, "Independence of clones as a criterion for voting rules", Social Choice and Welfare 4,
1987. A response that beats every other comes first, as it does by Kemeny.
"""

from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from app.agreement.consensus.kemeny import BestOrder
from app.agreement.measures.counts import Counts


def ranked_pairs_order(above: Counts) -> BestOrder:
    """`above`: shape (n, n), [i, j]: how many rank response i above response j.

    A majority is the clearer the more votes it is ahead by. Among equally clear ones the first by the
    responses' positions is looked at first; what no majority orders, positions do.
    `is_unique`, and with it `winner`, is False or None where a position decided anything, even if another
    choice might have led to the same order.
    """
    margin = above - above.T
    majorities = sorted((-int(margin[i, j]), int(i), int(j)) for i, j in np.argwhere(margin > 0))
    is_above = np.zeros(above.shape, np.bool_)
    is_unique = True
    for _, equals in groupby(majorities, key=lambda majority: majority[0]):
        is_settled = is_above.copy()
        for _, first, second in equals:
            if is_above[second, first]:
                is_unique &= bool(is_settled[second, first])
            else:
                _place(is_above, first, second)
    return _topmost_first(is_above, is_unique)


def _place(is_above: NDArray[np.bool_], first: int, second: int) -> None:
    """And all that stands above `first` comes above all below `second`."""
    upper, lower = is_above[:, first].copy(), is_above[second].copy()
    upper[first] = lower[second] = True
    is_above |= np.outer(upper, lower)


def _topmost_first(is_above: NDArray[np.bool_], is_unique: bool) -> BestOrder:
    left = list(range(len(is_above)))
    order: list[int] = []
    has_winner = is_unique
    while left:
        free = [response for response in left if not is_above[left, response].any()]
        if len(free) > 1:
            is_unique = False
            has_winner &= bool(order)
        order.append(free[0])
        left.remove(free[0])
    return BestOrder(tuple(order), order[0] if order and has_winner else None, is_unique)
