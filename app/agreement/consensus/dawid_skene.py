"""What each item's true value probably is: everybody's answers, weighed by how well each annotator answers.

The model: an item has one true value, drawn by the values' prevalence. An annotator who meets true value t
says value s with a chance of their own, their confusion [t, s], whatever the others say. EM finds both by
turns: the model gives every item a posterior of its true value, and these, counted as fractions of items and
of answers, give the next model. Pseudo-counts make the outcome a maximum a posteriori estimate.
Source: A. P. Dawid and A. M. Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm", Applied Statistics 28(1), 1979.
"""

from dataclasses import dataclass

import numpy as np

from app.agreement.measures.counts import Counts, Matrix, require_range

# A Dirichlet prior that leans to the diagonal: before their first answer, annotators count as having met
# each true value five times and been right four times. So few answers leave somebody mostly right, many
# speak for themselves, and no chance is ever zero.
RIGHT_PSEUDO_ANSWERS = 4.0
WRONG_PSEUDO_ANSWERS = 1.0  # shared evenly by all the wrong values
PSEUDO_ITEMS = 1.0  # of each value, so that a value nobody gave stays possible

MOST_ITERATIONS = 100
TOLERANCE = 1e-6  # on the largest change of any posterior in one iteration
# Sums of posteriors are rounded: iterations can blow a rounding error up, and it would settle what the
# answers leave even.
DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Posterior:
    """`of_item`: chance of each value to be the item's true one, shape (n_items, n_values), rows sum to 1.

    `confusion`: shape (n_annotators, n_values, n_values), [a, true, said]: the chance that annotator a says
    a value of an item whose true value is given, so it sums to 1 over what is said.
    `prevalence`: share of each true value among the items with answers, shape (n_values,).
    `has_converged`: False where MOST_ITERATIONS ended it before the tolerance did.
    """

    of_item: Matrix
    confusion: Matrix
    prevalence: Matrix
    n_iterations: int
    has_converged: bool


def dawid_skene(
    item: Counts,
    annotator: Counts,
    value: Counts,
    n_items: int,
    n_annotators: int,
    n_values: int,
    *,
    tolerance: float = TOLERANCE,
) -> Posterior:
    """Posterior of answers in long form: answer j is annotator `annotator[j]` saying `value[j]` of `item[j]`.

    Starts from each item's shares of votes, so the outcome has no chance in it, and answers in any order give
    bit for bit the same. An annotator who answers an item twice counts twice. An item without answers gets
    the prevalence, which is uniform when there are no answers at all. Annotators are known by the items they
    share: where hardly any item has several answers, the pseudo-counts decide, against the rarer values.
    `tolerance`: on the largest change of any posterior in the last iteration.
    Raises ValueError for arrays of unequal length, an index outside 0..n-1, or n_values below 1.
    """
    item, cell = _in_one_order(item, annotator, value, n_items, n_annotators, n_values)
    answered, row = np.unique(item, return_inverse=True)
    posterior = _vote_shares(row, cell % n_values, answered.size, n_values)
    n_iterations, change = 0, np.inf
    while change >= tolerance and n_iterations < MOST_ITERATIONS:
        before = posterior
        prevalence = _prevalence(before)
        confusion = _confusion(before, row, cell, n_annotators)
        posterior = _posterior(prevalence, confusion, row, cell, answered.size)
        change = float(np.abs(posterior - before).max(initial=0.0))
        n_iterations += 1
    of_item = np.tile(prevalence, (n_items, 1))
    of_item[answered] = posterior.T
    return Posterior(of_item, confusion, prevalence, n_iterations, has_converged=change < tolerance)


def _in_one_order(
    item: Counts, annotator: Counts, value: Counts, n_items: int, n_annotators: int, n_values: int
) -> tuple[Counts, Counts]:
    """Each answer's item, and its cell `annotator * n_values + value`, sorted by item, then by cell.

    A sum of floating point numbers depends on their order; here that order is always the same.
    """
    if not item.shape == annotator.shape == value.shape:
        raise ValueError("item, annotator and value must have the same length")
    if n_values < 1:
        raise ValueError("n_values must be at least 1")
    require_range("item", item, n_items)
    require_range("annotator", annotator, n_annotators)
    require_range("value", value, n_values)
    n_cells = max(n_annotators * n_values, 1)
    return np.divmod(np.sort(item * n_cells + annotator * n_values + value), n_cells)


# Below, `row` numbers the items with answers, and posteriors have shape (n_values, n_rows), not the other
# way round: sums along a long last axis take a fraction of the time.


def _vote_shares(row: Counts, value: Counts, n_rows: int, n_values: int) -> Matrix:
    votes = np.bincount(value * n_rows + row, minlength=n_values * n_rows).reshape(n_values, n_rows)
    return votes / np.bincount(row, minlength=n_rows)


def _prevalence(posterior: Matrix) -> Matrix:
    n_items: Matrix = posterior.sum(axis=1).round(DECIMALS) + PSEUDO_ITEMS
    n_items /= n_items.sum()
    return n_items


def _confusion(posterior: Matrix, row: Counts, cell: Counts, n_annotators: int) -> Matrix:
    """The M step: an answer counts under each true value with that value's posterior."""
    n_values = posterior.shape[0]
    confusion = np.empty((n_annotators, n_values, n_values))
    for true, of_row in enumerate(posterior):
        n_said = np.bincount(cell, weights=of_row[row], minlength=n_annotators * n_values)
        confusion[:, true, :] = n_said.reshape(n_annotators, n_values).round(DECIMALS)
    confusion += _pseudo_answers(n_values)
    confusion /= confusion.sum(axis=2, keepdims=True)
    return confusion


def _pseudo_answers(n_values: int) -> Matrix:
    """Shape (n_values, n_values), [true, said]."""
    answers = np.full((n_values, n_values), WRONG_PSEUDO_ANSWERS / max(n_values - 1, 1))
    np.fill_diagonal(answers, RIGHT_PSEUDO_ANSWERS)
    return answers


def _posterior(prevalence: Matrix, confusion: Matrix, row: Counts, cell: Counts, n_rows: int) -> Matrix:
    """The E step, in logarithms: as a product, the chances of many answers would underflow to zero."""
    posterior = np.empty((prevalence.size, n_rows))
    for true, log_share in enumerate(np.log(prevalence)):
        log_said = np.log(confusion[:, true, :]).ravel()
        posterior[true] = log_share + np.bincount(row, weights=log_said[cell], minlength=n_rows)
    posterior -= posterior.max(axis=0)
    np.exp(posterior, out=posterior)
    posterior /= posterior.sum(axis=0)
    return posterior
