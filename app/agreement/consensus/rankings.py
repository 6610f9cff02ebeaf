"""One order of an item's responses from its annotators' rankings, and their votes on each pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from app.agreement.consensus.kemeny import BestOrder, kemeny_order
from app.agreement.consensus.majority import require_quorum
from app.agreement.consensus.ranked_pairs import ranked_pairs_order
from app.agreement.measures.counts import Counts

MOST_FOR_KEMENY = 8

RANKING_RULE = (
    "Each annotator's ranking is a vote on every pair of responses, and none on a pair ranked alike. "
    f"Up to {MOST_FOR_KEMENY} responses stand in the order that goes against the fewest votes (Kemeny); "
    "more by the clearest majorities first, each kept unless it contradicts those before (ranked pairs, "
    "Tideman). "
    "Where the votes leave several orders, the one taken has the response first that the item has first, and "
    "the release says that it was a tie."
)


class Method(StrEnum):
    KEMENY = "kemeny"
    RANKED_PAIRS = "ranked_pairs"


@dataclass(frozen=True, slots=True)
class RankingConsensus:
    """`order`: positions of the item's responses, the best first; None where there is no quorum.

    `winner`: the response that the votes alone put first; None for a tie, and where there is no quorum.
    `condorcet_winner`: the one that more annotators rank above than below each other; None for none. Where
    there is one and a quorum, it is the winner.
    `is_unique`: the votes alone make the order; False where the tie rule had to, see RANKING_RULE.
    `n_for`, `n_against`: votes on pairs that `order` follows and contradicts; both 0 where it is None.
    """

    order: tuple[int, ...] | None
    winner: int | None
    condorcet_winner: int | None
    is_unique: bool
    method: Method
    n_annotators: int
    n_for: int
    n_against: int


def consensus_ranking(orders: Sequence[Sequence[int]], n_responses: int, quorum: int = 1) -> RankingConsensus:
    """The order of an item's responses that its annotators support, by the rule in RANKING_RULE.

    `orders`: for each annotator the rank of every response, 1 the best, ties sharing a rank; whoever could
    not judge has none. `quorum`: the fewest annotators that make a consensus. Of two responses it is what
    `majority_preference` says.
    Raises ValueError for a ranking of another length than `n_responses`, and for a quorum below 1.
    """
    require_quorum(quorum)
    above = votes_above(orders, n_responses)
    method = Method.KEMENY if n_responses <= MOST_FOR_KEMENY else Method.RANKED_PAIRS
    condorcet = condorcet_winner(above)
    if len(orders) < quorum:
        return RankingConsensus(None, None, condorcet, False, method, len(orders), 0, 0)
    best: BestOrder = kemeny_order(above) if method == Method.KEMENY else ranked_pairs_order(above)
    in_order = above[np.ix_(best.order, best.order)]
    return RankingConsensus(
        order=best.order,
        winner=best.winner,
        condorcet_winner=condorcet,
        is_unique=best.is_unique,
        method=method,
        n_annotators=len(orders),
        n_for=int(np.triu(in_order).sum()),
        n_against=int(np.tril(in_order).sum()),
    )


def votes_above(orders: Sequence[Sequence[int]], n_responses: int) -> Counts:
    """Shape (n_responses, n_responses), [i, j]: how many rank response i above response j.

    Raises ValueError for a ranking of another length than `n_responses`.
    """
    if any(len(ranks) != n_responses for ranks in orders):
        raise ValueError("a ranking must have one rank for each response")
    ranks = np.array(orders, np.int64).reshape(len(orders), n_responses)
    votes: Counts = (ranks[:, :, np.newaxis] < ranks[:, np.newaxis, :]).sum(axis=0)
    return votes


def pair_votes(
    orders: Sequence[Sequence[int]], n_responses: int
) -> dict[tuple[int, int], tuple[int, int, int]]:
    """How many rank the first above the second, the second above the first, and both alike, by pair.

    Every pair of two positions once, the lower one first. Raises as `votes_above`.
    """
    above = votes_above(orders, n_responses).tolist()
    return {
        (i, j): (above[i][j], above[j][i], len(orders) - above[i][j] - above[j][i])
        for i, j in combinations(range(n_responses), 2)
    }


def condorcet_winner(above: Counts) -> int | None:
    """`above`: as by `votes_above`. A single response beats all the others, there being none."""
    beats_all = ((above > above.T) | np.eye(len(above), dtype=np.bool_)).all(axis=1)
    return int(beats_all.argmax()) if beats_all.any() else None
