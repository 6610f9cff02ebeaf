"""The two steps of EM over patterns of answers (consensus/patterns.py), for every model with a confusion.

`posterior`: shape (n_values, n_rows), not the other way round: sums along a long last axis take a fraction
of the time. `confusion`: shape (n_annotators, n_values, n_values), [a, true, said].
"""

import numpy as np

from app.agreement.consensus.patterns import Patterns
from app.agreement.measures.counts import Matrix, divide

# Sums of posteriors are rounded: iterations can blow a rounding error up, and it would settle what the
# answers leave even.
DECIMALS = 9


def vote_shares(patterns: Patterns) -> Matrix:
    """Where every model here starts, so that no outcome has chance in it."""
    says = np.tile(np.eye(patterns.n_values), (patterns.n_annotators, 1))
    votes = np.empty((patterns.n_values, patterns.n_items.size))
    for value, of_value in enumerate(says.T):
        votes[value] = patterns.answers @ of_value
    votes /= votes.sum(axis=0)
    return votes


def items_by_value(patterns: Patterns, posterior: Matrix) -> Matrix:
    """How many items have each true value, shape (n_values,).

    Not by BLAS, whose threads wait for each other longer than this takes, and whose sums depend on how many
    they are.
    """
    n_items = np.empty(patterns.n_values)
    n_items[:-1] = np.einsum("tr,r->t", posterior[: patterns.n_values - 1], patterns.n_items)
    n_items[-1] = patterns.n_items.sum() - n_items[:-1].sum()
    return n_items.round(DECIMALS, out=n_items)


def answers_by_truth(patterns: Patterns, posterior: Matrix) -> Matrix:
    """How often each annotator said each value of items with each true value, shape as `confusion`.

    An answer counts under each true value with that value's posterior.
    """
    n_annotators, n_values = patterns.n_annotators, patterns.n_values
    n_said = np.empty((n_annotators, n_values, n_values))
    rest = patterns.n_by_cell.copy()
    for true in range(n_values - 1):
        of_true = patterns.answers.T @ (patterns.n_items * posterior[true])
        n_said[:, true, :] = of_true.reshape(n_annotators, n_values)
        rest -= of_true
    n_said[:, -1, :] = rest.reshape(n_annotators, n_values)
    return n_said.round(DECIMALS, out=n_said)


def shares(n: Matrix) -> Matrix:
    """Of the sum along the last axis; NaN where that is 0."""
    return divide(n, n.sum(axis=-1, keepdims=True))


def posterior_of(patterns: Patterns, prevalence: Matrix, confusion: Matrix) -> Matrix:
    """By Bayes' rule; NaN for a row that the model calls impossible.

    In logarithms: as a product, the chances of many answers would underflow to zero.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = _log_joint(patterns, prevalence, confusion)
        joint -= joint.max(axis=0)
        np.exp(joint, out=joint)
        joint /= joint.sum(axis=0)
    return joint


def needed_of(patterns: Patterns, posterior: Matrix) -> Matrix:
    """What the steps need of a posterior: all rows, but of two values the first, the second's is the rest."""
    return posterior[:1] if patterns.n_values == 2 else posterior


def needed_posterior(patterns: Patterns, prevalence: Matrix, confusion: Matrix) -> Matrix:
    """What the steps need of `posterior_of`. Of two values the odds say all, in a third of the time."""
    if patterns.n_values != 2:
        return posterior_of(patterns, prevalence, confusion)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_chances, log_prevalence = _log_chances(confusion), np.log(prevalence)
        odds: Matrix = patterns.answers @ (log_chances[1] - log_chances[0])
        odds += log_prevalence[1] - log_prevalence[0]
        np.exp(odds, out=odds)
    odds += 1.0
    np.divide(1.0, odds, out=odds)
    return odds[np.newaxis]


def log_likelihood(patterns: Patterns, prevalence: Matrix, confusion: Matrix) -> float:
    """Natural logarithm of the chance of all answers, each item's in the order they came in.

    So nothing is added for the orders in which an annotator's repeated answers could have come.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = _log_joint(patterns, prevalence, confusion)
        most = joint.max(axis=0)
        joint -= most
        np.exp(joint, out=joint)
        most += np.log(joint.sum(axis=0))
    return float((most * patterns.n_items).sum())


def _log_joint(patterns: Patterns, prevalence: Matrix, confusion: Matrix) -> Matrix:
    joint = np.empty((patterns.n_values, patterns.n_items.size))
    for true, log_chance in enumerate(_log_chances(confusion)):
        joint[true] = patterns.answers @ log_chance
        joint[true] += np.log(prevalence[true])
    return joint


def _log_chances(confusion: Matrix) -> Matrix:
    """Shape (n_values, n_cells). NaN in `confusion`: a true value that the annotator never met."""
    n_values = confusion.shape[1]
    return np.log(np.nan_to_num(confusion).transpose(1, 0, 2).reshape(n_values, -1))
