"""What the labels of items probably are: models of all questions of a queue, and the posteriors they give.

A model is fitted to all answers now and then, and kept; between the fits the posteriors of items that got new
answers follow from it. As JSON a model is `{"annotator_ids": [...], "questions": [{"question", "confusion",
"prevalence", "n_iterations", "has_converged", "log_likelihood"}, ...]}`, see consensus/dawid_skene.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.agreement.answers import N_PREFERENCES, NOT_THERE, Rankings
from app.agreement.asked import Asked
from app.agreement.consensus.dawid_skene import Posterior, dawid_skene
from app.agreement.consensus.predict import UNKNOWN, posterior_of_answers
from app.agreement.content import Model
from app.agreement.measures.counts import Counts, Matrix

DECIMALS = 6
HARMFUL = 1


@dataclass(frozen=True, slots=True)
class Consensus:
    """Of each item with an answer: `item_ids`, `n_answers`, `certainty` of shape (n_items,); `posterior` a
    row each, as in app/agreement/models.py: ItemConsensus."""

    item_ids: Counts
    n_answers: Counts
    certainty: Matrix
    posterior: Sequence[Matrix]


def fit(asked: Sequence[Asked]) -> list[Posterior]:
    """One model a question."""
    return [
        dawid_skene(
            each.unit,
            each.annotator,
            each.value,
            each.n_units,
            each.given.n_annotators,
            each.question.n_values,
        )
        for each in asked
    ]


def as_json(asked: Sequence[Asked], fitted: Sequence[Posterior]) -> dict[str, Any]:
    return {
        "annotator_ids": asked[0].given.annotator_ids.tolist(),
        "questions": [
            {
                "question": each.question.name,
                "confusion": model.confusion.round(DECIMALS).tolist(),
                "prevalence": model.prevalence.round(DECIMALS).tolist(),
                "n_iterations": model.n_iterations,
                "has_converged": model.has_converged,
                "log_likelihood": model.log_likelihood,
            }
            for each, model in zip(asked, fitted, strict=True)
        ],
    }


def models_of(content: dict[str, Any]) -> list[Model]:
    """For the report."""
    return [
        Model(**{name: value for name, value in question.items() if name != "confusion"})
        for question in content["questions"]
    ]


def predict(content: dict[str, Any], asked: Sequence[Asked]) -> list[Matrix]:
    """The posterior of each unit by a model that was fitted before, one matrix a question.

    Someone who had no answers at that time counts as anybody before their first one. A unit without answers
    gets the prevalence.
    """
    known = {annotator_id: index for index, annotator_id in enumerate(content["annotator_ids"])}
    ids = asked[0].given.annotator_ids.tolist()
    index = np.array([known.get(annotator_id, UNKNOWN) for annotator_id in ids], np.int64)
    return [
        predict_one(question, index, each) for question, each in zip(content["questions"], asked, strict=True)
    ]


def predict_one(question: dict[str, Any], index: Counts, asked: Asked) -> Matrix:
    """`index`: of each annotator in the model, UNKNOWN for a new one."""
    model = Posterior(
        of_item=np.empty((0, asked.question.n_values)),
        confusion=np.array(question["confusion"], np.float64),
        prevalence=np.array(question["prevalence"], np.float64),
        n_iterations=question["n_iterations"],
        has_converged=question["has_converged"],
        log_likelihood=question["log_likelihood"],
    )
    return posterior_of_answers(model, asked.unit, index[asked.annotator], asked.value, asked.n_units)


def safety_consensus(asked: Sequence[Asked], of_item: Sequence[Matrix]) -> Consensus:
    """From the posteriors of "safe", "severity" and each category, in this order."""
    harmful, severity, *categories = of_item
    columns = [harmful[:, HARMFUL:], severity, *(category[:, 1:] for category in categories)]
    given = asked[0].given
    n_answers = np.bincount(asked[0].unit, minlength=asked[0].n_units)
    certainty: Matrix = harmful.max(axis=1)
    return Consensus(given.item_ids, n_answers, certainty, list(np.concatenate(columns, axis=1)))


def pairs_consensus(rankings: Rankings, of_unit: Matrix) -> Consensus:
    given = rankings.given
    n_answers = np.bincount(given.item, minlength=given.n_items)
    n_responses = np.zeros(given.n_items, np.int64)
    np.maximum.at(n_responses, given.item, np.count_nonzero(rankings.ranks != NOT_THERE, axis=1))
    n_pairs = n_responses * (n_responses - 1) // 2
    of_pair = of_unit.reshape(given.n_items, len(of_unit) // max(given.n_items, 1), N_PREFERENCES)
    is_there = np.arange(of_pair.shape[1]) < n_pairs[:, np.newaxis]
    certainty: Matrix = np.where(is_there, of_pair.max(axis=2), 1.0).min(axis=1, initial=1.0)
    posterior = [row[:n].ravel() for row, n in zip(of_pair, n_pairs.tolist(), strict=True)]
    return Consensus(given.item_ids, n_answers, certainty, posterior)
