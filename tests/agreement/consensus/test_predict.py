"""Posteriors of answers under a model that was fitted to others."""

import numpy as np
import pytest

from app.agreement.consensus.dawid_skene import DEFAULT_PRIOR, Posterior, Prior, dawid_skene
from app.agreement.consensus.predict import UNKNOWN, posterior_of_answers
from app.agreement.measures.counts import Counts, Matrix
from tests.agreement.consensus.patients import N_CLASSES, N_OBSERVERS, N_PATIENTS, patients

PRIORS = pytest.mark.parametrize("prior", [Prior(), Prior.none()])


def fitted(prior: Prior = DEFAULT_PRIOR) -> Posterior:
    return dawid_skene(*patients(), N_PATIENTS, N_OBSERVERS, N_CLASSES, prior=prior)


def of_answers(
    model: Posterior, *triples: tuple[int, int, int], n_items: int = 1, prior: Prior = DEFAULT_PRIOR
) -> Matrix:
    columns: list[Counts] = list(np.array(triples, dtype=np.int64).reshape(-1, 3).T)
    return posterior_of_answers(model, columns[0], columns[1], columns[2], n_items, prior=prior)


@PRIORS
def test_the_answers_it_was_fitted_to_get_bit_for_bit_what_the_model_says(prior: Prior) -> None:
    model = fitted(prior)
    assert posterior_of_answers(model, *patients(), N_PATIENTS).tobytes() == model.of_item.tobytes()


def test_new_answers_follow_bayes_rule() -> None:
    model = fitted()
    joint = model.prevalence * model.confusion[0, :, 2] * model.confusion[3, :, 1]
    found = of_answers(model, (1, 3, 1), (1, 0, 2), n_items=2)
    assert found[1] == pytest.approx(joint / joint.sum())


@PRIORS
def test_an_item_without_answers_gets_the_prevalence(prior: Prior) -> None:
    model = fitted(prior)
    assert of_answers(model, n_items=2).tolist() == [model.prevalence.tolist()] * 2


def test_somebody_unknown_answers_as_the_prior_says_of_everybody() -> None:
    model = fitted()
    joint = model.prevalence * np.array([4, 1 / 3, 1 / 3, 1 / 3])
    assert of_answers(model, (0, UNKNOWN, 0))[0] == pytest.approx(joint / joint.sum())


def test_without_a_prior_somebody_unknown_tells_nothing() -> None:
    model = fitted(Prior.none())
    found = of_answers(model, (0, UNKNOWN, 3), prior=Prior.none())
    assert found[0] == pytest.approx(model.prevalence)


def test_two_unknown_annotators_count_as_two() -> None:
    model = fitted()
    one, two = of_answers(model, (0, UNKNOWN, 3), (1, UNKNOWN, 3), (1, UNKNOWN, 3), n_items=2)
    assert two[3] > one[3] > model.prevalence[3]


def test_answers_that_the_model_calls_impossible_have_no_posterior() -> None:
    """No observer ever confuses class 1 with class 4, and without a prior never stays never."""
    found = of_answers(fitted(Prior.none()), (0, 1, 0), (0, 1, 3))
    assert np.isnan(found).all()


@pytest.mark.parametrize("answer", [(1, 0, 0), (0, 6, 0), (0, -2, 0), (0, 0, 4)])
def test_it_refuses_answers_out_of_range(answer: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"must lie in 0\.\."):
        of_answers(fitted(), answer)
