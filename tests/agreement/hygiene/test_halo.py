"""Halo: found where somebody's two answers go together more than the crowd's, not where they are careless."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.halo import Halo, count_halo, halo

FIRST, SECOND, TIE, NONE = 0, 1, 2, -1
HALOED, CARELESS = 4, 7


def halo_of(rows: list[tuple[int, int, int, int]], n_items: int, n_annotators: int) -> Halo:
    """Rows of (item, annotator, helpful, harmless)."""
    item, annotator, helpful, harmless = np.array(rows, np.int64).reshape(-1, 4).T
    return halo(count_halo(item, annotator, helpful, harmless, n_items, n_annotators))


def crowd(rng: np.random.Generator, true_share: float, halo_chance: float, *, hard: bool = False) -> Halo:
    """600 items by ten annotators each; one is careless, one has a halo in this share of items.

    `hard`: a third of the items, on which all err three times as often.
    """
    n_items, n_annotators = 600, 10
    item = np.repeat(np.arange(n_items), n_annotators)
    annotator = np.tile(np.arange(n_annotators), n_items)
    helpful = rng.integers(0, 2, n_items)
    harmless = np.where(rng.random(n_items) < true_share, helpful, 1 - helpful)
    wrong = np.where(annotator == CARELESS, 0.35, 0.1)
    if hard:
        wrong = np.minimum(wrong * np.where(item % 3 == 0, 3, 1), 0.4)
    said_helpful = np.abs(helpful[item] - (rng.random(item.size) < wrong))
    said_harmless = np.abs(harmless[item] - (rng.random(item.size) < wrong))
    is_haloed = (annotator == HALOED) & (rng.random(item.size) < halo_chance)
    said_harmless = np.where(is_haloed, said_helpful, said_harmless)
    return halo(count_halo(item, annotator, said_helpful, said_harmless, n_items, n_annotators))


def test_a_hand_computed_example() -> None:
    # Annotator 0 says the same twice on both items; the others, on the second item alone.
    rows = [(0, 0, FIRST, FIRST), (0, 1, FIRST, SECOND), (0, 2, FIRST, SECOND)]
    rows += [(1, 0, SECOND, SECOND), (1, 1, FIRST, FIRST), (1, 2, FIRST, FIRST)]
    found = halo_of(rows, 2, 4)
    assert found.own.n.tolist() == [2, 0, 0, 0]
    assert (found.own.n_yes[0], found.crowd.n_yes[0]) == (2, 1)
    assert found.excess.difference[0] == 0.5
    assert np.isnan(found.excess.difference[1:]).all()


def test_others_who_are_even_or_absent_and_ties_are_no_preference() -> None:
    even = [(0, 0, FIRST, FIRST), (0, 1, FIRST, FIRST), (0, 2, SECOND, FIRST)]
    alone = [(1, 0, FIRST, FIRST)]
    tied = [(2, 0, FIRST, TIE), (2, 1, FIRST, FIRST), (2, 2, FIRST, FIRST)]
    assert halo_of(even + alone + tied, 3, 3).own.n[0] == 0


def test_who_gave_one_ranking_alone_counts_for_the_crowd_alone() -> None:
    rows = [(0, 0, FIRST, SECOND), (0, 1, FIRST, NONE), (0, 2, NONE, SECOND)]
    found = halo_of(rows, 1, 3)
    assert found.own.n.tolist() == [1, 0, 0]
    assert found.crowd.share[0] == found.own.share[0] == 0


def test_no_answers_give_no_figures() -> None:
    assert np.isnan(halo_of([], 0, 3).excess.difference).all()


def test_an_answer_outside_the_items_is_refused() -> None:
    with pytest.raises(ValueError, match="item"):
        halo_of([(1, 0, FIRST, FIRST)], 1, 1)
    with pytest.raises(ValueError, match="annotator"):
        halo_of([(0, 1, FIRST, FIRST)], 1, 1)


def test_joint_mistakes_by_hand() -> None:
    # Annotator 0: on four items where the crowd's answers are the same, wrong in both or in none; on four
    # where they differ, wrong in one of the two. Always the same answer twice, so all mistakes are a halo's.
    said = [(FIRST, FIRST), (FIRST, FIRST), (SECOND, SECOND), (SECOND, SECOND)] * 2
    of_others = [(FIRST, FIRST)] * 4 + [(FIRST, SECOND)] * 4
    rows = [(item, 0, *own) for item, own in enumerate(said)]
    rows += [(item, 1, *others) for item, others in enumerate(of_others)]
    found = halo_of(rows, 8, 2)
    assert (found.own.share[0], found.crowd.share[0]) == (1.0, 0.5)
    assert found.excess.difference[0] == found.joint_mistakes.difference[0] == 0.5
    # The mean of two kinds of items, each with a variance of 1/4 and three degrees of freedom.
    half = 1.959964 * (1 / 4 / 3 * 2) ** 0.5 / 2
    assert found.joint_mistakes.lower[0] == pytest.approx(0.5 - half)
    assert found.joint_mistakes.upper[0] == pytest.approx(0.5 + half)


def test_joint_mistakes_need_items_of_both_kinds() -> None:
    rows = [(item, who, FIRST, FIRST) for item in range(5) for who in range(2)]
    assert np.isnan(halo_of(rows, 5, 2).joint_mistakes.difference).all()
    rows += [(5, 0, FIRST, SECOND), (5, 1, FIRST, SECOND)]
    found = halo_of(rows, 6, 2).joint_mistakes
    assert found.difference.tolist() == [0, 0]
    assert np.isnan([found.lower, found.upper]).all()


@pytest.mark.parametrize("true_share", [0.25, 0.6, 0.8])
def test_a_halo_is_found_and_only_there(true_share: float) -> None:
    rng = np.random.default_rng(2)
    found = np.array([crowd(rng, true_share, 0.6).joint_mistakes.lower > 0 for _ in range(20)])
    assert found[:, HALOED].all()
    assert np.delete(found, HALOED, axis=1).mean() < 0.05


def test_the_excess_is_what_the_halo_adds() -> None:
    found = crowd(np.random.default_rng(2), 0.6, 0.6)
    assert found.excess.lower[HALOED] > 0
    # Had nobody erred: .6 + .4 * .6 - .6.
    assert found.excess.difference[HALOED] == pytest.approx(0.22, abs=0.06)
    assert found.crowd.share[HALOED] == pytest.approx(0.6, abs=0.06)


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("true_share", [0.25, 0.5, 0.75])
def test_clean_crowds_raise_no_more_alarms_than_they_should(true_share: float, hard: bool) -> None:
    rng = np.random.default_rng(4)
    found = [crowd(rng, true_share, 0.0, hard=hard).joint_mistakes.lower > 0 for _ in range(40)]
    assert np.mean(found) < 0.06


def test_the_careless_lie_on_the_side_of_a_half_and_that_is_no_halo() -> None:
    together, apart = (crowd(np.random.default_rng(4), share, 0.0) for share in (0.8, 0.2))
    assert together.excess.upper[CARELESS] < 0 < apart.excess.lower[CARELESS]
    for found in (together, apart):
        assert found.joint_mistakes.lower[CARELESS] < 0 < found.joint_mistakes.upper[CARELESS]


ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(-1, 2), st.integers(-1, 2)),
    unique_by=lambda row: row[:2],
)


@settings(deadline=None)
@given(ROWS)
def test_neither_the_order_of_answers_nor_which_response_is_first_matters(
    rows: list[tuple[int, int, int, int]],
) -> None:
    one = halo_of(rows, 5, 4)
    other = halo_of([(item, who, turn(x), turn(y)) for item, who, x, y in reversed(rows)], 5, 4)
    assert one.own.n_yes.tolist() == other.own.n_yes.tolist()
    assert one.crowd.n_yes.tolist() == other.crowd.n_yes.tolist()
    assert np.array_equal(one.excess.upper, other.excess.upper, equal_nan=True)
    assert np.allclose(one.joint_mistakes.lower, other.joint_mistakes.lower, equal_nan=True)


def turn(preference: int) -> int:
    return 1 - preference if preference in (FIRST, SECOND) else preference
