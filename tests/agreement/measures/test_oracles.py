"""The same figures by other people's packages, on random answers of which many are missing.

Skipped where a package is not installed; none is needed to run the platform. krippendorff is GPL and irrCAC
wants an old SciPy, so they get an environment of their own, with irrCAC installed without its dependencies.
"""

from typing import Any

import numpy as np
import pytest

from app.agreement.measures.alpha import krippendorff_alpha
from app.agreement.measures.counts import Counts, Level, Matrix, count_values
from app.agreement.measures.fleiss import fleiss_kappa
from app.agreement.measures.gwet import gwet_ac1, gwet_ac2
from app.agreement.measures.masi import masi_alpha, set_answers
from app.agreement.measures.patterns import label_patterns
from tests.agreement.measures.matrices import LEVELS, same

N_VALUES = 4
SEEDS = pytest.mark.parametrize("seed", range(20))


def random_answers(seed: int) -> Counts:
    """One row an item, one column an annotator, -1 where there is no answer; the first two differ."""
    random = np.random.default_rng(seed)
    n_items, n_annotators = int(random.integers(5, 40)), int(random.integers(2, 7))
    true = random.integers(0, N_VALUES, (n_items, 1))
    wrong = random.integers(0, N_VALUES, (n_items, n_annotators))
    answers = np.where(random.random(wrong.shape) < 0.6, true, wrong)
    answers[random.random(wrong.shape) < 0.35] = -1
    answers[:2, :2] = [[0, 0], [1, 0]]
    return answers


def long_form(answers: Counts) -> tuple[Counts, Counts]:
    item, annotator = np.nonzero(answers >= 0)
    return item, answers[item, annotator]


def counts_of(answers: Counts) -> Counts:
    return count_values(*long_form(answers), len(answers), N_VALUES)


def with_gaps(answers: Counts) -> Matrix:
    return np.where(answers < 0, np.nan, answers)


@pytest.mark.parametrize("weights", ["identity", "quadratic"])
@SEEDS
def test_fleiss_and_gwet_are_those_of_irrcac(seed: int, weights: str) -> None:
    raw: Any = pytest.importorskip("irrCAC.raw")
    pandas: Any = pytest.importorskip("pandas")
    answers = random_answers(seed)
    theirs = raw.CAC(
        pandas.DataFrame(with_gaps(answers)),
        weights=weights,
        categories=[float(value) for value in range(N_VALUES)],
        digits=15,
    )
    counts, ranks = counts_of(answers), np.arange(N_VALUES)
    if weights == "quadratic":
        closeness = 1 - np.square((ranks[:, np.newaxis] - ranks) / (N_VALUES - 1))
        assert gwet_ac2(counts, closeness) == same(theirs.gwet()["est"]["coefficient_value"])
    else:
        assert gwet_ac1(counts) == same(theirs.gwet()["est"]["coefficient_value"])
        assert fleiss_kappa(counts) == same(theirs.fleiss()["est"]["coefficient_value"])


@LEVELS
@SEEDS
def test_alpha_is_that_of_krippendorff(seed: int, level: Level) -> None:
    theirs: Any = pytest.importorskip("krippendorff")
    answers = random_answers(seed)
    alpha = theirs.alpha(
        reliability_data=with_gaps(answers).T, level_of_measurement=str(level), value_domain=range(N_VALUES)
    )
    assert krippendorff_alpha(counts_of(answers), level) == same(alpha)


@SEEDS
def test_alpha_of_sets_is_that_of_nltk(seed: int) -> None:
    agreement: Any = pytest.importorskip("nltk.metrics.agreement")
    distance: Any = pytest.importorskip("nltk.metrics.distance")
    answers = random_answers(seed)
    masks = np.array([0b0001, 0b0011, 0b0110, 0b1111])  # none is empty: nltk divides by zero
    sets = [frozenset(bit for bit in range(4) if mask >> bit & 1) for mask in masks.tolist()]
    item, annotator = np.nonzero(answers >= 0)
    given = answers[item, annotator]
    rows = zip(annotator.tolist(), item.tolist(), (sets[value] for value in given), strict=True)
    theirs = agreement.AnnotationTask(list(rows), distance=distance.masi_distance).alpha()
    patterns = label_patterns(item, given, len(answers))
    assert masi_alpha(set_answers(patterns, masks)) == same(theirs)
