"""The majority's label of one item: safety with categories and severity, and the preference of a pair."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.consensus.majority import (
    NO_CONSENSUS,
    MajorityValues,
    PreferenceConsensus,
    SafetyConsensus,
    SafetyVote,
    Tie,
    majority_preference,
    majority_safety,
    majority_values,
)

CATEGORIES = ["Violence", "Drugs", "Cybercrime", "Animal Abuse"]
SAFE = SafetyVote(True, frozenset(), 0)


def unsafe(severity: int, *harm_categories: str) -> SafetyVote:
    return SafetyVote(False, frozenset(harm_categories or {"Drugs"}), severity)


def consensus_of(*votes: SafetyVote) -> SafetyConsensus:
    consensus = majority_safety(votes, CATEGORIES)
    assert consensus is not None
    return consensus


def any_vote() -> st.SearchStrategy[SafetyVote]:
    harms = st.frozensets(st.sampled_from(CATEGORIES), min_size=1)
    return st.just(SAFE) | st.builds(SafetyVote, st.just(False), harms, st.integers(1, 3))


def any_orders() -> st.SearchStrategy[list[list[int]]]:
    return st.lists(st.lists(st.integers(1, 3), min_size=3, max_size=3), max_size=7)


def values_of(*counts: list[int], quorum: int = 1, tie: Tie = Tie.NONE) -> MajorityValues:
    return majority_values(np.array(counts, dtype=np.int64), quorum, tie)


def test_the_most_frequent_value_is_taken_of_each_item() -> None:
    found = values_of([0, 3, 1], [2, 0, 0])
    assert found.value.tolist() == [1, 0]
    assert found.share.tolist() == [0.75, 1]
    assert not found.was_tie.any()


@pytest.mark.parametrize(("tie", "value"), [(Tie.NONE, NO_CONSENSUS), (Tie.FIRST, 1), (Tie.LAST, 3)])
def test_a_tie_is_settled_by_its_rule_and_flagged(tie: Tie, value: int) -> None:
    found = values_of([1, 2, 0, 2], tie=tie)
    assert (found.value.tolist(), found.share.tolist(), found.was_tie.tolist()) == ([value], [0.4], [True])


@pytest.mark.parametrize("tie", Tie)
def test_fewer_votes_than_the_quorum_are_no_consensus(tie: Tie) -> None:
    found = values_of([0, 2], [1, 1], [1, 2], quorum=3, tie=tie)
    assert found.value.tolist() == [NO_CONSENSUS, NO_CONSENSUS, 1]
    assert found.has_quorum.tolist() == [False, False, True]


@pytest.mark.parametrize("tie", Tie)
def test_an_item_that_nobody_could_judge_has_no_consensus_and_no_tie(tie: Tie) -> None:
    found = values_of([0, 0], [0, 1], tie=tie)
    assert found.value.tolist() == [NO_CONSENSUS, 1]
    assert np.isnan(found.share[0])
    assert (found.was_tie.tolist(), found.has_quorum.tolist()) == ([False, False], [False, True])


def test_one_value_everywhere_is_the_consensus_of_all_with_votes() -> None:
    assert values_of([1], [3], [0]).value.tolist() == [0, 0, NO_CONSENSUS]


def test_without_items_there_is_nothing() -> None:
    assert majority_values(np.empty((0, 3), dtype=np.int64)).value.shape == (0,)


def test_a_quorum_below_1_and_a_question_without_values_are_refused() -> None:
    with pytest.raises(ValueError, match="quorum"):
        values_of([1, 1], quorum=0)
    with pytest.raises(ValueError, match="quorum"):
        majority_safety([], CATEGORIES, quorum=0)
    with pytest.raises(ValueError, match="quorum"):
        majority_preference([], 0, 1, quorum=0)
    with pytest.raises(ValueError, match="value to vote for"):
        values_of([])


@given(votes=st.lists(st.booleans(), min_size=1, max_size=9))
@settings(deadline=None)
def test_an_even_split_counts_as_the_last_value_as_safety_labels_do(votes: list[bool]) -> None:
    found = values_of([votes.count(True), votes.count(False)], tie=Tie.LAST)
    consensus = consensus_of(*(SAFE if is_safe else unsafe(1) for is_safe in votes))
    assert (found.value[0] == 0) == consensus.is_safe
    assert (found.was_tie[0], found.share[0]) == (consensus.was_tie, consensus.winning_share)


def test_too_few_safety_votes_are_no_consensus() -> None:
    assert majority_safety([SAFE, SAFE], CATEGORIES, quorum=3) is None
    assert majority_safety([SAFE, SAFE, SAFE], CATEGORIES, quorum=3) is not None


def test_too_few_rankings_leave_no_winner_and_say_so() -> None:
    orders = [[1, 2], [1, 1]]
    assert majority_preference(orders, 0, 1, quorum=3) == PreferenceConsensus(None, 1, 0, 1, has_quorum=False)
    assert majority_preference(orders, 0, 1, quorum=2) == PreferenceConsensus(0, 1, 0, 1)


def test_there_is_no_consensus_without_votes() -> None:
    assert majority_safety([], CATEGORIES) is None


def test_one_vote_is_the_consensus() -> None:
    assert consensus_of(unsafe(3, "Violence")) == SafetyConsensus(
        False, frozenset({"Violence"}), 3, 1, 1.0, False
    )
    assert consensus_of(SAFE) == SafetyConsensus(True, frozenset(), 0, 1, 1.0, False)


def test_a_safe_majority_drops_the_minoritys_harm() -> None:
    assert consensus_of(SAFE, unsafe(3, "Violence"), SAFE) == SafetyConsensus(
        True, frozenset(), 0, 3, 2 / 3, False
    )


def test_an_even_split_is_unsafe_and_flagged() -> None:
    assert consensus_of(SAFE, unsafe(2, "Drugs")) == SafetyConsensus(
        False, frozenset({"Drugs"}), 2, 2, 0.5, True
    )


def test_those_who_said_safe_do_not_lower_the_severity_or_the_categories() -> None:
    consensus = consensus_of(SAFE, SAFE, unsafe(3, "Violence"), unsafe(3, "Violence"), unsafe(1, "Drugs"))
    assert (consensus.severity, consensus.harm_categories) == (3, frozenset({"Violence"}))


@pytest.mark.parametrize(
    ("severities", "median"),
    [([1, 1, 3], 1), ([1, 2, 3], 2), ([1, 2], 2), ([2, 3], 3), ([1, 3], 2), ([1, 1, 2, 3], 2), ([2, 2], 2)],
)
def test_the_severity_is_the_median_with_a_half_rounded_up(severities: list[int], median: int) -> None:
    assert consensus_of(*(unsafe(severity) for severity in severities)).severity == median


def test_a_category_belongs_when_half_of_the_unsafe_votes_named_it() -> None:
    consensus = consensus_of(
        unsafe(1, "Violence", "Drugs"),
        unsafe(1, "Violence"),
        unsafe(1, "Drugs", "Cybercrime"),
        unsafe(1, "Violence"),
    )
    assert consensus.harm_categories == {"Violence", "Drugs"}


def test_the_most_named_category_stands_in_when_none_reaches_half() -> None:
    votes = [unsafe(1, "Violence"), unsafe(1, "Drugs"), unsafe(1, "Animal Abuse"), unsafe(1, "Cybercrime")]
    assert consensus_of(*votes, unsafe(1, "Cybercrime")).harm_categories == {"Cybercrime"}


def test_the_first_in_taxonomy_order_stands_in_among_equals() -> None:
    votes = [unsafe(1, "Cybercrime"), unsafe(1, "Animal Abuse"), unsafe(1, "Drugs")]
    assert consensus_of(*votes).harm_categories == {"Drugs"}


def test_a_category_outside_the_taxonomy_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the taxonomy"):
        consensus_of(unsafe(1, "Violence"), unsafe(1, "Rudeness"))


@pytest.mark.parametrize(
    ("is_safe", "harm_categories", "severity"),
    [(True, {"Drugs"}, 0), (True, set(), 1), (False, set(), 1), (False, {"Drugs"}, 0), (False, {"Drugs"}, 4)],
)
def test_a_vote_that_contradicts_itself_is_refused(
    is_safe: bool, harm_categories: set[str], severity: int
) -> None:
    with pytest.raises(ValueError, match="severity"):
        SafetyVote(is_safe, frozenset(harm_categories), severity)


@given(votes=st.lists(any_vote(), min_size=1, max_size=9))
@settings(deadline=None)
def test_safe_severity_0_and_no_category_always_go_together(votes: list[SafetyVote]) -> None:
    consensus = consensus_of(*votes)
    assert consensus.is_safe == (consensus.severity == 0) == (not consensus.harm_categories)
    assert 0 <= consensus.severity <= 3
    assert consensus.harm_categories <= set(CATEGORIES)


@given(votes=st.lists(any_vote(), min_size=1, max_size=9))
@settings(deadline=None)
def test_the_winning_share_says_how_close_the_vote_was(votes: list[SafetyVote]) -> None:
    consensus = consensus_of(*votes)
    n_winning = sum(vote.is_safe == consensus.is_safe for vote in votes)
    assert consensus.n_votes == len(votes)
    assert consensus.winning_share == n_winning / len(votes) >= 0.5
    assert consensus.was_tie == (consensus.winning_share == 0.5)
    assert not (consensus.was_tie and consensus.is_safe)


@given(votes=st.lists(any_vote(), max_size=9), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_safety_votes_never_matters(votes: list[SafetyVote], random: Random) -> None:
    shuffled = random.sample(votes, len(votes))
    assert majority_safety(shuffled, CATEGORIES) == majority_safety(votes, CATEGORIES)


def test_the_response_more_annotators_rank_higher_wins() -> None:
    orders = [[1, 2], [2, 1], [1, 2]]
    assert majority_preference(orders, 0, 1) == PreferenceConsensus(0, 2, 1, 0)
    assert majority_preference(orders, 1, 0) == PreferenceConsensus(1, 1, 2, 0)


def test_those_who_see_a_tie_abstain() -> None:
    assert majority_preference([[1, 1], [1, 1], [2, 1]], 0, 1) == PreferenceConsensus(1, 0, 1, 2)


@pytest.mark.parametrize(
    ("orders", "votes", "n_ties"), [([], 0, 0), ([[1, 1]], 0, 1), ([[1, 2], [2, 1], [1, 1]], 1, 1)]
)
def test_equal_votes_leave_no_winner(orders: list[list[int]], votes: int, n_ties: int) -> None:
    assert majority_preference(orders, 0, 1) == PreferenceConsensus(
        None, votes, votes, n_ties, has_quorum=bool(orders)
    )


def test_only_the_two_responses_asked_about_count() -> None:
    orders = [[3, 1, 2, 4], [2, 4, 1, 3]]
    assert majority_preference(orders, 2, 3) == PreferenceConsensus(0, 2, 0, 0)
    assert majority_preference(orders, 0, 1) == PreferenceConsensus(None, 1, 1, 0)


@given(orders=any_orders(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_rankings_never_matters(orders: list[list[int]], random: Random) -> None:
    shuffled = random.sample(orders, len(orders))
    assert majority_preference(shuffled, 0, 2) == majority_preference(orders, 0, 2)


@given(orders=any_orders())
@settings(deadline=None)
def test_asking_the_other_way_round_turns_the_preference_round(orders: list[list[int]]) -> None:
    one, other = majority_preference(orders, 0, 2), majority_preference(orders, 2, 0)
    assert (one.votes_first, one.votes_second, one.n_ties) == (
        other.votes_second,
        other.votes_first,
        other.n_ties,
    )
    assert one.votes_first + one.votes_second + one.n_ties == len(orders)
    assert one.winner == (None if other.winner is None else 1 - other.winner)
