"""Agreement by period: each period as if it were alone, and changes seen where they happened."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.over_time import AgreementOverTime, agreement_over_time, period_of_items
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Level, count_values

# (item, value, period)
Answer = tuple[int, int, int]


def over_time(answers: list[Answer], n_items: int = 6, n_periods: int = 3) -> AgreementOverTime:
    item, value, period = np.array(answers, np.int64).reshape(-1, 3).T
    return agreement_over_time(item, value, period, n_items, 3, n_periods, Level.ORDINAL)


def test_an_item_belongs_to_the_period_of_its_latest_answer() -> None:
    item, period = np.array([0, 0, 1, 3, 3]), np.array([0, 2, 1, 1, 0])
    assert period_of_items(item, period, 4, 3).tolist() == [2, 1, -1, 1]


def test_a_hand_computed_example() -> None:
    answers = [(0, 0, 0), (0, 0, 2), (1, 1, 0), (1, 2, 0), (2, 1, 2), (2, 1, 2), (3, 0, 2)]
    found = over_time(answers)
    assert found.n_items.tolist() == [1, 0, 3]
    assert found.n_pairable.tolist() == [1, 0, 2]
    assert found.prevalence.n_yes.tolist() == [[0, 1, 1], [0, 0, 0], [3, 2, 0]]
    assert found.prevalence.n.tolist() == [[2] * 3, [0] * 3, [5] * 3]
    assert np.isnan(found.prevalence.share[1]).all()
    assert found.raw_agreement[[0, 2]].tolist() == [0, 1]
    assert found.alpha[[0, 2]].tolist() == pytest.approx([0, 1])
    assert np.isnan([found.raw_agreement[1], found.alpha[1]]).all()


def test_without_answers_every_period_is_undefined() -> None:
    for n_items in (0, 2):
        found = over_time([], n_items)
        assert found.n_items.tolist() == [0, 0, 0]
        assert np.isnan(found.alpha).all()
        assert np.isnan(found.prevalence.share).all()
    assert over_time([], 0, 0).alpha.shape == (0,)


def test_one_answer_an_item_has_a_prevalence_and_no_agreement() -> None:
    found = over_time([(0, 1, 0), (1, 2, 0)])
    assert found.prevalence.share[0].tolist() == [0, 0.5, 0.5]
    assert np.isnan([found.raw_agreement[0], found.alpha[0]]).all()


def test_indexes_out_of_range_are_refused() -> None:
    for answer, name in (((6, 0, 0), "item"), ((0, 3, 0), "value"), ((0, 0, 3), "period")):
        with pytest.raises(ValueError, match=name):
            over_time([answer])
    with pytest.raises(ValueError, match="length"):
        period_of_items(np.array([0]), np.array([0, 0]), 1, 1)


def test_a_fall_of_agreement_is_seen_in_its_period() -> None:
    rng = np.random.default_rng(9)
    item = np.repeat(np.arange(3000), 3)
    period = item // 1000
    truth = rng.integers(0, 3, 3000)[item]
    is_wrong = rng.random(item.size) < np.array([0.05, 0.4, 0.05])[period]
    value = np.where(is_wrong, rng.integers(0, 3, item.size), truth)
    found = agreement_over_time(item, value, period, 3000, 3, 3, Level.NOMINAL)
    assert found.alpha[1] < 0.5 < 0.85 < min(found.alpha[0], found.alpha[2])
    assert ((found.prevalence.lower < 0.36) & (found.prevalence.upper > 0.30)).all()


ANSWERS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 2)), max_size=25)


@settings(deadline=None)
@given(ANSWERS)
def test_each_period_is_what_its_items_alone_give(answers: list[Answer]) -> None:
    found = over_time(answers)
    item, value, period = np.array(answers, np.int64).reshape(-1, 3).T
    period_of = period_of_items(item, period, 6, 3)
    for which in range(3):
        counts = count_values(item, value, 6, 3)[period_of == which]
        assert found.n_items[which] == len(counts)
        expected = [raw_agreement(counts), krippendorff_alpha(counts, Level.ORDINAL)]
        ours = [found.raw_agreement[which], found.alpha[which]]
        assert np.allclose(ours, np.array(expected, np.float64), equal_nan=True, atol=1e-12)


@settings(deadline=None)
@given(ANSWERS)
def test_the_order_of_answers_does_not_matter(answers: list[Answer]) -> None:
    one, other = over_time(answers), over_time(answers[::-1])
    assert np.array_equal(one.alpha, other.alpha, equal_nan=True)
    assert np.array_equal(one.prevalence.lower, other.prevalence.lower, equal_nan=True)
