"""Strengths of models: against SciPy's optimiser, the truth behind simulated ones, and what is undefined."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from app.agreement.measures.bradley_terry import (
    FIRST,
    PSEUDO_WINS,
    SECOND,
    TIE,
    bradley_terry,
    chance_preferred,
    count_comparisons,
)
from app.agreement.measures.counts import Counts, Matrix

Comparisons = tuple[Counts, Counts]


def random_comparisons(seed: int, n_models: int, *, with_ties: bool) -> Comparisons:
    """1 to 19 wins each way, and up to 9 ties, of every two models."""
    random = np.random.default_rng(seed)
    wins = random.integers(1, 20, (n_models, n_models))
    ties = np.triu(random.integers(0, 10, wins.shape), 1) * with_ties
    np.fill_diagonal(wins, 0)
    return wins, ties + ties.T


def log_likelihood(parameters: Matrix, wins: Counts | Matrix, ties: Counts | Matrix) -> float:
    """Davidson's, comparison by comparison. `parameters`: log strengths, then the log tie parameter."""
    strength, tie = np.exp(parameters[:-1]), np.exp(parameters[-1]) if ties.any() else 0.0
    total = 0.0
    for i in range(len(wins)):
        for j in range(len(wins)):
            if i != j:
                tied = tie * np.sqrt(strength[i] * strength[j])
                chances = strength[i] + strength[j] + tied
                total += wins[i, j] * np.log(strength[i] / chances)
                if i < j and ties[i, j]:
                    total += ties[i, j] * np.log(tied / chances)
    return float(total)


def by_optimiser(wins: Counts | Matrix, ties: Counts | Matrix) -> tuple[Matrix, float]:
    """(log strengths with mean 0, tie parameter)."""
    start = np.zeros(len(wins) + 1)
    found = minimize(
        lambda parameters: -log_likelihood(parameters, wins, ties),
        start,
        method="BFGS",
        jac="3-point",
        options={"gtol": 1e-8},
    ).x
    return found[:-1] - found[:-1].mean(), float(np.exp(found[-1])) if ties.any() else 0.0


@st.composite
def any_comparisons(draw: st.DrawFn) -> Comparisons:
    """1 to 5 models with 0 to 3, or 1,000, wins and ties a pair, most of them 0."""
    n_models = draw(st.integers(1, 5))
    cells = st.lists(st.sampled_from([0, 0, 0, 1, 3, 1000]), min_size=n_models**2, max_size=n_models**2)
    wins, ties = (np.array(draw(cells)).reshape(n_models, n_models) for _ in range(2))
    np.fill_diagonal(wins, 0)
    ties = np.triu(ties, 1)
    return wins, ties + ties.T


@pytest.mark.parametrize("with_ties", [True, False], ids=["with ties", "without"])
@pytest.mark.parametrize("seed", range(5))
def test_strengths_equal_the_optimisers(seed: int, with_ties: bool) -> None:
    wins, ties = random_comparisons(seed, 2 + seed, with_ties=with_ties)
    found = bradley_terry(wins, ties)
    log_strength, tie = by_optimiser(wins, ties)
    assert found.has_converged
    assert not found.has_pseudo_wins
    assert found.is_connected
    assert found.log_strength.tolist() == pytest.approx(log_strength.tolist(), abs=1e-6)
    assert found.tie == pytest.approx(tie, abs=1e-6)


@pytest.mark.parametrize("with_ties", [True, False], ids=["with ties", "without"])
def test_errors_are_those_of_the_curvature_at_the_peak(with_ties: bool) -> None:
    wins, ties = random_comparisons(3, 4, with_ties=with_ties)
    found = bradley_terry(wins, ties)
    peak = np.append(found.log_strength, np.log(found.tie) if with_ties else 0.0)
    n, step = len(peak), 1e-3
    curvature = np.empty((n, n))
    for i, j in np.ndindex(n, n):
        corners = [
            sign_i
            * sign_j
            * log_likelihood(peak + step * (sign_i * np.eye(n)[i] + sign_j * np.eye(n)[j]), wins, ties)
            for sign_i in (1, -1)
            for sign_j in (1, -1)
        ]
        curvature[i, j] = -sum(corners) / (4 * step**2)
    covariance = np.linalg.pinv(curvature, rcond=1e-6)[:-1, :-1]
    assert np.allclose(found.covariance, covariance, rtol=1e-3, atol=1e-6)
    assert found.standard_error.tolist() == pytest.approx(np.sqrt(np.diagonal(covariance)).tolist(), rel=1e-3)


def test_errors_tell_how_far_simulated_strengths_are_off() -> None:
    truth = np.array([0.8, 0.3, -0.2, -0.9])
    random = np.random.default_rng(11)
    first, second = np.triu_indices(4, 1)
    chances = np.array(
        [np.exp(truth[first]), np.exp(truth[second]), 0.7 * np.exp((truth[first] + truth[second]) / 2)]
    )
    chances /= chances.sum(axis=0)
    n_held = 0
    for _ in range(300):
        outcomes = np.array([random.multinomial(60, pair) for pair in chances.T])
        wins, ties = np.zeros((4, 4), np.int64), np.zeros((4, 4), np.int64)
        wins[first, second], wins[second, first], ties[first, second] = outcomes.T
        found = bradley_terry(wins, ties + ties.T)
        n_held += int((np.abs(found.log_strength - truth) < 1.96 * found.standard_error).sum())
    assert 0.93 < n_held / 1200 < 0.97


def test_many_ties_elsewhere_do_not_lead_too_far() -> None:
    # From equal strengths, a whole step of Newton's leads to where the likelihood is flat.
    wins, ties = np.zeros((3, 3), np.int64), np.zeros((3, 3), np.int64)
    wins[0, 1], ties[1, 2], ties[2, 1] = 50, 2000, 2000
    found = bradley_terry(wins, ties)
    log_strength, tie = by_optimiser(wins + PSEUDO_WINS * (wins + wins.T + ties > 0), ties)
    assert found.has_converged
    assert found.log_strength.tolist() == pytest.approx(log_strength.tolist(), rel=1e-4)
    assert found.tie == pytest.approx(tie, rel=1e-4)


@given(comparisons=any_comparisons())
@settings(deadline=None)
def test_any_comparisons_end_at_a_peak(comparisons: Comparisons) -> None:
    wins, ties = comparisons
    found = bradley_terry(wins, ties)
    is_compared = (wins + wins.T + ties) > 0
    assert found.has_converged
    assert (np.isnan(found.log_strength) == ~is_compared.any(axis=1)).all()
    assert np.isnan(found.tie) == (not is_compared.any())
    assert found.is_connected == (np.unique(found.component).size == 1)
    for component in np.unique(found.component[is_compared.any(axis=1)]):
        assert found.log_strength[found.component == component].mean() == pytest.approx(0, abs=1e-9)
    # At the peak every model wins and ties as often as the model expects.
    won = wins + PSEUDO_WINS * is_compared if found.has_pseudo_wins else wins
    n = won + won.T + ties
    chance = np.nan_to_num(chance_preferred(found))
    tied = np.where(is_compared, 1 - chance - chance.T, 0)
    assert np.allclose((n * (chance + tied / 2)).sum(axis=1), (won + ties / 2).sum(axis=1), atol=1e-5)
    assert (n * tied).sum() == pytest.approx(ties.sum(), abs=1e-5)


@given(comparisons=any_comparisons(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_models_changes_nothing(comparisons: Comparisons, random: Random) -> None:
    wins, ties = comparisons
    order = list(range(len(wins)))
    random.shuffle(order)
    found, moved = bradley_terry(wins, ties), bradley_terry(wins[order][:, order], ties[order][:, order])
    assert moved.log_strength.tolist() == pytest.approx(
        found.log_strength[order].tolist(), abs=1e-6, nan_ok=True
    )
    assert moved.tie == pytest.approx(found.tie, rel=1e-5, nan_ok=True)
    assert moved.has_pseudo_wins == found.has_pseudo_wins


@given(comparisons=any_comparisons())
@settings(deadline=None)
def test_turning_every_win_around_turns_the_strengths_around(comparisons: Comparisons) -> None:
    wins, ties = comparisons
    found, turned = bradley_terry(wins, ties), bradley_terry(wins.T, ties)
    assert turned.log_strength.tolist() == pytest.approx(
        (-found.log_strength).tolist(), abs=1e-6, nan_ok=True
    )


def test_ten_times_the_comparisons_give_the_same_strengths_and_smaller_errors() -> None:
    wins, ties = random_comparisons(1, 4, with_ties=True)
    found, more = bradley_terry(wins, ties), bradley_terry(10 * wins, 10 * ties)
    assert more.log_strength.tolist() == pytest.approx(found.log_strength.tolist(), abs=1e-6)
    assert (more.standard_error * np.sqrt(10)).tolist() == pytest.approx(
        found.standard_error.tolist(), abs=1e-6
    )


def test_models_that_no_chain_of_comparisons_links_are_not_compared() -> None:
    wins = np.zeros((5, 5), np.int64)
    wins[0, 2], wins[2, 0], wins[1, 3], wins[3, 1] = 3, 1, 1, 2
    found = bradley_terry(wins, np.zeros_like(wins))
    assert found.component.tolist() == [0, 1, 0, 1, 2]
    assert not found.is_connected
    assert not found.has_pseudo_wins
    half = np.log(3) / 2
    assert found.log_strength.tolist() == pytest.approx(
        [half, -np.log(2) / 2, -half, np.log(2) / 2, np.nan], nan_ok=True
    )
    chance = chance_preferred(found)
    assert (chance[0, 2], chance[3, 1]) == (pytest.approx(3 / 4), pytest.approx(2 / 3))
    assert np.isnan(chance[0, [0, 1, 3, 4]]).all()
    assert np.isnan(found.covariance[0, [1, 3, 4]]).all()
    assert np.isnan(found.standard_error).tolist() == [False, False, False, False, True]


@pytest.mark.parametrize("n_ties", [0, 1])
def test_a_model_that_only_wins_gets_finite_strength_from_pseudo_wins(n_ties: int) -> None:
    wins = np.array([[0, 4, 4], [0, 0, 2], [0, 2, 0]])
    ties = np.array([[0, 0, 0], [0, 0, n_ties], [0, n_ties, 0]])
    found = bradley_terry(wins, ties)
    assert found.has_pseudo_wins
    assert found.has_converged
    assert found.log_strength[0] > found.log_strength[1] == pytest.approx(found.log_strength[2])
    by_hand, _ = by_optimiser(wins + PSEUDO_WINS * (1 - np.eye(3)), ties)
    assert found.log_strength.tolist() == pytest.approx(by_hand.tolist(), abs=1e-6)


def test_ties_that_an_order_explains_without_exception_need_pseudo_wins_too() -> None:
    # Every model can be reached from every other, but with A, C, B one step apart each and the tie parameter
    # growing with the step, every outcome only becomes more likely.
    wins = np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    ties = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    found = bradley_terry(wins, ties)
    assert found.has_pseudo_wins
    assert found.has_converged
    # A second win the other way contradicts that order.
    assert not bradley_terry(wins + wins.T, ties).has_pseudo_wins


def test_models_that_always_tie_are_equally_strong() -> None:
    ties = np.array([[0, 5], [5, 0]])
    found = bradley_terry(np.zeros((2, 2), np.int64), ties)
    assert found.has_pseudo_wins
    assert found.log_strength.tolist() == [0.0, 0.0]
    assert found.tie == pytest.approx(2 * 5 / (2 * PSEUDO_WINS))


def test_without_ties_the_tie_parameter_is_zero() -> None:
    found = bradley_terry(np.array([[0, 3], [1, 0]]), np.zeros((2, 2), np.int64))
    assert found.tie == 0.0
    assert found.log_strength.tolist() == pytest.approx([np.log(3) / 2, -np.log(3) / 2])


@pytest.mark.parametrize("n_models", [0, 1, 3])
def test_without_comparisons_all_is_undefined(n_models: int) -> None:
    none = np.zeros((n_models, n_models), np.int64)
    found = bradley_terry(none, none)
    assert np.isnan(found.log_strength).all()
    assert np.isnan(found.standard_error).all()
    assert np.isnan(found.tie)
    assert np.isnan(chance_preferred(found)).all()
    assert found.component.tolist() == list(range(n_models))
    assert not found.has_pseudo_wins


def test_it_counts_comparisons_and_leaves_a_model_against_itself_out() -> None:
    first, second = np.array([0, 1, 0, 2, 1, 1]), np.array([1, 0, 1, 0, 2, 1])
    outcome = np.array([FIRST, FIRST, SECOND, TIE, SECOND, TIE])
    wins, ties = count_comparisons(first, second, outcome, 3)
    assert wins.tolist() == [[0, 1, 0], [2, 0, 0], [0, 1, 0]]
    assert ties.tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]


@pytest.mark.parametrize(("first", "second", "outcome"), [(3, 0, 0), (0, -1, 0), (0, 1, 3), (0, 1, -1)])
def test_it_refuses_to_count_what_is_no_comparison(first: int, second: int, outcome: int) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        count_comparisons(np.array([first]), np.array([second]), np.array([outcome]), 3)
    with pytest.raises(ValueError, match="must have the same length"):
        count_comparisons(np.array([0]), np.array([1, 1]), np.array([0]), 3)


@pytest.mark.parametrize(
    ("wins", "ties", "words"),
    [
        ([[0, 1]], [[0, 1]], "must both have shape"),
        ([[0, 1], [1, 0]], [[0]], "must both have shape"),
        ([[0, -1], [1, 0]], [[0, 0], [0, 0]], "must not be negative"),
        ([[1, 1], [1, 0]], [[0, 0], [0, 0]], "not compared with itself"),
        ([[0, 1], [1, 0]], [[0, 2], [1, 0]], "must be symmetric"),
    ],
)
def test_it_refuses_what_is_no_table_of_comparisons(
    wins: list[list[int]], ties: list[list[int]], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        bradley_terry(np.array(wins), np.array(ties))
