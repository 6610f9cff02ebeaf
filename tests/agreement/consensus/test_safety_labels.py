"""One safety label from the posteriors of safe, severity and each category."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.consensus.majority import SafetyVote, majority_safety
from app.agreement.consensus.safety import CertainSafety, safety_labels

CATEGORIES = ["Violence", "Drugs", "Cybercrime"]
NAN = float("nan")


def label(unsafe: float, severity: list[float], categories: list[float]) -> CertainSafety:
    labels = safety_labels(np.array([[1 - unsafe, unsafe]]), np.array([severity]), np.array([categories]))
    return labels.label(0, CATEGORIES)


def test_a_safe_response_has_no_severity_and_no_category_whatever_theirs_say() -> None:
    found = label(0.25, [0.1, 0.2, 0.3, 0.4], [0.9, 0.9, 0.1])
    assert found == CertainSafety(True, frozenset(), 0, 0.75, 0.75)


def test_an_unsafe_response_has_the_median_of_severities_above_0() -> None:
    assert label(0.75, [0.5, 0.1, 0.3, 0.1], [0.9, 0.1, 0.1]).severity == 2
    assert label(0.75, [0.9, 0.02, 0.02, 0.06], [0.9, 0.1, 0.1]).severity == 3


def test_it_has_each_category_with_an_even_chance_or_more() -> None:
    assert label(1, [0, 1, 0, 0], [0.5, 0.9, 0.49]).harm_categories == {"Violence", "Drugs"}


def test_without_such_a_category_it_has_the_likeliest_the_first_among_equals() -> None:
    assert label(1, [0, 1, 0, 0], [0.1, 0.3, 0.2]).harm_categories == {"Drugs"}
    assert label(1, [0, 1, 0, 0], [0.1, 0.3, 0.3]).harm_categories == {"Drugs"}
    assert label(1, [0, 1, 0, 0], [0, 0, 0]).harm_categories == {"Violence"}


def test_an_even_chance_counts_as_unsafe() -> None:
    found = label(0.5, [0.5, 0.5, 0, 0], [1, 0, 0])
    assert (found.is_safe, found.severity, found.certainty) == (False, 1, 0.5)


def test_the_least_certain_part_is_told() -> None:
    assert label(0.9, [0.1, 0.9, 0, 0], [0.95, 0.01, 0.3]).least_certainty == pytest.approx(0.7)
    assert label(0.9, [0.2, 0.2, 0.6, 0], [0.95, 0.01, 0.01]).least_certainty == pytest.approx(0.75)
    assert label(0.6, [0.2, 0.1, 0.7, 0], [0.95, 0.01, 0.01]).least_certainty == pytest.approx(0.6)
    assert label(0.9, [0.1, 0.9, 0, 0], [0.2, 0.01, 0.01]).least_certainty == pytest.approx(0.2)


def test_what_is_undefined_counts_as_unsafe_and_its_certainty_is_undefined() -> None:
    found = label(NAN, [NAN] * 4, [NAN] * 3)
    assert (found.is_safe, found.severity, found.harm_categories) == (False, 1, frozenset({"Violence"}))
    assert np.isnan([found.certainty, found.least_certainty]).all()


def test_unsafe_for_sure_but_severity_0_for_sure_is_minor() -> None:
    found = label(1, [1, 0, 0, 0], [1, 0, 0])
    assert (found.severity, found.certainty) == (1, 1)
    assert np.isnan(found.least_certainty)


def test_without_a_category_there_is_no_label() -> None:
    with pytest.raises(ValueError, match="needs a harm category"):
        safety_labels(np.ones((1, 2)), np.ones((1, 4)), np.ones((1, 0)))


def test_without_items_there_are_no_labels() -> None:
    assert safety_labels(np.ones((0, 2)), np.ones((0, 4)), np.ones((0, 3))).severity.shape == (0,)


def any_vote() -> st.SearchStrategy[SafetyVote]:
    harms = st.frozensets(st.sampled_from(CATEGORIES), min_size=1)
    unsafe = st.builds(SafetyVote, st.just(False), harms, st.integers(1, 3))
    return st.just(SafetyVote(True, frozenset(), 0)) | unsafe


@given(votes=st.lists(any_vote(), min_size=1, max_size=9))
@settings(deadline=None)
def test_shares_of_votes_make_the_majoritys_label(votes: list[SafetyVote]) -> None:
    """Categories by those who called it unsafe alone, as the majority's are."""
    unsafe = [vote for vote in votes if not vote.is_safe]
    severities = np.bincount([vote.severity for vote in votes], minlength=4) / len(votes)
    named = [sum(name in vote.harm_categories for vote in unsafe) for name in CATEGORIES]
    found = label(
        len(unsafe) / len(votes), severities.tolist(), (np.array(named) / max(len(unsafe), 1)).tolist()
    )
    majority = majority_safety(votes, CATEGORIES)
    assert majority is not None
    assert (found.is_safe, found.severity) == (majority.is_safe, majority.severity)
    assert found.harm_categories == majority.harm_categories
    assert found.certainty == pytest.approx(majority.winning_share)


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_safe_severity_0_and_no_category_always_go_together(seed: int) -> None:
    draw = np.random.default_rng(seed)
    labels = safety_labels(draw.dirichlet([1, 1], 50), draw.dirichlet([1] * 4, 50), draw.random((50, 3)) ** 2)
    assert (labels.is_safe == (labels.severity == 0)).all()
    assert (labels.is_safe == ~labels.harm_categories.any(axis=1)).all()
    assert (labels.least_certainty <= labels.certainty).all()
    assert (labels.certainty >= 0.5).all()
