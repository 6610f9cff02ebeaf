"""Posteriors of new answers under a model that was fitted before, without fitting it again."""

import numpy as np

from app.agreement.consensus.dawid_skene import DEFAULT_PRIOR, Posterior, Prior, of_each_item
from app.agreement.consensus.em import posterior_of
from app.agreement.consensus.patterns import patterns_of
from app.agreement.measures.counts import Indexes, Matrix

UNKNOWN = -1


def posterior_of_answers(
    model: Posterior,
    item: Indexes,
    annotator: Indexes,
    value: Indexes,
    n_items: int,
    *,
    prior: Prior = DEFAULT_PRIOR,
) -> Matrix:
    """Chance of each value to be the true one of each item, shape (n_items, n_values), by all its answers.

    `model`: that of Dawid and Skene, of one coin or of MACE; the answers it was fitted to get what it says of
    them, bit for bit. `annotator`: as numbered there; UNKNOWN for somebody else, who gets the confusion that
    `prior` gives everybody before their first answer. One of whom the model knows nothing without a prior
    tells nothing.
    An item without answers gets the prevalence. NaN where the model, fitted without a prior, calls the
    answers impossible.
    Raises ValueError for arrays of unequal length and for an index out of range.
    """
    n_annotators, n_values = model.confusion.shape[:2]
    newcomer = prior.confusion(n_values)
    confusion = np.concatenate([model.confusion, newcomer[np.newaxis]])
    confusion[np.isnan(confusion).all(axis=(1, 2))] = 1.0
    who = np.where(annotator == UNKNOWN, n_annotators, annotator)
    patterns = patterns_of(item, who, value, n_items, n_annotators + 1, n_values)
    return of_each_item(patterns, posterior_of(patterns, model.prevalence, confusion), model.prevalence)
