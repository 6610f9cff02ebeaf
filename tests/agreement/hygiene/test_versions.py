"""Agreement by version, of the guideline or of the taxonomy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.versions import VersionAgreement, agreement_by_version
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Level, count_values

# (item, annotator, value, version)
Answer = tuple[int, int, int, int]


def by_version(answers: list[Answer]) -> VersionAgreement:
    """Of three values, three versions."""
    item, _, value, version = np.array(answers, np.int64).reshape(-1, 4).T
    return agreement_by_version(item, value, version, 3, 3, Level.NOMINAL)


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
    assert found.change.difference[1, 0].tolist() == [-0.25, 0.0, 0.25]
    assert np.isnan(found.change.difference[2]).all()


def test_without_answers_all_is_undefined() -> None:
    found = by_version([])
    assert found.n_pairable.tolist() == [0, 0, 0]
    for figure in (found.alpha, found.prevalence.share, found.change.lower):
        assert np.isnan(figure).all()


@pytest.mark.parametrize(("answer", "name"), [((0, 0, 3, 0), "value"), ((0, 0, 0, 3), "version")])
def test_indexes_out_of_range_are_refused(answer: Answer, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        by_version([answer])


def simulated(changed_share: float, shift: float) -> VersionAgreement:
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
    return agreement_by_version(item, value, version, 2, 2, Level.NOMINAL)


@pytest.mark.parametrize(("changed_share", "shift"), [(0.3, 0.0), (0.0, 0.4)])
def test_a_change_of_the_guideline_or_of_the_items_is_seen(changed_share: float, shift: float) -> None:
    assert simulated(changed_share, shift).change.lower[1, 0, 1] > 0.1


def test_versions_that_differ_in_nothing_raise_no_alarm() -> None:
    found = simulated(changed_share=0.0, shift=0.0)
    assert found.change.lower[1, 0, 1] < 0 < found.change.upper[1, 0, 1]
    assert found.alpha.tolist() == pytest.approx([0.78, 0.78], abs=0.05)


ANSWERS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
    max_size=25,
    unique_by=lambda answer: (answer[0], answer[1], answer[3]),
)


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
