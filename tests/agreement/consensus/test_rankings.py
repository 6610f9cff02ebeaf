"""The consensus of rankings: what any fair rule owes, the exact order of few, and that of many."""

from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.consensus.kemeny import BestOrder, kemeny_order
from app.agreement.consensus.majority import majority_preference
from app.agreement.consensus.ranked_pairs import ranked_pairs_order
from app.agreement.consensus.rankings import (
    MOST_FOR_KEMENY,
    Method,
    RankingConsensus,
    condorcet_winner,
    consensus_ranking,
    pair_votes,
    votes_above,
)
from app.agreement.measures.counts import Counts

BOTH = pytest.mark.parametrize("order_of", [kemeny_order, ranked_pairs_order])
OrderOf = Callable[[Counts], BestOrder]
# Each of three beats the next by 2:1, round and round.
CYCLE = [[1, 2, 3], [3, 1, 2], [2, 3, 1]]


def any_orders(n_responses: int, most: int = 6) -> st.SearchStrategy[list[list[int]]]:
    ranks = st.lists(st.integers(1, n_responses), min_size=n_responses, max_size=n_responses)
    return st.lists(ranks, min_size=1, max_size=most)


def renamed(orders: list[list[int]], place: tuple[int, ...]) -> list[list[int]]:
    """The response that stood at `place[i]` stands at i."""
    return [[ranks[old] for old in place] for ranks in orders]


@BOTH
def test_what_all_annotators_say_is_the_order(order_of: OrderOf) -> None:
    assert order_of(votes_above([[3, 1, 4, 2]] * 3, 4)) == BestOrder((1, 3, 0, 2), 1, True)


@BOTH
@given(orders=any_orders(4))
@settings(deadline=None)
def test_who_beats_every_other_comes_first(order_of: OrderOf, orders: list[list[int]]) -> None:
    above = votes_above(orders, 4)
    best, winner = order_of(above), condorcet_winner(above)
    assert sorted(best.order) == [0, 1, 2, 3]
    if winner is not None:
        assert best.order[0] == winner
    if best.is_unique:
        assert best.winner == best.order[0]
    assert best.winner in (None, best.order[0])


@BOTH
@given(orders=any_orders(4), place=st.permutations(range(4)).map(tuple))
@settings(deadline=None)
def test_what_the_responses_are_called_changes_no_order_that_the_votes_make(
    order_of: OrderOf, orders: list[list[int]], place: tuple[int, ...]
) -> None:
    best = order_of(votes_above(orders, 4))
    again = order_of(votes_above(renamed(orders, place), 4))
    assert again.is_unique == best.is_unique
    assert (None if again.winner is None else place[again.winner]) == best.winner
    if best.is_unique:
        assert tuple(place[response] for response in again.order) == best.order


@BOTH
@given(orders=any_orders(4))
@settings(deadline=None)
def test_a_response_that_all_rank_above_another_stands_above_it(
    order_of: OrderOf, orders: list[list[int]]
) -> None:
    above = votes_above(orders, 4)
    order = order_of(above).order
    for i, j in permutations(range(4), 2):
        if above[i, j] == len(orders):
            assert order.index(i) < order.index(j)


@given(orders=any_orders(4))
@settings(deadline=None)
def test_no_order_goes_against_fewer_votes_than_kemenys(orders: list[list[int]]) -> None:
    above = votes_above(orders, 4)
    against = {
        order: sum(above[lower, upper] for upper, lower in combinations(order, 2))
        for order in permutations(range(4))
    }
    least = min(against.values())
    best = [order for order, n_votes in against.items() if n_votes == least]
    found = kemeny_order(above)
    assert found.order == min(best)
    assert found.is_unique == (len(best) == 1)
    firsts = {order[0] for order in best}
    assert found.winner == (firsts.pop() if len(firsts) == 1 else None)


@BOTH
def test_a_cycle_is_settled_by_position_and_says_so(order_of: OrderOf) -> None:
    above = votes_above(CYCLE, 3)
    assert condorcet_winner(above) is None
    assert order_of(above) == BestOrder((0, 1, 2), None, False)


@BOTH
def test_a_cycle_breaks_at_its_weakest_majority(order_of: OrderOf) -> None:
    """0 beats 1 by 8, 1 beats 2 by 6, 2 beats 0 by 2."""
    above = np.array([[0, 9, 4], [1, 0, 8], [6, 2, 0]])
    assert order_of(above) == BestOrder((0, 1, 2), 0, True)


@BOTH
def test_a_tie_for_first_leaves_no_winner_and_one_for_last_leaves_the_winner(order_of: OrderOf) -> None:
    for_first, for_last = [[1, 1, 2]], [[2, 1, 2]]
    assert order_of(votes_above(for_first, 3)) == BestOrder((0, 1, 2), None, False)
    assert order_of(votes_above(for_last, 3)) == BestOrder((1, 0, 2), 1, False)


@BOTH
@pytest.mark.parametrize(("n_responses", "winner"), [(0, None), (1, 0)])
def test_fewer_than_two_responses_stand_in_one_order(
    order_of: OrderOf, n_responses: int, winner: int | None
) -> None:
    found = order_of(votes_above([], n_responses))
    assert found == BestOrder(tuple(range(n_responses)), winner, True)


def test_the_published_example_of_ranked_pairs_comes_out() -> None:
    """Tennessee's capital, as textbooks have it: 42 %, 26 %, 15 % and 17 % of the votes."""
    memphis, nashville, chattanooga, knoxville = [1, 2, 3, 4], [4, 1, 2, 3], [4, 3, 1, 2], [4, 3, 2, 1]
    orders = [memphis] * 42 + [nashville] * 26 + [chattanooga] * 15 + [knoxville] * 17
    for order_of in (kemeny_order, ranked_pairs_order):
        assert order_of(votes_above(orders, 4)) == BestOrder((1, 2, 3, 0), 1, True)


def test_few_responses_are_ordered_by_kemeny_and_more_by_ranked_pairs() -> None:
    for n, method in ((MOST_FOR_KEMENY, Method.KEMENY), (MOST_FOR_KEMENY + 1, Method.RANKED_PAIRS)):
        found = consensus_ranking([list(range(n, 0, -1))] * 2, n)
        assert (found.method, found.order, found.is_unique) == (method, tuple(reversed(range(n))), True)
        assert (found.n_for, found.n_against) == (n * (n - 1), 0)


def test_the_votes_for_and_against_are_counted_without_ties() -> None:
    found = consensus_ranking([[1, 2, 3], [1, 3, 2], [2, 1, 1]], 3)
    assert found == RankingConsensus((0, 1, 2), 0, 0, False, Method.KEMENY, 3, 5, 3)


def test_too_few_rankings_are_no_consensus() -> None:
    found = consensus_ranking([[1, 2], [1, 2]], 2, quorum=3)
    assert (found.order, found.winner, found.is_unique) == (None, None, False)
    assert (found.n_annotators, found.condorcet_winner) == (2, 0)


def test_when_nobody_could_judge_there_is_no_consensus() -> None:
    assert consensus_ranking([], 3) == RankingConsensus(None, None, None, False, Method.KEMENY, 0, 0, 0)


def test_when_everybody_ranks_all_alike_there_is_no_winner() -> None:
    found = consensus_ranking([[1, 1, 1]] * 4, 3)
    assert (found.order, found.winner, found.is_unique) == ((0, 1, 2), None, False)
    assert (found.n_for, found.n_against) == (0, 0)


def test_one_annotators_order_is_the_consensus() -> None:
    assert consensus_ranking([[2, 3, 1]], 3).order == (2, 0, 1)


@given(orders=any_orders(2))
@settings(deadline=None)
def test_of_two_responses_it_says_what_the_preference_says(orders: list[list[int]]) -> None:
    found, preference = consensus_ranking(orders, 2), majority_preference(orders, 0, 1)
    assert found.winner == preference.winner
    votes = (preference.votes_first, preference.votes_second, preference.n_ties)
    assert pair_votes(orders, 2) == {(0, 1): votes}


@given(orders=any_orders(4))
@settings(deadline=None)
def test_every_pair_has_the_votes_of_its_preference(orders: list[list[int]]) -> None:
    votes = pair_votes(orders, 4)
    assert list(votes) == list(combinations(range(4), 2))
    for (first, second), of_pair in votes.items():
        preference = majority_preference(orders, first, second)
        assert of_pair == (preference.votes_first, preference.votes_second, preference.n_ties)


@given(orders=any_orders(10, most=4))
@settings(deadline=None, max_examples=50)
def test_an_order_of_many_contradicts_no_majority_between_neighbours(orders: list[list[int]]) -> None:
    above = votes_above(orders, 10)
    best = ranked_pairs_order(above)
    assert sorted(best.order) == list(range(10))
    for upper, lower in zip(best.order, best.order[1:], strict=False):
        assert above[upper, lower] >= above[lower, upper]


def test_rankings_of_another_length_and_a_quorum_below_1_are_refused() -> None:
    with pytest.raises(ValueError, match="one rank for each response"):
        consensus_ranking([[1, 2, 3]], 2)
    with pytest.raises(ValueError, match="quorum"):
        consensus_ranking([[1, 2]], 2, quorum=0)
