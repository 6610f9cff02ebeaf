"""One coin and MACE: the truth among spammers, who the spammers are, and the corner cases of both."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.consensus.dawid_skene import Prior, dawid_skene
from app.agreement.consensus.mace import mace
from app.agreement.consensus.one_coin import Competences, one_coin
from app.agreement.consensus.predict import posterior_of_answers
from app.agreement.measures.counts import Counts, count_values
from tests.agreement.consensus.patients import N_CLASSES, N_OBSERVERS, N_PATIENTS, patients

Fit = Callable[[Counts, Counts, Counts, int, int, int], Competences]
BOTH = pytest.mark.parametrize("fit", [one_coin, mace])
N_HONEST, N_SPAMMERS, N_ITEMS = 4, 6, 400
N_ANNOTATORS = N_HONEST + N_SPAMMERS
COMPETENCE = 0.8  # of the honest ones, who guess else


def crowd(n_values: int, spammers_say: list[int | None]) -> tuple[Counts, Counts]:
    """The truth, and what everybody says of each item, shape (n_items, n_annotators).

    `spammers_say`: always the same value, or, where None, any.
    """
    random = np.random.default_rng(5)
    truth = random.integers(0, n_values, N_ITEMS)
    said = random.integers(0, n_values, (N_ITEMS, N_ANNOTATORS))
    copies = random.random((N_ITEMS, N_HONEST)) < COMPETENCE
    said[:, :N_HONEST] = np.where(copies, truth[:, np.newaxis], said[:, :N_HONEST])
    for spammer, value in enumerate(spammers_say):
        if value is not None:
            said[:, N_HONEST + spammer] = value
    return truth, said


def found(fit: Fit, said: Counts, n_values: int) -> Competences:
    item, annotator = np.indices(said.shape).reshape(2, -1)
    return fit(item, annotator, said.ravel(), len(said), said.shape[1], n_values)


def share_right_of_majority(said: Counts, truth: Counts, n_values: int) -> float:
    item = np.indices(said.shape)[0]
    counts = count_values(item.ravel(), said.ravel(), len(said), n_values)
    return float(np.mean(counts.argmax(axis=1) == truth))


@BOTH
@pytest.mark.parametrize("n_values", [2, 3, 5])
def test_among_those_who_say_anything_it_is_right_more_often_than_the_majority(
    fit: Fit, n_values: int
) -> None:
    truth, said = crowd(n_values, [None] * N_SPAMMERS)
    competences = found(fit, said, n_values)
    share_right = np.mean(competences.model.of_item.argmax(axis=1) == truth)
    assert share_right > share_right_of_majority(said, truth, n_values) + 0.01
    assert competences.of_annotator[:N_HONEST].min() > competences.of_annotator[N_HONEST:].max() + 0.2


@pytest.mark.parametrize("n_values", [2, 3])
def test_mace_knows_spammers_who_always_say_the_same(n_values: int) -> None:
    truth, said = crowd(n_values, [0, 1, 0, 1, None, None])
    competences = found(mace, said, n_values)
    share_right = np.mean(competences.model.of_item.argmax(axis=1) == truth)
    assert share_right > share_right_of_majority(said, truth, n_values) + 0.02
    assert competences.of_annotator[:N_HONEST] == pytest.approx(np.full(N_HONEST, COMPETENCE), abs=0.1)
    assert competences.of_annotator[N_HONEST:].max() < 0.1


def test_mace_learns_what_is_rare_where_the_paper_takes_all_values_for_equally_likely() -> None:
    random = np.random.default_rng(3)
    truth = (random.random(N_ITEMS) < 0.1).astype(np.int64)
    said = random.integers(0, 2, (N_ITEMS, 6))
    said[:, :4] = np.where(random.random((N_ITEMS, 4)) < 0.7, truth[:, np.newaxis], said[:, :4])
    learned, as_published = (found(fit, said, 2).model for fit in (mace, partial(mace, pseudo_items=None)))
    assert learned.prevalence[1] == pytest.approx(0.1, abs=0.03)
    assert as_published.prevalence.tolist() == [0.5, 0.5]
    share_right = [np.mean(model.of_item.argmax(axis=1) == truth) for model in (learned, as_published)]
    assert share_right[0] > share_right[1]


def test_one_coin_learns_how_often_each_annotator_is_right() -> None:
    truth, said = crowd(3, [None] * N_SPAMMERS)
    competences = found(one_coin, said, 3)
    assert competences.of_annotator == pytest.approx(np.mean(said == truth[:, np.newaxis], axis=0), abs=0.04)


def test_one_coin_is_never_likelier_than_a_whole_confusion() -> None:
    sizes = (N_PATIENTS, N_OBSERVERS, N_CLASSES)
    one = one_coin(*patients(), *sizes, prior=Prior.none()).model
    whole = dawid_skene(*patients(), *sizes, prior=Prior.none())
    assert one.log_likelihood < whole.log_likelihood


def test_one_coins_competence_is_the_posteriors_share_of_right_answers() -> None:
    """And that of the pseudo-answers, once an annotator; observer 1's three answers count three times."""
    competences = one_coin(*patients(), N_PATIENTS, N_OBSERVERS, N_CLASSES)
    patient, observer, said = patients()
    is_right = competences.model.of_item[patient, said]
    n_right = np.bincount(observer, is_right) + 4
    assert competences.of_annotator == pytest.approx(n_right / (np.bincount(observer) + 5), abs=1e-5)


def test_maces_competence_and_guesses_follow_from_the_posterior() -> None:
    """One more M step by the paper's formulas, answer by answer."""
    competences = mace(*patients(), N_PATIENTS, N_OBSERVERS, N_CLASSES)
    patient, observer, said = patients()
    confusion = competences.model.confusion
    guess = confusion[observer, (said + 1) % N_CLASSES, said]
    is_guess = 1 - competences.model.of_item[patient, said] * (1 - guess / confusion[observer, said, said])
    n_guessed, n_said = np.bincount(observer, is_guess), np.bincount(observer)
    assert competences.of_annotator == pytest.approx((n_said - n_guessed + 0.5) / (n_said + 1), abs=1e-3)
    of_first = np.bincount(said[observer == 0], is_guess[observer == 0], N_CLASSES) + 0.1
    assert guess[observer == 0] / (1 - competences.of_annotator[0]) == pytest.approx(
        (of_first / of_first.sum())[said[observer == 0]], abs=1e-3
    )


@BOTH
def test_a_fitted_model_predicts_what_it_was_fitted_to(fit: Fit) -> None:
    model = fit(*patients(), N_PATIENTS, N_OBSERVERS, N_CLASSES).model
    assert posterior_of_answers(model, *patients(), N_PATIENTS).tobytes() == model.of_item.tobytes()


@pytest.mark.parametrize(("fit", "competence"), [(one_coin, 0.8), (mace, 0.5)])
def test_without_answers_everybody_is_as_the_prior_has_them(fit: Fit, competence: float) -> None:
    none = np.empty(0, dtype=np.int64)
    competences = fit(none, none, none, 2, 3, 4)
    assert competences.of_annotator == pytest.approx(np.full(3, competence))
    assert competences.model.of_item.tolist() == [[0.25] * 4] * 2
    assert (competences.model.has_converged, competences.model.log_likelihood) == (True, 0)


@pytest.mark.parametrize(("fit", "competence"), [(one_coin, 0.8), (mace, 0.5)])
def test_an_annotator_without_answers_is_as_the_prior_has_them(fit: Fit, competence: float) -> None:
    said = np.arange(60).reshape(-1, 1) % 2 * np.ones((1, 3), dtype=np.int64)
    item, annotator = np.indices(said.shape).reshape(2, -1)
    competences = fit(item, annotator, said.ravel(), 60, 4, 2)
    assert competences.of_annotator[3] == pytest.approx(competence)
    assert competences.of_annotator[:3].min() > 0.9


@BOTH
def test_an_item_without_answers_gets_the_prevalence(fit: Fit) -> None:
    said = np.zeros((3, 3), dtype=np.int64)
    item, annotator = np.indices(said.shape).reshape(2, -1)
    model = fit(item, annotator, said.ravel(), 4, 3, 2).model
    assert model.of_item[3].tolist() == model.prevalence.tolist()


@BOTH
@pytest.mark.parametrize("n_values", [2, 4])
def test_all_answers_alike_are_believed(fit: Fit, n_values: int) -> None:
    model = found(fit, np.ones((50, 3), dtype=np.int64), n_values).model
    assert model.of_item[:, 1].min() > 0.95


@BOTH
def test_one_annotator_alone_is_believed(fit: Fit) -> None:
    said = np.arange(40).reshape(-1, 1) % 2
    assert found(fit, said, 2).model.of_item.argmax(axis=1).tolist() == said.ravel().tolist()


@BOTH
def test_without_overlap_everybody_is_believed(fit: Fit) -> None:
    item = np.arange(40)
    model = fit(item, item % 4, item % 3 // 2, 40, 4, 2).model
    assert model.of_item.argmax(axis=1).tolist() == (item % 3 // 2).tolist()


def test_with_one_value_nobody_can_be_wrong_and_nobody_can_be_seen_to_guess() -> None:
    said = np.zeros((5, 3), dtype=np.int64)
    assert found(one_coin, said, 1).of_annotator.tolist() == [1, 1, 1]
    assert np.isnan(found(mace, said, 1).of_annotator).all()
    assert found(mace, said, 1).model.of_item.tolist() == [[1]] * 5


@BOTH
@given(said=st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=1, max_size=8))
@settings(deadline=None, max_examples=50)
def test_every_row_is_a_distribution_and_the_order_changes_no_bit(fit: Fit, said: list[list[int]]) -> None:
    answers = np.array(said, dtype=np.int64)
    item, annotator = np.indices(answers.shape).reshape(2, -1)
    sizes = (len(said), 3, 3)
    competences = fit(item, annotator, answers.ravel(), *sizes)
    backwards = fit(item[::-1], annotator[::-1], answers.ravel()[::-1], *sizes)
    assert competences.model.of_item.tobytes() == backwards.model.of_item.tobytes()
    assert competences.of_annotator.tobytes() == backwards.of_annotator.tobytes()
    for rows in (competences.model.of_item, competences.model.confusion, competences.model.prevalence):
        assert rows.sum(axis=-1) == pytest.approx(np.ones(rows.shape[:-1]))
    assert ((competences.of_annotator >= 0) & (competences.of_annotator <= 1)).all()
