"""Fleiss' kappa and Gwet's AC1 and AC2: published values, corner cases, and their definitions."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings

from app.agreement.measures.alpha import krippendorff_alpha
from app.agreement.measures.counts import Counts, Level, Matrix
from app.agreement.measures.fleiss import fleiss_kappa
from app.agreement.measures.gwet import gwet_ac1, gwet_ac2
from tests.agreement.measures.matrices import (
    BEN_AND_GERRY,
    FOUR_OBSERVERS,
    MEG_AND_OWEN,
    NOTHING_TO_COMPARE,
    as_counts,
    count_matrices,
    counts_of_observers,
    same,
)

# J. L. Fleiss, "Measuring nominal scale agreement among many raters" (1971), table 1: six psychiatrists'
# diagnoses of thirty patients (depression, personality disorder, schizophrenia, neurosis, other).
PSYCHIATRISTS = [
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006",
    "10050 11040 03300 10050 02031 00501 30012 51000 02040 10203",
    "00006 01050 02013 20040 10041 05010 40002 02040 10500 00006",
]
# Wikipedia, "Fleiss' kappa", section "Worked example": fourteen raters, ten subjects.
FOURTEEN_RATERS = as_counts(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)
# Feinstein and Cicchetti's two tables (see test_specific_agreement.py).
EVEN, SKEWED = np.array([45, 15, 40]), np.array([5, 15, 80])
TWO_ANNOTATORS = as_counts([[2, 0], [1, 1], [0, 2]])


def psychiatrists_counts() -> Counts:
    return as_counts([[int(n) for n in patient] for line in PSYCHIATRISTS for patient in line.split()])


def quadratic(n_values: int) -> Matrix:
    ranks = np.arange(n_values)
    return 1 - np.square((ranks[:, np.newaxis] - ranks) / max(n_values - 1, 1))


def by_definition(counts: Counts, closeness: Matrix) -> tuple[float, list[float]]:
    """Observed agreement and the values' shares, one item and one ordered pair after the other."""
    items = [[v for v, n in enumerate(row) for _ in range(n)] for row in counts.tolist()]
    agreeing = [
        np.mean([closeness[pair] for pair in permutations(given, 2)]) for given in items if len(given) >= 2
    ]
    shares = [[given.count(v) / len(given) for given in items if given] for v in range(counts.shape[1])]
    return float(np.mean(agreeing)), [float(np.mean(share)) for share in shares]


def test_it_gives_fleiss_kappa_of_the_psychiatrists() -> None:
    counts = psychiatrists_counts()
    assert counts.sum(axis=0).tolist() == [26, 26, 30, 55, 43]
    assert round(float(fleiss_kappa(counts)), 3) == 0.430


def test_it_gives_fleiss_kappa_of_fourteen_raters() -> None:
    assert round(float(fleiss_kappa(FOURTEEN_RATERS)), 3) == 0.210


def test_it_gives_the_published_figures_of_four_raters_with_missing_answers() -> None:
    # Gwet, "Handbook of Inter-Rater Reliability", 4th edition (2014), on the same answers as Krippendorff's.
    counts = counts_of_observers(FOUR_OBSERVERS)
    assert round(float(gwet_ac1(counts)), 5) == 0.77544
    assert round(float(fleiss_kappa(counts)), 5) == 0.76117


@pytest.mark.parametrize(("weight", "kappa"), [(EVEN, 0.70), (SKEWED, 0.32)])
def test_it_falls_with_prevalence_as_the_paradox_says(weight: Counts, kappa: float) -> None:
    # Published as Cohen's kappa; Fleiss' is within .005 of it here, as both annotators give like shares.
    assert float(fleiss_kappa(TWO_ANNOTATORS, weight)) == pytest.approx(kappa, abs=0.01)


def test_ac1_does_not_fall_with_prevalence() -> None:
    even, skewed = gwet_ac1(TWO_ANNOTATORS, np.array([EVEN, SKEWED]))
    # By hand: shares of yes are .475 and .875, so chance is 2 p (1 - p).
    assert even == pytest.approx((0.85 - 0.49875) / (1 - 0.49875))
    assert skewed == pytest.approx((0.85 - 0.21875) / (1 - 0.21875))


@pytest.mark.parametrize("observers", [MEG_AND_OWEN, BEN_AND_GERRY])
def test_of_complete_answers_kappa_is_alpha_with_the_first_answer_put_back(observers: list[str]) -> None:
    counts = counts_of_observers(observers)
    alpha, n_answers = krippendorff_alpha(counts, Level.NOMINAL), counts.sum()
    assert fleiss_kappa(counts) == pytest.approx(1 - (1 - alpha) * n_answers / (n_answers - 1))


def test_where_everybody_gives_one_value_kappa_is_undefined_and_ac1_is_one() -> None:
    counts = as_counts([[3, 0], [2, 0], [1, 0]])
    assert np.isnan(fleiss_kappa(counts))
    assert gwet_ac1(counts) == 1.0


def test_ac1_is_undefined_with_one_value_on_offer() -> None:
    assert np.isnan(gwet_ac1(as_counts([[3], [2]])))


def test_ac1_falls_with_fewer_values_on_offer() -> None:
    counts = as_counts([[3, 1, 0], [0, 4, 0]])
    assert gwet_ac1(counts) > gwet_ac1(counts[:, :2])


@NOTHING_TO_COMPARE
def test_they_are_undefined_where_no_two_answers_meet(counts: Counts) -> None:
    assert np.isnan(fleiss_kappa(counts))
    assert np.isnan(gwet_ac1(counts))


def test_credit_for_neighbouring_severities_raises_agreement() -> None:
    counts = as_counts([[3, 0, 0], [0, 1, 2], [1, 2, 0]])
    assert gwet_ac2(counts, quadratic(3)) > gwet_ac1(counts) == gwet_ac2(counts, np.eye(3))


def test_credit_for_everything_makes_agreement_perfect() -> None:
    assert gwet_ac2(as_counts([[2, 1, 0], [0, 1, 1]]), np.ones((3, 3))) == pytest.approx(1)


@given(counts=count_matrices(least_values=2).filter(lambda counts: counts.sum(axis=1).max() >= 2))
@settings(deadline=None)
def test_they_equal_their_definitions_pair_by_pair(counts: Counts) -> None:
    n_values = counts.shape[1]
    observed, shares = by_definition(counts, np.eye(n_values))
    by_shares = sum(share**2 for share in shares)
    kappa = np.nan if np.isclose(by_shares, 1) else (observed - by_shares) / (1 - by_shares)
    assert fleiss_kappa(counts) == same(kappa)
    by_guessing = sum(share * (1 - share) for share in shares) / (n_values - 1)
    assert gwet_ac1(counts) == same((observed - by_guessing) / (1 - by_guessing))


@given(counts=count_matrices(least_values=2).filter(lambda counts: counts.sum(axis=1).max() >= 2))
@settings(deadline=None)
def test_ac2_equals_its_definition_pair_by_pair(counts: Counts) -> None:
    n_values, closeness = counts.shape[1], quadratic(counts.shape[1])
    observed, shares = by_definition(counts, closeness)
    spread = sum(share * (1 - share) for share in shares)
    by_guessing = spread * closeness.sum() / (n_values * (n_values - 1))
    assert gwet_ac2(counts, closeness) == same((observed - by_guessing) / (1 - by_guessing))
