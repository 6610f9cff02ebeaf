"""Dawid and Skene's model with one number an annotator: the chance that they are right, whatever is true.

For annotators with few answers: it needs a dozen of them where a whole confusion needs dozens for each value.
It can't see somebody who is right on one value and wrong on another.
Source: Y. Zhang, X. Chen, D. Zhou and M. I. Jordan, "Spectral Methods Meet EM: A Provably Optimal Algorithm
for Crowdsourcing", Journal of Machine Learning Research 17, 2016, section 2, whose one-coin model this is.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from app.agreement.consensus.dawid_skene import DEFAULT_PRIOR, TOLERANCE, Posterior, Prior, fitted
from app.agreement.consensus.em import shares
from app.agreement.consensus.patterns import patterns_of
from app.agreement.measures.counts import Indexes, Matrix


@dataclass(frozen=True, slots=True)
class Competences:
    """`model`: as Dawid and Skene's, with the confusion that the competences make.

    `of_annotator`: shape (n_annotators,), 0..1. By one coin, the chance to be right. By MACE, the chance to
    answer by the truth and not by guessing: a guess may be right as well.
    """

    model: Posterior
    of_annotator: Matrix


def one_coin(
    item: Indexes,
    annotator: Indexes,
    value: Indexes,
    n_items: int,
    n_annotators: int,
    n_values: int,
    *,
    prior: Prior = DEFAULT_PRIOR,
    tolerance: float = TOLERANCE,
) -> Competences:
    """Answers, start, order, degenerate cases, iterations and errors as in `dawid_skene`.

    All wrong values are equally likely. The pseudo-answers of `prior` count once an annotator, not once a
    true value. Somebody without answers has the prior's competence, NaN without a prior; with one value
    alone nobody can be wrong, and the competence is 1.
    """
    patterns = patterns_of(item, annotator, value, n_items, n_annotators, n_values)
    model = fitted(patterns, partial(_confusion, prior=prior), pseudo_items=prior.items, tolerance=tolerance)
    return Competences(model, model.confusion[:, 0, 0])


def _confusion(n_said: Matrix, before: Matrix | None, prior: Prior) -> Matrix:
    n_values = n_said.shape[1]
    n_right = np.trace(n_said, axis1=1, axis2=2)[:, np.newaxis, np.newaxis]
    n_wrong = n_said.sum(axis=(1, 2), keepdims=True) - n_right
    is_right = np.eye(n_values)
    counts: Matrix = is_right * (n_right + prior.right_answers)
    counts += (1 - is_right) * (n_wrong + prior.wrong_answers) / max(n_values - 1, 1)
    return shares(counts)
