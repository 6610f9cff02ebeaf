"""The median of votes and of posteriors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.consensus.majority import SafetyVote, majority_safety
from app.agreement.consensus.ordinal import NO_MEDIAN, median_of_posterior, median_of_votes
from app.agreement.measures.counts import Counts

VOTES = st.lists(st.integers(0, 3), min_size=1, max_size=9)


def of_votes(*counts: list[int]) -> Counts:
    return median_of_votes(np.array(counts, dtype=np.int64))


def of_posterior(*rows: list[float]) -> Counts:
    return median_of_posterior(np.array(rows, dtype=np.float64))


def test_the_middle_vote_is_taken_and_of_two_the_mean_rounded_up() -> None:
    counts = [1, 1, 1, 0], [2, 0, 0, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]
    assert of_votes(*counts).tolist() == [1, 0, 1, 1, 2]


def test_an_item_without_votes_has_no_median() -> None:
    assert of_votes([0, 0, 0], [0, 0, 1]).tolist() == [NO_MEDIAN, 2]


def test_the_posteriors_median_is_where_half_of_it_is_reached() -> None:
    rows = [0.1, 0.2, 0.3, 0.4], [0.6, 0, 0, 0.4], [0.0, 0, 0, 1], [0.45, 0.04, 0.02, 0.49]
    assert of_posterior(*rows).tolist() == [2, 0, 3, 2]


def test_an_exact_half_lies_midway_rounded_up() -> None:
    assert of_posterior([0.5, 0.5, 0, 0], [0.5, 0, 0.5, 0], [0.1, 0.2, 0.2, 0.5]).tolist() == [1, 1, 3]


def test_rounding_errors_make_no_half_less_than_a_half() -> None:
    third = 1 / 3
    assert of_posterior([third / 2, third / 2, third / 2, 0.5]).tolist() == [3]


def test_what_is_undefined_has_no_median() -> None:
    assert of_posterior([np.nan] * 3, [1, 0, 0]).tolist() == [NO_MEDIAN, 0]


@given(votes=VOTES)
@settings(deadline=None)
def test_shares_of_votes_have_the_votes_median(votes: list[int]) -> None:
    counts = np.bincount(votes, minlength=4)
    assert of_votes(counts.tolist()) == of_posterior((counts / len(votes)).tolist())


@given(severities=st.lists(st.integers(1, 3), min_size=1, max_size=9))
@settings(deadline=None)
def test_it_is_the_severity_of_the_majoritys_label(severities: list[int]) -> None:
    label = majority_safety([SafetyVote(False, frozenset({"Drugs"}), s) for s in severities], ["Drugs"])
    assert label is not None
    assert of_votes(np.bincount(severities, minlength=4).tolist()) == label.severity


@pytest.mark.parametrize("n_values", [1, 3])
def test_without_items_there_are_no_medians(n_values: int) -> None:
    assert median_of_votes(np.empty((0, n_values), dtype=np.int64)).shape == (0,)
    assert median_of_posterior(np.empty((0, n_values))).shape == (0,)
