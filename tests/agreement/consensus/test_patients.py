"""Dawid and Skene's own figures for their 45 patients, and what a prior changes in them."""

import numpy as np
import pytest

from app.agreement.consensus.dawid_skene import Posterior, Prior, dawid_skene
from tests.agreement.consensus.patients import N_CLASSES, N_OBSERVERS, N_PATIENTS, patients


def fitted(prior: Prior) -> Posterior:
    return dawid_skene(*patients(), N_PATIENTS, N_OBSERVERS, N_CLASSES, prior=prior)


def test_maximum_likelihood_gives_the_papers_class_marginals() -> None:
    assert fitted(Prior.none()).prevalence.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]


def test_maximum_likelihood_gives_the_papers_log_likelihood() -> None:
    model = fitted(Prior.none())
    assert model.has_converged
    assert round(model.log_likelihood, 2) == -192.89


def test_maximum_likelihood_gives_the_papers_error_rates_of_the_first_observer() -> None:
    """The observer who looked three times."""
    assert fitted(Prior.none()).confusion[0].round(2).tolist() == [
        [0.89, 0.11, 0.00, 0.00],
        [0.07, 0.88, 0.05, 0.00],
        [0.00, 0.34, 0.66, 0.00],
        [0.00, 0.00, 0.56, 0.44],
    ]


def test_a_prior_lowers_the_likelihood_the_less_the_weaker_it_is() -> None:
    assert fitted(Prior()).log_likelihood < fitted(Prior.none()).log_likelihood
    weak = fitted(Prior(0.004, 0.001, 0.001))
    assert weak.log_likelihood == pytest.approx(fitted(Prior.none()).log_likelihood, abs=0.05)


def test_the_likelihood_is_that_of_the_answers_under_the_model() -> None:
    """Answer by answer, as the paper's formula has it."""
    model = fitted(Prior())
    patient, observer, said = patients()
    of_answers = model.confusion[observer, :, said]
    log_likelihood = sum(
        np.log(model.prevalence @ of_answers[patient == one].prod(axis=0)) for one in range(N_PATIENTS)
    )
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=1e-9)


def test_an_observer_who_met_no_patient_of_a_class_has_no_error_rate_for_it() -> None:
    item, annotator, value = (np.array(column, dtype=np.int64) for column in ([0, 1], [0, 0], [0, 0]))
    model = dawid_skene(item, annotator, value, 2, 1, 2, prior=Prior.none())
    assert model.of_item.tolist() == [[1, 0], [1, 0]]
    assert model.prevalence.tolist() == [1, 0]
    assert model.confusion[0, 0].tolist() == [1, 0]
    assert np.isnan(model.confusion[0, 1]).all()
    assert model.log_likelihood == 0


def test_without_answers_and_without_a_prior_nothing_is_defined() -> None:
    none = np.empty(0, dtype=np.int64)
    model = dawid_skene(none, none, none, 2, 1, 3, prior=Prior.none())
    assert model.has_converged
    assert np.isnan(model.of_item).all()
    assert np.isnan(model.confusion).all()
    assert np.isnan(model.prevalence).all()
    assert model.log_likelihood == 0


@pytest.mark.parametrize("counts", [(-1, 1, 1), (4, -1, 1), (4, 1, -0.5)])
def test_a_negative_pseudo_count_is_refused(counts: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        Prior(*counts)
