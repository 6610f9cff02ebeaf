"""What each item's true value probably is: everybody's answers, weighed by how well each annotator answers.

The model: an item has one true value, drawn by the values' prevalence. An annotator who meets true value t
says value s with a chance of their own, their confusion [t, s], whatever the others say. EM finds both by
turns: the model gives every item a posterior of its true value, and these, counted as fractions of items and
of answers, give the next model. Pseudo-counts make the outcome a maximum a posteriori estimate.
Source: A. P. Dawid and A. M. Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm", Applied Statistics 28(1), 1979.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from app.agreement.consensus.em import (
    answers_by_truth,
    items_by_value,
    log_likelihood,
    needed_of,
    needed_posterior,
    posterior_of,
    shares,
    vote_shares,
)
from app.agreement.consensus.patterns import Patterns, patterns_of
from app.agreement.measures.counts import Indexes, Matrix

RIGHT_PSEUDO_ANSWERS = 4.0
WRONG_PSEUDO_ANSWERS = 1.0
PSEUDO_ITEMS = 1.0

MOST_ITERATIONS = 100
TOLERANCE = 1e-6  # on the largest change of any posterior in one iteration


@dataclass(frozen=True, slots=True)
class Prior:
    """Pseudo-counts: Dirichlet priors, the one of the answers leaning to the diagonal.

    Before their first answer, annotators count as having met each true value `right_answers +
    wrong_answers` times; the wrong answers are shared evenly by all the wrong values. So few answers leave
    somebody mostly right, many speak for themselves, and no chance is ever zero.
    `items`: of each value, so that a value nobody gave stays possible.
    Raises ValueError for a negative count.
    """

    right_answers: float = RIGHT_PSEUDO_ANSWERS
    wrong_answers: float = WRONG_PSEUDO_ANSWERS
    items: float = PSEUDO_ITEMS

    def __post_init__(self) -> None:
        if min(self.right_answers, self.wrong_answers, self.items) < 0:
            raise ValueError("a pseudo-count must not be negative")

    @classmethod
    def none(cls) -> "Prior":
        """No pseudo-counts: plain maximum likelihood, as in the paper of 1979.

        Chances may then be zero, and the confusion of an annotator is NaN for a true value they never met.
        """
        return cls(0.0, 0.0, 0.0)

    def answers(self, n_values: int) -> Matrix:
        """Shape (n_values, n_values), [true, said]."""
        answers = np.full((n_values, n_values), self.wrong_answers / max(n_values - 1, 1))
        np.fill_diagonal(answers, self.right_answers)
        return answers

    def confusion(self, n_values: int) -> Matrix:
        """That of somebody without answers, shape as `answers`; NaN without pseudo-answers."""
        return shares(self.answers(n_values))


DEFAULT_PRIOR = Prior()


@dataclass(frozen=True, slots=True)
class Posterior:
    """`of_item`: chance of each value to be the item's true one, shape (n_items, n_values), rows sum to 1.

    `confusion`: shape (n_annotators, n_values, n_values), [a, true, said]: the chance that annotator a says
    a value of an item whose true value is given, so it sums to 1 over what is said.
    `prevalence`: share of each true value among the items with answers, shape (n_values,).
    `has_converged`: False where MOST_ITERATIONS ended it before the tolerance did.
    `log_likelihood`: natural logarithm of the chance of all answers by `prevalence` and `confusion`, without
    the prior; 0 for no answers.
    """

    of_item: Matrix
    confusion: Matrix
    prevalence: Matrix
    n_iterations: int
    has_converged: bool
    log_likelihood: float


def dawid_skene(
    item: Indexes,
    annotator: Indexes,
    value: Indexes,
    n_items: int,
    n_annotators: int,
    n_values: int,
    *,
    prior: Prior = DEFAULT_PRIOR,
    tolerance: float = TOLERANCE,
) -> Posterior:
    """Posterior of answers in long form: answer j is annotator `annotator[j]` saying `value[j]` of `item[j]`.

    Starts from each item's shares of votes, so the outcome has no chance in it, and answers in any order give
    bit for bit the same. An annotator who answers an item twice counts twice; that an item can't be judged is
    no answer, and left out before. An item without answers gets the prevalence, which is uniform when there
    are no answers at all (NaN without a prior). Annotators are known by the items they share: where hardly
    any item has several answers, the pseudo-counts decide, against the rarer values: one annotator alone is
    believed, but barely of a rare value, and several without overlap are not believed of one.
    `tolerance`: on the largest change of any posterior in the last iteration.
    Raises ValueError for arrays of unequal length, an index outside 0..n-1, or n_values below 1.
    """
    patterns = patterns_of(item, annotator, value, n_items, n_annotators, n_values)
    learn = partial(_confusion, pseudo_answers=prior.answers(n_values))
    return fitted(patterns, learn, pseudo_items=prior.items, tolerance=tolerance)


def fitted(
    patterns: Patterns,
    learn: Callable[[Matrix, Matrix | None], Matrix],
    *,
    pseudo_items: float | None,
    tolerance: float,
) -> Posterior:
    """Both steps of EM by turns until the posteriors stand still.

    `learn`: from how often each annotator said each value of items with each true value, shape
    (n_annotators, n_values, n_values), [a, true, said], and their confusion so far, None at first, to their
    confusion. `pseudo_items`: of each value; None where every value is to be as likely as any other.
    """
    posterior = needed_of(patterns, vote_shares(patterns))
    confusion = None
    n_iterations, largest = 0, np.inf
    while confusion is None or (largest >= tolerance and n_iterations < MOST_ITERATIONS):
        before = posterior
        prevalence = _prevalence(patterns, before, pseudo_items)
        confusion = learn(answers_by_truth(patterns, before), confusion)
        posterior = needed_posterior(patterns, prevalence, confusion)
        before -= posterior
        largest = float(max(before.max(initial=0.0), -before.min(initial=0.0)))
        n_iterations += 1
    # Of millions of rows each of these takes a hundred megabytes, and they are not needed at once.
    del before, posterior
    likelihood = log_likelihood(patterns, prevalence, confusion)
    return Posterior(
        of_item=of_each_item(patterns, posterior_of(patterns, prevalence, confusion), prevalence),
        confusion=confusion,
        prevalence=prevalence,
        n_iterations=n_iterations,
        has_converged=largest < tolerance,
        log_likelihood=likelihood,
    )


def of_each_item(patterns: Patterns, posterior: Matrix, prevalence: Matrix) -> Matrix:
    """Shape (n_items, n_values); the prevalence, put behind all rows, for an item without answers."""
    of_item = np.empty((patterns.row_of_item.size, patterns.n_values))
    for value, of_rows in enumerate(posterior):
        of_item[:, value] = np.append(of_rows, prevalence[value])[patterns.row_of_item]
    return of_item


def _prevalence(patterns: Patterns, posterior: Matrix, pseudo_items: float | None) -> Matrix:
    if pseudo_items is None:
        return np.full(patterns.n_values, 1 / patterns.n_values)
    return shares(items_by_value(patterns, posterior) + pseudo_items)


def _confusion(n_said: Matrix, before: Matrix | None, pseudo_answers: Matrix) -> Matrix:
    return shares(n_said + pseudo_answers)
