"""Models of a queue's answers, and what they say of its items, kept in the database."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.agreement.columns import ROWS_AT_ONCE, write_columns
from app.agreement.loading import rankings, safety_labels
from app.agreement.models import ConsensusModel, ItemConsensus
from app.agreement.report.answers import N_SEVERITIES, Answers, pairs_of
from app.agreement.report.asked import Asked, asked_of_labels, asked_of_pairs, kinds_of_labels
from app.agreement.report.posteriors import (
    Columns,
    Consensus,
    chances_of,
    fit,
    pairs_consensus,
    predict,
    safety_consensus,
)
from app.agreement.report.questions import AMONG_UNSAFE
from app.queues.models import Dimension
from app.queues.queries import taxonomy_of_queue

MAKE_ROOM = text("""
    CREATE TEMPORARY TABLE IF NOT EXISTS fresh_consensus
    (item_id bigint, n_answers bigint, certainty real, posterior real[]) ON COMMIT DROP
""")
CLEAR_ROOM = text("TRUNCATE fresh_consensus")
# What has not changed is not written: after a new fit that is most of it.
TAKE_OVER = text("""
    INSERT INTO item_consensus AS kept (queue_id, dimension, item_id, n_answers, certainty, posterior)
    SELECT :queue_id, :dimension, item_id, n_answers, certainty, posterior FROM fresh_consensus
    ON CONFLICT (queue_id, dimension, item_id) DO UPDATE
    SET n_answers = excluded.n_answers, certainty = excluded.certainty, posterior = excluded.posterior
    WHERE (kept.n_answers, kept.posterior) IS DISTINCT FROM (excluded.n_answers, excluded.posterior)
""")
FORGET_OTHERS = text("""
    DELETE FROM item_consensus WHERE queue_id = :queue_id AND dimension = :dimension
      AND NOT EXISTS (SELECT FROM fresh_consensus WHERE fresh_consensus.item_id = item_consensus.item_id)
""")


class Read(NamedTuple):
    """Answers, the questions whose models are fitted, and how an item's posterior comes of what they say."""

    given: Answers
    asked: Iterator[Asked]
    consensus: Callable[[Iterable[Columns]], Consensus]


def read(
    session: Session, queue_id: int, dimension: Dimension, item_ids: Sequence[int] | None = None
) -> Read:
    """`item_ids`: of these alone."""
    if dimension is Dimension.SAFETY:
        labels = safety_labels(session, queue_id, item_ids)
        category_names = taxonomy_of_queue(session, queue_id).category_names
        asked = asked_of_labels(kinds_of_labels(labels), category_names)
        # Severity among unsafe answers has no model of its own: the one over all answers says it.
        modelled = (each for each in asked if each.question.name != AMONG_UNSAFE)
        n_chances = 1 + N_SEVERITIES + len(category_names)
        return Read(labels.given, modelled, partial(safety_consensus, labels.given, n_chances))
    ranked = rankings(session, queue_id, dimension, item_ids)
    of_pairs = asked_of_pairs(dimension, ranked, pairs_of(ranked))
    return Read(ranked.given, iter([of_pairs]), lambda of_units: pairs_consensus(ranked, *of_units))


def fit_anew(session: Session, queue_id: int, dimension: Dimension) -> None:
    """The models, from all answers, and what they say of every item."""
    answers = read(session, queue_id, dimension)
    questions: list[dict[str, Any]] = []

    def fitted(asked: Asked) -> Columns:
        question, of_units = fit(asked)
        questions.append(question)
        return of_units

    consensus = answers.consensus(map(fitted, answers.asked))
    values = {
        "content": {"annotator_ids": answers.given.annotator_ids.tolist(), "questions": questions},
        "n_answers": answers.given.item.size,
        "fitted_at": func.now(),
    }
    row = insert(ConsensusModel).values(queue_id=queue_id, dimension=dimension, **values)
    session.execute(row.on_conflict_do_update(index_elements=["queue_id", "dimension"], set_=values))
    write(session, queue_id, dimension, consensus)
    session.execute(FORGET_OTHERS, {"queue_id": queue_id, "dimension": dimension})


def follow(session: Session, model: ConsensusModel, item_ids: Sequence[int]) -> None:
    """What the models as they are say of these items, whose answers have changed."""
    dimension = Dimension(model.dimension)
    answers = read(session, model.queue_id, dimension, item_ids)
    unanswered = np.setdiff1d(item_ids, answers.given.item_ids).tolist()
    session.execute(
        delete(ItemConsensus).where(
            ItemConsensus.queue_id == model.queue_id,
            ItemConsensus.dimension == dimension,
            ItemConsensus.item_id.in_(unanswered),
        )
    )
    if answers.given.n_items:
        of_units = predict(model.content, answers.given, answers.asked)
        write(session, model.queue_id, dimension, answers.consensus(of_units))


def lacks_questions(session: Session, model: ConsensusModel) -> bool:
    """Has the taxonomy got harm categories since it was fitted?"""
    if model.dimension != Dimension.SAFETY:
        return False
    asked = {question["question"] for question in model.content["questions"]}
    names = taxonomy_of_queue(session, model.queue_id).category_names
    return not asked.issuperset(f"category: {name}" for name in names)


def write(session: Session, queue_id: int, dimension: Dimension, consensus: Consensus) -> None:
    session.execute(MAKE_ROOM)
    session.execute(CLEAR_ROOM)
    for rows, posterior in zip(consensus.rows, consensus.posterior, strict=True):
        item_ids, n_answers = consensus.item_ids[rows], consensus.n_answers[rows]
        certainty = consensus.certainty[rows]
        # Not all at once: in the form in which they are sent they take several times the memory.
        for start in range(0, len(item_ids), ROWS_AT_ONCE):
            some = slice(start, start + ROWS_AT_ONCE)
            write_columns(
                session,
                "fresh_consensus (item_id, n_answers, certainty, posterior)",
                [item_ids[some], n_answers[some]],
                certainty[some],
                chances_of(posterior[some]),
            )
    session.execute(TAKE_OVER, {"queue_id": queue_id, "dimension": dimension})
