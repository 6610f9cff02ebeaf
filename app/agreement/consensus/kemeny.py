"""The order of a few responses that goes against the fewest votes, found exactly.

Source: J. G. Kemeny, "Mathematics without Numbers", Daedalus 88(4), 1959; the search over subsets instead of
orders is that of M. Held and R. M. Karp, "A Dynamic Programming Approach to Sequencing Problems", 1962.
"""

from dataclasses import dataclass

from app.agreement.measures.counts import Counts


@dataclass(frozen=True, slots=True)
class BestOrder:
    """`order`: positions of the responses, the best first.

    `winner`: the response that comes first whichever way ties are broken; None where there is none.
    `is_unique`: no other order is as good.
    """

    order: tuple[int, ...]
    winner: int | None
    is_unique: bool


def kemeny_order(above: Counts) -> BestOrder:
    """Of all orders that go against the fewest votes, the first by the responses' positions.

    `above`: shape (n, n), [i, j]: how many rank response i above response j. Takes 2^n steps: for n <= 8.

    A subset is a number with a bit for each response in it; `least[subset]` is how many votes go against the
    best order of its responses, where all others stand above them.
    """
    n = len(above)
    against = [[int(above[other, first]) for other in range(n)] for first in range(n)]
    everyone = (1 << n) - 1
    least = [0] * (1 << n)
    firsts: list[list[int]] = [[]] * (1 << n)
    for subset in range(1, everyone + 1):
        members = [response for response in range(n) if subset >> response & 1]
        costs = [
            least[subset ^ 1 << first] + sum(against[first][other] for other in members) for first in members
        ]
        least[subset] = min(costs)
        firsts[subset] = [first for first, cost in zip(members, costs, strict=True) if cost == least[subset]]
    order = []
    is_unique, left = True, everyone
    while left:
        is_unique &= len(firsts[left]) == 1
        order.append(firsts[left][0])
        left ^= 1 << order[-1]
    winner = firsts[everyone][0] if len(firsts[everyone]) == 1 else None
    return BestOrder(tuple(order), winner, is_unique)
