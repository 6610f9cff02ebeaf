"""What the labels of items probably are: models of all questions of a queue, and the posteriors they give.

A model is fitted to all answers now and then, and kept; between the fits the posteriors of items that got new
answers follow from it. As JSON a model is `{"annotator_ids": [...], "questions": [{"question", "confusion",
"prevalence", "n_iterations", "has_converged", "log_likelihood"}, ...]}`, see consensus/dawid_skene.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.agreement.consensus.dawid_skene import Posterior, dawid_skene
from app.agreement.consensus.predict import UNKNOWN, posterior_of_answers
from app.agreement.measures.blocks import n_of_each
from app.agreement.measures.counts import Counts, Matrix
from app.agreement.report.answers import N_PREFERENCES, NOT_THERE, Answers, Rankings
from app.agreement.report.asked import Asked
from app.agreement.report.content import Model

Columns: TypeAlias = NDArray[np.float32]
Kept: TypeAlias = NDArray[np.uint16]

DECIMALS = 6
LIKELIHOOD_DECIMALS = 3
KEPT_UNIT = np.float32(10_000)
ALL = slice(None)


@dataclass(frozen=True, slots=True)
class Consensus:
    """Of each item with an answer: `item_ids`, `n_answers`, `certainty` of shape (n_items,).

    `posterior`: in ten-thousandths (KEPT_UNIT), a row an item as in app/agreement/models.py: ItemConsensus,
    those of one length together, and `rows`: which items these are.
    """

    item_ids: Counts
    n_answers: Counts
    certainty: Columns
    posterior: Sequence[Kept]
    rows: Sequence[Counts | slice]


def fit(asked: Asked) -> tuple[dict[str, Any], Columns]:
    """The model, as JSON has it; what it says of each unit."""
    model = dawid_skene(
        asked.unit,
        asked.annotator,
        asked.value,
        asked.n_units,
        asked.given.n_annotators,
        asked.question.n_values,
    )
    return as_json(asked.question.name, model), columns_of(model.of_item)


def as_json(question: str, model: Posterior) -> dict[str, Any]:
    return {
        "question": question,
        "confusion": model.confusion.round(DECIMALS).tolist(),
        "prevalence": model.prevalence.round(DECIMALS).tolist(),
        "n_iterations": model.n_iterations,
        "has_converged": model.has_converged,
        "log_likelihood": round(model.log_likelihood, LIKELIHOOD_DECIMALS),
    }


def columns_of(of_unit: Matrix) -> Columns:
    """What is kept of a question's posterior: of two values that of the second alone."""
    kept: Columns = of_unit[:, 1 if of_unit.shape[1] == 2 else 0 :].astype(np.float32)
    return kept


def models_of(content: dict[str, Any]) -> list[Model]:
    """For the report."""
    return [
        Model(**{name: value for name, value in question.items() if name != "confusion"})
        for question in content["questions"]
    ]


def predict(content: dict[str, Any], given: Answers, asked: Iterable[Asked]) -> Iterator[Columns]:
    """What models that were fitted before say of each unit, for each question.

    Someone who had no answers at that time counts as anybody before their first one. A unit without answers
    gets the prevalence.
    """
    known = {annotator_id: index for index, annotator_id in enumerate(content["annotator_ids"])}
    ids = given.annotator_ids.tolist()
    index = np.array([known.get(annotator_id, UNKNOWN) for annotator_id in ids], np.int64)
    for question, each in zip(content["questions"], asked, strict=True):
        yield columns_of(predict_one(question, index, each))


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


def safety_consensus(given: Answers, n_chances: int, of_item: Iterable[Columns]) -> Consensus:
    """`of_item`: of "safe", "severity" and each category, in this order, `n_chances` columns in all."""
    posterior = np.empty((n_chances, given.n_items), np.uint16).T
    certainty, n_there = np.empty(0, np.float32), 0
    for columns in of_item:
        if n_there == 0:
            certainty = np.maximum(columns[:, 0], 1 - columns[:, 0])
        posterior[:, n_there : n_there + columns.shape[1]] = kept(columns)
        n_there += columns.shape[1]
        del columns  # Before the next question is asked, which takes memory of its own.
    return Consensus(given.item_ids, n_answers_of(given), certainty, [posterior], [ALL])


def pairs_consensus(rankings: Rankings, of_unit: Columns) -> Consensus:
    given = rankings.given
    n_responses = np.zeros(given.n_items, np.int64)
    np.maximum.at(n_responses, given.item, np.count_nonzero(rankings.ranks != NOT_THERE, axis=1))
    n_pairs = n_responses * (n_responses - 1) // 2
    of_pair = of_unit.reshape(given.n_items, len(of_unit) // max(given.n_items, 1), N_PREFERENCES)
    is_there = np.arange(of_pair.shape[1]) < n_pairs[:, np.newaxis]
    certainty: Columns = np.where(is_there, of_pair.max(axis=2), 1.0).min(axis=1, initial=1.0)
    sizes = np.unique(n_pairs).tolist()
    rows = [np.flatnonzero(n_pairs == n) for n in sizes]
    posterior = [
        kept(of_pair[of_size, :n].reshape(of_size.size, -1)) for of_size, n in zip(rows, sizes, strict=True)
    ]
    return Consensus(given.item_ids, n_answers_of(given), certainty, posterior, rows)


def kept(chances: Columns) -> Kept:
    """As they are written down: rounded, in half the memory."""
    return (chances * KEPT_UNIT).round().astype(np.uint16)


def chances_of(kept_chances: Kept) -> Columns:
    return kept_chances.astype(np.float32) / KEPT_UNIT


def n_answers_of(given: Answers) -> Counts:
    return n_of_each(given.item, given.n_items)
