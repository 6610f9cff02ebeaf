"""Multi-Annotator Competence Estimation: who answers by the truth, and who guesses.

The model: an annotator copies an item's true value, with a chance that is their competence, or else guesses,
by shares of their own: one spammer always says the same, another anything. It needs fewer answers than a
whole confusion, and unlike one coin it knows what a guess looks like.
Source: D. Hovy, T. Berg-Kirkpatrick, A. Vaswani and E. Hovy, "Learning Whom to Trust with MACE", Proceedings
of NAACL-HLT 2013. EM as there, with their smoothing as pseudo-counts, but from one start instead of the best
of many by chance: the shares of votes for what is true, and for every annotator an even chance to guess, any
value alike. So there is nothing to draw, and nothing to seed. The paper has all values equally likely to be
true, which calls most of what is rare wrongly; here their prevalence is learned too, unless told otherwise.
"""

import numpy as np

from app.agreement.consensus.dawid_skene import PSEUDO_ITEMS, TOLERANCE, fitted
from app.agreement.consensus.em import shares
from app.agreement.consensus.one_coin import Competences
from app.agreement.consensus.patterns import patterns_of
from app.agreement.measures.counts import Indexes, Matrix

# The parameters of the Beta prior of the paper, as pseudo-counts.
COPIED_PSEUDO_ANSWERS = 0.5
GUESSED_PSEUDO_ANSWERS = 0.5
GUESSES_OF_EACH_VALUE = 0.1


def mace(
    item: Indexes,
    annotator: Indexes,
    value: Indexes,
    n_items: int,
    n_annotators: int,
    n_values: int,
    *,
    pseudo_items: float | None = PSEUDO_ITEMS,
    tolerance: float = TOLERANCE,
) -> Competences:
    """Answers, order, iterations and errors as in `dawid_skene`.

    An item without answers gets the prevalence. Somebody without answers has competence 0.5. With one value
    alone a guess can't be told from the truth: every competence is NaN.
    `pseudo_items`: of each value; None as in the paper, where every value is as likely as any other.
    """
    patterns = patterns_of(item, annotator, value, n_items, n_annotators, n_values)
    model = fitted(patterns, _confusion, pseudo_items=pseudo_items, tolerance=tolerance)
    if n_values == 1:
        return Competences(model, np.full(n_annotators, np.nan))
    return Competences(model, model.confusion[:, 0, 0] - model.confusion[:, 1, 0])


def _confusion(n_said: Matrix, before: Matrix | None) -> Matrix:
    """What differs from the truth is guessed; what does not may be, by the competences so far."""
    n_values = n_said.shape[1]
    n_alike = np.diagonal(n_said, axis1=1, axis2=2)
    n_guessed = n_said.sum(axis=1) - n_alike * (1 - _guessed_of_alike(before, n_values))
    n_copied = n_said.sum(axis=(1, 2)) - n_guessed.sum(axis=1)
    outcomes = [n_copied + COPIED_PSEUDO_ANSWERS, n_guessed.sum(axis=1) + GUESSED_PSEUDO_ANSWERS]
    chances = shares(np.stack(outcomes, axis=1))
    guess = chances[:, 1:] * shares(n_guessed + GUESSES_OF_EACH_VALUE)
    confusion: Matrix = chances[:, :1, np.newaxis] * np.eye(n_values) + guess[:, np.newaxis, :]
    return confusion


def _guessed_of_alike(before: Matrix | None, n_values: int) -> Matrix:
    """Share of guesses among the answers that are the true value, shape (n_annotators, n_values).

    Only a guess differs from the truth, so the chance of a guess stands beside the diagonal.
    """
    if before is None:
        return np.full((1, n_values), 1 / (1 + n_values))
    guess = np.roll(before, 1, axis=1)
    shares_of_guesses: Matrix = np.diagonal(guess, axis1=1, axis2=2) / np.diagonal(before, axis1=1, axis2=2)
    return shares_of_guesses
