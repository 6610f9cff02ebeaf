"""Majority, Dawid-Skene, one coin and MACE against crowd-kit.

The models are fitted by the same steps from the same start, so they are compared after as many iterations,
to 1e-9, and ours with its own pseudo-counts as well, by crowd-kit's steps. What differs:
- We round counts of answers to 9 decimals after each step (consensus/em.py), so they are off by up to
  5e-10. Over few answers and many iterations posteriors can be off by some of these: they are compared to
  1e-8 there.
- crowd-kit takes counts and shares below 1e-10 for 1e-10, we let them be 0 without a prior. Who never said
  a value of items that are certain is then told apart otherwise, by up to all. So plain maximum likelihood
  is not compared on crowds who have that: those who mostly answer alone, and those with a rare value.
- crowd-kit ends when its likelihood stands still, we when the posteriors do; here neither ends before it is
  told to.
- crowd-kit's MACE starts at random and smooths all by one number, where we take one start and the paper's
  priors, so its whole fit is not ours. Its two steps are: from our parameters its E step must give our
  posteriors, and its counts, with our pseudo-counts, our parameters.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import pytest
from crowdkit.aggregation import MACE, DawidSkene, MajorityVote, OneCoinDawidSkene

from app.agreement.consensus import dawid_skene as dawid_skene_module
from app.agreement.consensus.dawid_skene import DEFAULT_PRIOR, Prior, dawid_skene
from app.agreement.consensus.mace import (
    COPIED_PSEUDO_ANSWERS,
    GUESSED_PSEUDO_ANSWERS,
    GUESSES_OF_EACH_VALUE,
    mace,
)
from app.agreement.consensus.majority import Tie, majority_values
from app.agreement.consensus.one_coin import one_coin
from app.agreement.measures.counts import Counts, Matrix
from tests.oracles.crowds import ANY_ANSWERS, CROWDS, N_SEEDS, Answers, Crowd, drawn, exactly

# pandas warns of what crowd-kit asks of it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

N_ITERATIONS = pytest.mark.parametrize("n_iterations", [1, 2, 5, 20])
# Many answers by everybody, and wrong ones of each kind.
LARGE = [
    Crowd(2000, 6, (0.5, 0.5), 0.3, 0.4),
    Crowd(2000, 6, (0.8, 0.2), 0.0, 0.5),
    Crowd(3000, 5, (0.5, 0.2, 0.2, 0.1), 0.2, 0.5),
    Crowd(3000, 12, (0.4, 0.3, 0.3), 0.6, 0.5),
]
LARGE_CROWDS = pytest.mark.parametrize(
    "answers",
    [drawn(crowd, seed) for seed, crowd in enumerate(LARGE)],
    ids=["even", "uneven", "four", "sparse"],
)


@pytest.fixture
def stop_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda n: monkeypatch.setattr(dawid_skene_module, "MOST_ITERATIONS", n)


def rows_of(answers: Answers) -> Any:
    item, annotator, value = answers.long_form()
    return pandas.DataFrame({"task": item, "worker": annotator, "label": value})


def sizes(answers: Answers) -> tuple[int, int, int]:
    return (*answers.table.shape, answers.n_values)


def in_order(probabilities: Any, answers: Answers) -> Matrix:
    """Those of a frame of tasks and labels, of the items with answers; 0 for a value that nobody gives."""
    whole = probabilities.reindex(columns=range(answers.n_values), fill_value=0.0).sort_index()
    shares: Matrix = whole.to_numpy(dtype=np.float64)
    return shares


def answered(answers: Answers) -> Counts:
    return np.flatnonzero((answers.table >= 0).any(axis=1))


@ANY_ANSWERS
def test_majority_is_that_of_crowd_kit(answers: Answers) -> None:
    """Of values that are equally frequent it takes any, the order of its columns being that of a count."""
    theirs = MajorityVote().fit(rows_of(answers))
    ours = majority_values(answers.counts, tie=Tie.NONE)
    item = answered(answers)
    votes, label = in_order(theirs.probas_, answers), theirs.labels_.sort_index().to_numpy()
    assert ours.share[item] == exactly(votes.max(axis=1))
    assert ours.share[item] == exactly(votes[np.arange(item.size), label])
    clear = ~ours.was_tie[item]
    assert ours.value[item][clear].tolist() == label[clear].tolist()


@N_ITERATIONS
@LARGE_CROWDS
def test_dawid_skene_is_that_of_crowd_kit(
    answers: Answers, n_iterations: int, stop_after: Callable[[int], None]
) -> None:
    stop_after(n_iterations)
    ours = dawid_skene(*answers.long_form(), *sizes(answers), prior=Prior.none(), tolerance=0)
    theirs = DawidSkene(n_iter=n_iterations, tol=-np.inf).fit(rows_of(answers))
    assert ours.n_iterations == n_iterations
    assert ours.of_item[answered(answers)] == exactly(in_order(theirs.probas_, answers))


@pytest.mark.parametrize("seed", range(N_SEEDS))
@pytest.mark.parametrize("name", sorted(CROWDS.keys() - {"mostly alone", "a rare value"}))
def test_dawid_skene_of_few_answers_is_that_of_crowd_kit(
    name: str, seed: int, stop_after: Callable[[int], None]
) -> None:
    stop_after(10)
    answers = drawn(CROWDS[name], seed)
    ours = dawid_skene(*answers.long_form(), *sizes(answers), prior=Prior.none(), tolerance=0)
    theirs = in_order(DawidSkene(n_iter=10, tol=-np.inf).fit(rows_of(answers)).probas_, answers)
    assert ours.of_item[answered(answers)] == pytest.approx(theirs, abs=1e-8, rel=0)


@N_ITERATIONS
@LARGE_CROWDS
def test_one_coin_is_that_of_crowd_kit(
    answers: Answers, n_iterations: int, stop_after: Callable[[int], None]
) -> None:
    stop_after(n_iterations)
    ours = one_coin(*answers.long_form(), *sizes(answers), prior=Prior.none(), tolerance=0)
    theirs = OneCoinDawidSkene(n_iter=n_iterations, tol=-np.inf).fit(rows_of(answers))
    assert ours.model.of_item[answered(answers)] == exactly(in_order(theirs.probas_, answers))
    # Its skills are learned once more, from its last posteriors.
    again = right_share(answers, ours.model.of_item)
    assert again == exactly(theirs.skills_.sort_index().to_numpy())


def right_share(answers: Answers, posterior: Matrix) -> Matrix:
    item, annotator, value = answers.long_form()
    n_right = np.bincount(annotator, weights=posterior[item, value])
    share: Matrix = n_right / np.bincount(annotator)
    return share


@pytest.mark.parametrize("n_iterations", [1, 10])
@ANY_ANSWERS
def test_dawid_skene_with_our_prior_is_crowd_kits_steps_with_it(
    answers: Answers, n_iterations: int, stop_after: Callable[[int], None]
) -> None:
    """Its M step can add counts to the answers, though its fit does so in the first iteration alone."""
    stop_after(n_iterations)
    ours = dawid_skene(*answers.long_form(), *sizes(answers), tolerance=0)
    rows, pseudo_answers = rows_of(answers), frame_of_pseudo_answers(answers)
    posterior = (
        MajorityVote().fit_predict_proba(rows).reindex(columns=range(answers.n_values), fill_value=0.0)
    )
    for _ in range(n_iterations):
        shares = posterior.sum() + DEFAULT_PRIOR.items
        shares /= shares.sum()
        errors = DawidSkene._m_step(rows, posterior, pseudo_answers, "addition")
        posterior = DawidSkene._e_step(rows, shares, errors)
    assert ours.of_item[answered(answers)] == exactly(in_order(posterior, answers))
    assert ours.prevalence == exactly(shares.to_numpy())
    confusion = errors.sort_index().to_numpy().reshape(ours.confusion.shape)  # [a, said, true]
    assert ours.confusion == exactly(confusion.transpose(0, 2, 1))


def frame_of_pseudo_answers(answers: Answers) -> Any:
    """Indexed by worker and the label said, a column for each true one, for every worker."""
    _, n_annotators, n_values = sizes(answers)
    said = DEFAULT_PRIOR.answers(n_values).T
    index = pandas.MultiIndex.from_product([range(n_annotators), range(n_values)], names=["worker", "label"])
    return pandas.DataFrame(np.tile(said, (n_annotators, 1)), index=index, columns=range(n_values))


@LARGE_CROWDS
def test_mace_stands_still_under_the_steps_of_crowd_kit(
    answers: Answers, stop_after: Callable[[int], None]
) -> None:
    """With the paper's equally likely values, as crowd-kit has them."""
    stop_after(2000)
    ours = mace(*answers.long_form(), *sizes(answers), pseudo_items=None, tolerance=1e-11)
    n_values, copied = answers.n_values, ours.of_annotator
    # What is said of another true value is a guess: the mean over those, which are all alike.
    off = ours.model.confusion * (1 - np.eye(n_values))
    guessed = off.sum(axis=1) / (n_values - 1)
    posterior, n_guesses, n_copied = steps_of_crowd_kit(answers, guessed, copied)
    assert ours.model.has_converged
    assert ours.model.of_item[answered(answers)] == exactly(posterior[answered(answers)])
    n_guessed = n_guesses.sum(axis=1) + GUESSED_PSEUDO_ANSWERS
    share = (n_copied + COPIED_PSEUDO_ANSWERS) / (n_copied + COPIED_PSEUDO_ANSWERS + n_guessed)
    assert copied == exactly(share)
    guess = n_guesses + GUESSES_OF_EACH_VALUE
    guess /= guess.sum(axis=1, keepdims=True)
    assert guessed == exactly((1 - share)[:, np.newaxis] * guess)


def steps_of_crowd_kit(answers: Answers, guessed: Matrix, copied: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """(posteriors, guesses of each annotator and value, copies of each annotator) that its E step expects."""
    item, annotator, value = answers.long_form()
    names = [list(range(n)) for n in sizes(answers)]
    model = MACE()
    model.spamming_ = np.stack([guessed.sum(axis=1), copied], axis=1)
    model.thetas_ = guessed / guessed.sum(axis=1, keepdims=True)
    _, joint, guesses, is_guess = model._e_step(rows_of(answers), *names, item, annotator, value)
    chances = joint.to_numpy()
    copies = is_guess["knowing_expected_count_1"].to_numpy()
    with np.errstate(invalid="ignore"):  # of items without answers
        posterior = chances / chances.sum(axis=1, keepdims=True)
    return posterior, guesses.to_numpy(), copies
