"""The same figures by other packages, each test skipped where its package is not installed.

scikit-learn, statsmodels and choix are no part of any requirements file: install them beside the others to
run these tests.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from app.agreement.measures.bradley_terry import bradley_terry
from app.agreement.measures.counts import Counts
from app.agreement.measures.kappa import Kappa, cohen_kappa, linear_differences, quadratic_differences
from app.agreement.measures.versus import versus


def pairs_of_labels() -> Iterator[tuple[Counts, Counts, int]]:
    """Fifty times two sets of 30 to 200 labels with 2 to 5 values, alike in about two thirds of them."""
    random = np.random.default_rng(0)
    for _ in range(50):
        n_values, n = int(random.integers(2, 6)), int(random.integers(30, 200))
        first = random.integers(0, n_values, n)
        yield first, np.where(random.random(n) < 0.6, first, random.integers(0, n_values, n)), n_values


def kappas(first: Counts, second: Counts, n_values: int) -> Iterator[tuple[str | None, Kappa]]:
    """(name of the weights as both packages have it, our figures)."""
    table = np.bincount(first * n_values + second, minlength=n_values**2).reshape(n_values, n_values)
    yield None, cohen_kappa(table)
    yield "linear", cohen_kappa(table, linear_differences(n_values))
    yield "quadratic", cohen_kappa(table, quadratic_differences(n_values))


def test_kappa_is_that_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    for first, second, n_values in pairs_of_labels():
        for weights, found in kappas(first, second, n_values):
            assert found.kappa == pytest.approx(
                metrics.cohen_kappa_score(first, second, weights=weights), abs=1e-9
            )


def test_the_error_of_kappa_is_that_of_statsmodels() -> None:
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    for first, second, n_values in pairs_of_labels():
        table = np.bincount(first * n_values + second, minlength=n_values**2).reshape(n_values, n_values)
        for weights, found in kappas(first, second, n_values):
            theirs = inter_rater.cohens_kappa(table, wt=weights)
            assert found.standard_error == pytest.approx(theirs.std_kappa, abs=1e-9)


def test_precision_recall_and_f1_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    for first, second, n_values in pairs_of_labels():
        found = versus(first, second, n_values)
        theirs = metrics.precision_recall_fscore_support(first, second, average="macro", zero_division=0)
        ours = [found.macro_precision, found.macro_recall, found.macro_f1]
        assert ours == pytest.approx(list(theirs[:3]), abs=1e-9)


def test_strengths_without_ties_are_those_of_choix() -> None:
    choix = pytest.importorskip("choix")
    random = np.random.default_rng(0)
    for _ in range(20):
        n_models = int(random.integers(2, 8))
        wins = random.integers(1, 20, (n_models, n_models))
        np.fill_diagonal(wins, 0)
        comparisons = [pair for pair, n in np.ndenumerate(wins) for _ in range(n)]
        theirs = choix.opt_pairwise(n_models, comparisons, tol=1e-10)
        found = bradley_terry(wins, np.zeros_like(wins)).log_strength
        assert found.tolist() == pytest.approx((theirs - theirs.mean()).tolist(), abs=1e-6)
