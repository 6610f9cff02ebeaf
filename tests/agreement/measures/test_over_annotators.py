"""Intervals over annotators: against slow definitions, simulated coverage, and every degenerate case."""

from collections.abc import Callable
from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Counts, Level, Matrix, count_values
from app.agreement.measures.over_annotators import (
    OverAnnotators,
    bootstrap_over_annotators,
    jackknife_over_annotators,
)
from tests.agreement.measures.data_sets import in_long_form, pandalm_answers

Answers = list[tuple[int, int, int]]
N_ANNOTATORS, N_VALUES = 5, 3
LEVELS = pytest.mark.parametrize("level", list(Level))


def resampled(*arguments: object) -> OverAnnotators:
    return bootstrap_over_annotators(*arguments, seed=3, n_resamples=50)  # type: ignore[arg-type]


BOTH = pytest.mark.parametrize(
    "intervals", [jackknife_over_annotators, resampled], ids=["jackknife", "bootstrap"]
)


def columns(answers: Answers) -> tuple[Counts, Counts, Counts]:
    item, annotator, value = np.array(answers, np.int64).reshape(-1, 3).T
    return item, annotator, value


def any_answers() -> st.SearchStrategy[Answers]:
    """Up to 40 answers of 5 annotators to 8 items with 3 values, one an annotator and item."""
    answer = st.tuples(st.integers(0, 7), st.integers(0, N_ANNOTATORS - 1), st.integers(0, N_VALUES - 1))
    return st.lists(answer, max_size=40, unique_by=lambda answer: answer[:2])


def simulated(random: np.random.Generator, n_annotators: int, n_items: int) -> tuple[Counts, Counts, Counts]:
    """Three answers to each item; annotators are right in a share of answers of their own, Beta 8:2."""
    of_annotator = random.beta(8, 2, n_annotators)
    truth = random.choice(4, n_items, p=[0.55, 0.2, 0.15, 0.1])
    annotator = random.random((n_items, n_annotators)).argsort(axis=1)[:, :3]
    is_right = random.random(annotator.shape) < of_annotator[annotator]
    wrong = (truth[:, np.newaxis] + random.integers(1, 4, annotator.shape)) % 4
    value = np.where(is_right, truth[:, np.newaxis], wrong)
    return np.repeat(np.arange(n_items), 3), annotator.ravel(), value.ravel()


def true_alpha() -> float:
    """Of all the annotators and items there could be, of which `simulated` draws: .492.

    Two different annotators err independently, so each said value has the chance of the mean annotator.
    """
    mean = np.full((4, 4), 0.2 / 3)
    np.fill_diagonal(mean, 0.8)
    pairs = np.einsum("t,tv,tw->vw", [0.55, 0.2, 0.15, 0.1], mean, mean)
    shares = pairs.sum(axis=0)
    return float(1 - (1 - np.trace(pairs)) / (1 - np.square(shares).sum()))


def nominal_alpha(coincidences: Matrix) -> float:
    totals = coincidences.sum(axis=0)
    expected = totals.sum() ** 2 - np.square(totals).sum()
    if not expected:
        return float("nan")
    return float(1 - (totals.sum() - 1) * (totals.sum() - np.trace(coincidences)) / expected)


def alpha_of_weighted_annotators(answers: Answers, weights: list[int]) -> float:
    """Nominal alpha with every pair of answers weighing the product of its annotators' weights."""
    coincidences = np.zeros((N_VALUES, N_VALUES))
    for item in {answer[0] for answer in answers}:
        said = [answer for answer in answers if answer[0] == item]
        for (_, a, v), (_, b, w) in permutations(said, 2):
            coincidences[v, w] += weights[a] * weights[b] / (len(said) - 1)
    return nominal_alpha(coincidences.round(12))


def same(figure: float) -> object:
    return pytest.approx(figure, abs=1e-9, nan_ok=True)


@LEVELS
@BOTH
@given(answers=any_answers())
@settings(deadline=None, max_examples=50)
def test_figures_are_those_of_the_answers(
    intervals: Callable[..., OverAnnotators], level: Level, answers: Answers
) -> None:
    item, annotator, value = columns(answers)
    found = intervals(item, annotator, value, N_ANNOTATORS, N_VALUES, level)
    counts = count_values(item, value, 8, N_VALUES)
    assert found.alpha == same(float(krippendorff_alpha(counts, level)))
    assert found.raw_agreement == same(float(raw_agreement(counts)))


@given(answers=any_answers())
@example(answers=[(2, 0, 1), (2, 1, 2), (2, 2, 0), (2, 3, 0)])
@settings(deadline=None, max_examples=50)
def test_the_jackknife_leaves_each_annotator_out_in_turn(answers: Answers) -> None:
    found = jackknife_over_annotators(*columns(answers), N_ANNOTATORS, N_VALUES, Level.NOMINAL)
    sharing = sorted({a for item, a, _ in answers if sum(item == other[0] for other in answers) >= 2})
    alphas = [
        alpha_of_weighted_annotators(answers, [int(a != left_out) for a in range(N_ANNOTATORS)])
        for left_out in sharing
    ]
    assert found.n_annotators == len(sharing)
    assert found.n_undefined == np.isnan(alphas).sum()
    if len(sharing) < 2 or np.isnan(alphas).any():
        assert np.isnan([found.alpha_lower, found.alpha_upper]).all()
    else:
        students_t = {2: 12.7062047362, 3: 4.3026527297, 4: 3.1824463053, 5: 2.7764451052}[len(sharing)]
        reach = students_t * np.sqrt(np.var(alphas) * (len(sharing) - 1))
        assert found.alpha_lower == same(max(found.alpha - reach, -1))
        assert found.alpha_upper == same(min(found.alpha + reach, 1))


def test_the_bootstrap_weighs_pairs_by_how_often_annotators_were_drawn() -> None:
    random = np.random.default_rng(4)
    answers = [(i, int(a), int(v)) for i in range(30) for a, v in enumerate(random.integers(0, 3, 5))]
    found = bootstrap_over_annotators(*columns(answers), 5, 3, Level.NOMINAL, seed=9, n_resamples=40)
    drawn = np.random.default_rng(9).multinomial(5, [0.2] * 5, 40)
    alphas = [alpha_of_weighted_annotators(answers, weights) for weights in drawn.tolist()]
    assert found.n_undefined == np.isnan(alphas).sum()
    assert (found.alpha_lower, found.alpha_upper) == tuple(
        same(bound) for bound in np.nanquantile(alphas, [0.025, 0.975]).tolist()
    )


def test_many_values_go_through_in_several_parts_and_give_the_same() -> None:
    random = np.random.default_rng(5)
    answers = [(i, int(a), int(v)) for i in range(60) for a, v in enumerate(random.integers(0, 3, 40))]
    few = bootstrap_over_annotators(*columns(answers), 40, 3, Level.NOMINAL, seed=1, n_resamples=300)
    many = bootstrap_over_annotators(*columns(answers), 40, 40, Level.NOMINAL, seed=1, n_resamples=300)
    assert (many.alpha_lower, many.raw_upper) == (same(few.alpha_lower), same(few.raw_upper))


@BOTH
@given(answers=any_answers(), random=st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_order_of_answers_and_the_numbers_of_items_change_no_bit(
    intervals: Callable[..., OverAnnotators], answers: Answers, random: Random
) -> None:
    shuffled = [(7 - item, annotator, value) for item, annotator, value in answers]
    random.shuffle(shuffled)
    found = intervals(*columns(answers), N_ANNOTATORS, N_VALUES, Level.ORDINAL)
    assert repr(intervals(*columns(shuffled), N_ANNOTATORS, N_VALUES, Level.ORDINAL)) == repr(found)


@given(answers=any_answers(), order=st.permutations(range(N_ANNOTATORS)))
@settings(deadline=None, max_examples=50)
def test_the_jackknife_ignores_what_annotators_are_called(answers: Answers, order: list[int]) -> None:
    found = jackknife_over_annotators(*columns(answers), N_ANNOTATORS, N_VALUES, Level.NOMINAL)
    renamed = [(item, order[annotator], value) for item, annotator, value in answers]
    again = jackknife_over_annotators(*columns(renamed), N_ANNOTATORS, N_VALUES, Level.NOMINAL)
    assert (again.alpha_lower, again.raw_upper) == (same(found.alpha_lower), same(found.raw_upper))


def test_a_seed_fixes_the_bootstrap() -> None:
    answers = simulated(np.random.default_rng(1), 10, 100)
    first, again, other = (
        bootstrap_over_annotators(*answers, 10, 4, Level.NOMINAL, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.alpha == other.alpha
    assert first.alpha_lower != other.alpha_lower


def test_both_intervals_are_about_as_wide_with_many_annotators() -> None:
    answers = simulated(np.random.default_rng(1), 60, 3000)
    by_jackknife = jackknife_over_annotators(*answers, 60, 4, Level.NOMINAL)
    by_bootstrap = bootstrap_over_annotators(*answers, 60, 4, Level.NOMINAL, seed=1)
    width = by_jackknife.alpha_upper - by_jackknife.alpha_lower
    assert by_bootstrap.alpha_upper - by_bootstrap.alpha_lower == pytest.approx(width, rel=0.2)
    assert by_jackknife.n_undefined == by_bootstrap.n_undefined == 0


@pytest.mark.parametrize(
    ("n_annotators", "least_by_jackknife", "least_by_bootstrap"), [(30, 0.9, 0.87), (8, 0.88, 0.7)]
)
def test_intervals_hold_the_truth_about_as_often_as_they_say(
    n_annotators: int, least_by_jackknife: float, least_by_bootstrap: float
) -> None:
    truth, held = true_alpha(), np.zeros(2)
    for seed in range(150):
        answers = simulated(np.random.default_rng(seed), n_annotators, 800)
        by_jackknife = jackknife_over_annotators(*answers, n_annotators, 4, Level.NOMINAL)
        by_bootstrap = bootstrap_over_annotators(
            *answers, n_annotators, 4, Level.NOMINAL, seed=seed, n_resamples=300
        )
        held += [found.alpha_lower <= truth <= found.alpha_upper for found in (by_jackknife, by_bootstrap)]
    assert held[0] / 150 >= least_by_jackknife
    assert held[1] / 150 >= least_by_bootstrap


def test_pandalm_annotators_give_an_interval_even_if_three_are_few() -> None:
    found = jackknife_over_annotators(*in_long_form(pandalm_answers()), 3, 3, Level.NOMINAL)
    assert round(found.alpha, 5) == 0.86422
    assert found.alpha_lower < found.alpha < found.alpha_upper
    assert found.n_annotators == 3


@BOTH
def test_without_answers_that_meet_all_is_undefined(intervals: Callable[..., OverAnnotators]) -> None:
    for answers in ([], [(0, 0, 1), (1, 1, 1)]):
        found = intervals(*columns(answers), 3, 2, Level.NOMINAL)
        figures = [found.alpha, found.alpha_lower, found.alpha_upper]
        assert np.isnan([*figures, found.raw_agreement, found.raw_lower, found.raw_upper]).all()
        assert found.n_annotators == 0


@BOTH
def test_with_one_value_alone_alpha_is_undefined_and_raw_agreement_is_not(
    intervals: Callable[..., OverAnnotators],
) -> None:
    answers = [(item, annotator, 1) for item in range(4) for annotator in range(5)]
    found = intervals(*columns(answers), 5, 2, Level.NOMINAL)
    assert np.isnan([found.alpha, found.alpha_lower, found.alpha_upper]).all()
    assert (found.raw_agreement, found.raw_lower, found.raw_upper) == (1.0, 1.0, 1.0)


@BOTH
def test_an_annotator_without_overlap_changes_nothing(intervals: Callable[..., OverAnnotators]) -> None:
    item, annotator, value = simulated(np.random.default_rng(2), 6, 50)
    found = intervals(item, annotator, value, 6, 4, Level.NOMINAL)
    with_loner = (np.append(item, 99), np.append(annotator, 6), np.append(value, 0))
    assert intervals(*with_loner, 7, 4, Level.NOMINAL) == found


def test_two_annotators_give_no_interval_by_the_jackknife() -> None:
    found = jackknife_over_annotators(
        *columns([(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1)]), 2, 2, Level.NOMINAL
    )
    assert (found.alpha, found.n_undefined) == (1.0, 2)
    assert np.isnan([found.alpha_lower, found.alpha_upper, found.raw_lower, found.raw_upper]).all()


def test_a_figure_that_hangs_on_one_annotator_has_no_interval_by_the_jackknife() -> None:
    answers = [(item, annotator, item % 2) for item in range(6) for annotator in (0, 1 + item % 3)]
    found = jackknife_over_annotators(*columns(answers), 4, 2, Level.NOMINAL)
    assert (found.alpha, found.n_undefined) == (1.0, 1)
    assert np.isnan([found.alpha_lower, found.alpha_upper]).all()


@BOTH
def test_it_refuses_answers_outside_the_tables(intervals: Callable[..., OverAnnotators]) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        intervals(*columns([(0, 3, 0)]), 3, 2, Level.NOMINAL)
