"""Agreement by version: a change of the guideline is told from a change of the items."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.shares import Shares
from app.agreement.hygiene.versions import VersionAgreement, agreement_by_version, equal_pairs_by_version
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Level, count_values

# (item, annotator, value, version)
Answer = tuple[int, int, int, int]


def by_version(answers: list[Answer]) -> VersionAgreement:
    """Of three values, three versions."""
    item, _, value, version = np.array(answers, np.int64).reshape(-1, 4).T
    return agreement_by_version(item, value, version, 3, 3, Level.NOMINAL)


def equal_pairs(answers: list[Answer]) -> Shares:
    item, annotator, value, version = np.array(answers, np.int64).reshape(-1, 4).T
    return equal_pairs_by_version(item, annotator, value, version, 3)


def test_a_hand_computed_example() -> None:
    answers = [
        (0, 0, 1, 0),
        (0, 1, 1, 0),
        (0, 2, 1, 1),
        (0, 3, 2, 1),
        (1, 0, 0, 0),
        (1, 1, 2, 0),
    ]
    found = by_version(answers)
    assert found.n_pairable.tolist() == [2, 1, 0]
    assert found.prevalence.n_yes.tolist() == [[1, 2, 1], [0, 1, 1], [0, 0, 0]]
    assert found.raw_agreement[:2].tolist() == [0.5, 0.0]
    assert np.isnan([found.raw_agreement[2], found.alpha[2]]).all()
    # Inside version 0: one equal pair of two. Between 0 and 1: four pairs on item 0, two are equal.
    pairs = equal_pairs(answers)
    assert pairs.n_yes.tolist() == [[1, 2, 0], [2, 0, 0], [0, 0, 0]]
    assert pairs.n.tolist() == [[2, 4, 0], [4, 1, 0], [0, 0, 0]]
    assert np.isnan(pairs.share[2]).all()
    assert found.change.difference[1, 0].tolist() == [-0.25, 0.0, 0.25]
    assert np.isnan(found.change.difference[2]).all()


def test_who_answers_an_item_again_is_no_pair_with_themself() -> None:
    found = equal_pairs([(0, 0, 1, 0), (0, 0, 2, 1), (0, 1, 2, 1)])
    assert found.n.tolist() == [[0, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert found.n_yes.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_without_answers_all_is_undefined() -> None:
    found = by_version([])
    assert found.n_pairable.tolist() == [0, 0, 0]
    for figure in (found.alpha, found.prevalence.share, found.change.lower, equal_pairs([]).share):
        assert np.isnan(figure).all()


@pytest.mark.parametrize(("answer", "name"), [((0, 0, 3, 0), "value"), ((0, 0, 0, 3), "version")])
def test_indexes_out_of_range_are_refused(answer: Answer, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        by_version([answer])


def simulated(changed_share: float, shift: float) -> tuple[VersionAgreement, Shares]:
    """1,500 items by four annotators: the first 500 by version 0, the last 500 by 1, between them by both.

    Version 1 calls `changed_share` of what was 0 a 1; the items' own share of 1 grows by `shift`.
    """
    rng = np.random.default_rng(12)
    n_items = 1500
    item, annotator = np.repeat(np.arange(n_items), 4), np.tile(np.arange(4), n_items)
    truth = (rng.random(n_items) < 0.3 + shift * np.arange(n_items) / n_items).astype(np.int64)
    is_changed = (truth == 0) & (rng.random(n_items) < changed_share)
    version = np.select([item < 500, item >= 1000], [0, 1], annotator % 2)
    true = np.where((version == 1) & is_changed[item], 1, truth[item])
    value = np.where(rng.random(item.size) < 0.05, 1 - true, true)
    return (
        agreement_by_version(item, value, version, 2, 2, Level.NOMINAL),
        equal_pairs_by_version(item, annotator, value, version, 2),
    )


def test_a_change_of_the_guideline_is_seen_in_the_pairs_between_versions() -> None:
    found, pairs = simulated(changed_share=0.3, shift=0.0)
    assert found.change.lower[1, 0, 1] > 0.1
    assert pairs.upper[0, 1] < min(pairs.lower[0, 0], pairs.lower[1, 1])


def test_other_items_alone_change_the_prevalence_and_not_the_pairs() -> None:
    found, pairs = simulated(changed_share=0.0, shift=0.4)
    assert found.change.lower[1, 0, 1] > 0.1
    assert pairs.lower[0, 1] < pairs.share[0, 0] < pairs.upper[0, 1]


def test_versions_that_differ_in_nothing_raise_no_alarm() -> None:
    found, _ = simulated(changed_share=0.0, shift=0.0)
    assert found.change.lower[1, 0, 1] < 0 < found.change.upper[1, 0, 1]
    assert found.alpha.tolist() == pytest.approx([0.78, 0.78], abs=0.05)


ANSWERS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
    max_size=25,
    unique_by=lambda answer: (answer[0], answer[1], answer[3]),
)


@settings(deadline=None)
@given(ANSWERS)
def test_pairs_are_those_counted_one_by_one(answers: list[Answer]) -> None:
    n, n_equal = np.zeros((3, 3)), np.zeros((3, 3))
    for one, other in combinations(answers, 2):
        if one[0] == other[0] and one[1] != other[1]:
            for v, w in {(one[3], other[3]), (other[3], one[3])}:
                n[v, w] += 1
                n_equal[v, w] += one[2] == other[2]
    found = equal_pairs(answers)
    assert np.array_equal(found.n, n)
    assert np.array_equal(found.n_yes, n_equal)


@settings(deadline=None)
@given(ANSWERS)
def test_each_version_is_what_its_answers_alone_give(answers: list[Answer]) -> None:
    found = by_version(answers)
    for version in range(3):
        alone = [answer for answer in answers if answer[3] == version]
        item, _, value, _ = np.array(alone, np.int64).reshape(-1, 4).T
        counts = count_values(item, value, 4, 3)
        expected = np.array([raw_agreement(counts), krippendorff_alpha(counts, Level.NOMINAL)], np.float64)
        ours = np.array([found.raw_agreement[version], found.alpha[version]])
        assert np.allclose(ours, expected, equal_nan=True, atol=1e-12)


@settings(deadline=None)
@given(ANSWERS)
def test_the_order_of_answers_does_not_matter(answers: list[Answer]) -> None:
    one, other = by_version(answers), by_version(answers[::-1])
    assert np.array_equal(one.alpha, other.alpha, equal_nan=True)
    assert np.array_equal(one.change.lower, other.change.lower, equal_nan=True)
    assert np.array_equal(one.change.difference, -np.swapaxes(one.change.difference, 0, 1), equal_nan=True)
