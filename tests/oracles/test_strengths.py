"""Bradley and Terry's strengths against crowd-kit and evalica, Davidson's with ties against SciPy.

crowd-kit and evalica know no ties and scale strengths to a sum of 1; ours are compared on that scale. Both
climb by fixed-point iterations: ended late enough they are at 1e-9. Neither handles what has no finite
strengths, where ours adds pseudo-wins, so every two models here have won against each other.
"""

import evalica
import numpy as np
import pandas
import pytest
from crowdkit.aggregation import BradleyTerry
from scipy.optimize import root

from app.agreement.measures.bradley_terry import (
    FIRST,
    SECOND,
    TIE,
    Strengths,
    bradley_terry,
    chance_preferred,
    count_comparisons,
)
from app.agreement.measures.counts import Counts, Matrix
from tests.oracles.crowds import exactly

SEEDS = pytest.mark.parametrize("seed", range(10))


def random_comparisons(seed: int, *, ties: bool) -> tuple[Counts, Counts, Counts, int]:
    """(first, second, outcome, n_models); every two models win against each other at least once."""
    random = np.random.default_rng(seed)
    n_models = int(random.integers(3, 9))
    strength = random.normal(0, 1, n_models)
    first, second = random.integers(0, n_models, (2, 60 * n_models))
    is_first = random.random(first.size) < 1 / (1 + np.exp(strength[second] - strength[first]))
    outcome = np.where(is_first, FIRST, SECOND)
    if ties:
        outcome[random.random(first.size) < 0.25] = TIE
    each, other = np.nonzero(~np.eye(n_models, dtype=bool))
    first, second = np.append(first, each), np.append(second, other)
    outcome = np.append(outcome, np.full(each.size, FIRST))
    differs = first != second
    return first[differs], second[differs], outcome[differs], n_models


def shares_of(strengths: Strengths) -> Matrix:
    strength: Matrix = np.exp(strengths.log_strength)
    strength /= strength.sum()
    return strength


@SEEDS
def test_strengths_are_those_of_crowd_kit(seed: int) -> None:
    first, second, outcome, n_models = random_comparisons(seed, ties=False)
    ours = bradley_terry(*count_comparisons(first, second, outcome, n_models))
    winner = np.where(outcome == FIRST, first, second)
    rows = pandas.DataFrame({"left": first, "right": second, "label": winner})
    # By its own tolerance it ends after two iterations: it compares an array with itself.
    theirs = BradleyTerry(n_iter=5000, tol=-1).fit_predict(rows).sort_index().to_numpy()
    assert shares_of(ours) == exactly(theirs)
    assert not ours.has_pseudo_wins


@SEEDS
def test_strengths_are_those_of_evalica(seed: int) -> None:
    first, second, outcome, n_models = random_comparisons(seed, ties=False)
    ours = bradley_terry(*count_comparisons(first, second, outcome, n_models))
    winners = [evalica.Winner.X if won == FIRST else evalica.Winner.Y for won in outcome.tolist()]
    # Its tolerance is also what it adds to every cell of wins, so none is 0: it has to be far below ours.
    theirs = evalica.bradley_terry(first.tolist(), second.tolist(), winners, tolerance=1e-14, limit=100_000)
    scores = theirs.scores.sort_index().to_numpy()
    assert shares_of(ours) == exactly(scores / scores.sum())


@SEEDS
def test_strengths_with_ties_are_where_scipy_finds_what_was_seen_to_be_expected(seed: int) -> None:
    """At the peak of the likelihood every model's points, and all ties, are as many as the model expects."""
    first, second, outcome, n_models = random_comparisons(seed, ties=True)
    wins, ties = count_comparisons(first, second, outcome, n_models)
    ours = bradley_terry(wins, ties)
    n = wins + wins.T + ties

    def chances(strength: Matrix, tie: float) -> tuple[Matrix, Matrix]:
        mean = np.sqrt(np.outer(strength, strength))
        total = strength[:, np.newaxis] + strength + tie * mean
        return strength[:, np.newaxis] / total, tie * mean / total

    def missing(parameters: Matrix) -> Matrix:
        won, tied = chances(np.exp(parameters[:-1]), np.exp(parameters[-1]))
        points = (wins + ties / 2).sum(axis=1) - (n * (won + tied / 2)).sum(axis=1)
        points[0] = parameters[:-1].mean()  # all points sum to what was seen anyhow; this fixes the level
        return np.append(points, (ties - n * tied).sum())

    found = root(missing, np.zeros(n_models + 1), tol=1e-13)
    assert ours.log_strength == exactly(found.x[:-1])
    assert ours.tie == exactly(np.exp(found.x[-1]))
    preferred, _ = chances(np.exp(found.x[:-1]), np.exp(found.x[-1]))
    np.fill_diagonal(preferred, np.nan)
    assert chance_preferred(ours) == exactly(preferred)
