"""What each annotator says for which true value, and how much their answers tell of it at all."""

from dataclasses import dataclass

import numpy as np

from app.agreement.consensus.dawid_skene import Posterior, dawid_skene
from app.agreement.measures.counts import Counts, Matrix
from app.quality.answers import Answers
from app.quality.posterior import Interval, difference_interval, share_interval

# On the largest change of any posterior; a person's figures are means of hundreds of them.
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Informativeness:
    """`of_each`: shape (n_annotators,), -1..1: 1 for someone who is always right, 0 for someone whose answers
    do not depend on the truth, below 0 for someone who turns them round.

    `n_said`: shape (n_annotators, n_values, n_values), [a, true, said]: how many answers the figure is made
    of. Not whole numbers, since the truth is not certain.
    """

    of_each: Interval
    n_said: Matrix


def fit(answers: Answers) -> Posterior:
    """Dawid and Skene's model of the answers; the last annotator is the key, who answered each gold item."""
    gold, where = np.unique(answers.item[answers.is_gold], return_index=True)
    key = answers.gold[answers.is_gold][where]
    return dawid_skene(
        np.concatenate([answers.item, gold]),
        np.concatenate([answers.annotator, np.full(gold.size, answers.n_annotators)]),
        np.concatenate([answers.value, key]),
        answers.n_items,
        answers.n_annotators + 1,
        answers.n_values,
        tolerance=TOLERANCE,
    )


def informativeness(answers: Answers, model: Posterior, tail: float) -> Informativeness:
    """How much more often someone says a value where it is true than where it is not.

    For each value its share of right answers minus its share of false ones, Youden's J of this value against
    the rest; the mean over the values, weighed by how often each is true. A bound is the mean of the values'
    bounds, each at `tail`: never narrower than it should be, since they are not independent.
    Sources: W. J. Youden, "Index for rating diagnostic tests", Cancer 3(1), 1950; for several values
    D. M. W. Powers, "Evaluation: from precision, recall and F-measure to ROC, informedness, markedness and
    correlation", 2011.
    """
    n_said = _said_where_true(answers, truth_without_own(answers, model))
    n_true: Matrix = n_said.sum(axis=2)
    n_right = np.diagonal(n_said, axis1=1, axis2=2)
    n_false = n_said.sum(axis=1) - n_right
    n: Matrix = n_true.sum(axis=1, keepdims=True)
    hits = share_interval(n_right, n_true, tail)
    false_alarms = share_interval(n_false, n - n_true, tail)
    of_value = difference_interval(hits, false_alarms)
    weight = np.where(n > 0, n_true / np.maximum(n, 1.0), 1.0 / answers.n_values)
    mean, lower, upper = (
        (weight * bound).sum(axis=1) for bound in (of_value.mean, of_value.lower, of_value.upper)
    )
    return Informativeness(Interval(mean, lower, upper), n_said)


def truth_without_own(answers: Answers, model: Posterior) -> Matrix:
    """The posterior of each answer's item without that answer, shape (n_answers, n_values).

    With it, everybody would seem to be right more often than they are. Gold items are certain.
    """
    own = model.confusion[answers.annotator, :, answers.value]
    return _with_gold(model.of_item[answers.item] / own, answers.gold)


def truth_without_two(answers: Answers, model: Posterior, one: Counts, other: Counts) -> Matrix:
    """The posterior of items without two of their answers, shape (n, n_values).

    `one[j]`, `other[j]`: places in `answers` of two answers to the same item.
    """
    own = model.confusion[answers.annotator[one], :, answers.value[one]]
    own *= model.confusion[answers.annotator[other], :, answers.value[other]]
    return _with_gold(model.of_item[answers.item[one]] / own, answers.gold[one])


def _with_gold(chances: Matrix, gold: Counts) -> Matrix:
    chances /= chances.sum(axis=1, keepdims=True)
    known = np.flatnonzero(gold >= 0)
    chances[known] = 0.0
    chances[known, gold[known]] = 1.0
    return chances


def _said_where_true(answers: Answers, truth: Matrix) -> Matrix:
    n_cells = answers.n_annotators * answers.n_values
    cell = answers.annotator * answers.n_values + answers.value
    of_values = [np.bincount(cell, of_value, n_cells) for of_value in truth.T]
    shape = (answers.n_annotators, answers.n_values)
    return np.stack([of_value.reshape(shape) for of_value in of_values], axis=1)
