"""The answers of a queue out of the database, as columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from app.agreement.columns import read_narrowly
from app.agreement.measures.blocks import Indexes, places_of, type_up_to
from app.agreement.measures.ranks import sort_in_place
from app.agreement.queries import counts_in
from app.agreement.report.answers import NOT_THERE, Answers, Rankings, SafetyLabels
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.queues.models import Dimension

SECONDS_A_DAY = 86_400


def safety_labels(session: Session, queue_id: int, item_ids: Sequence[int] | None = None) -> SafetyLabels:
    """Each answer that counts. `item_ids`: of these alone."""
    given, (severity, mask) = read_answers(
        session, queue_id, Dimension.SAFETY, [Annotation.severity, Annotation.harm_mask], item_ids
    )
    return SafetyLabels(given, severity, mask)


def rankings(
    session: Session, queue_id: int, dimension: Dimension, item_ids: Sequence[int] | None = None
) -> Rankings:
    """Each answer that counts and says how the responses stand to each other.

    `item_ids`: of these alone.
    """
    places = range(1, max(most_responses(session, queue_id, dimension), 2) + 1)
    ranks = [func.coalesce(Annotation.ranks[place], NOT_THERE) for place in places]
    order = [func.coalesce(Annotation.displayed_order[place], -1) for place in places]
    given, columns = read_answers(session, queue_id, dimension, [*ranks, *order], item_ids)
    table = np.array(columns).reshape(2, len(places), given.item.size)
    return Rankings(given, ranks=table[0].T, order=table[1].T)


def most_responses(session: Session, queue_id: int, dimension: Dimension) -> int:
    most = select(func.max(func.cardinality(Annotation.ranks))).join_from(Annotation, Assignment)
    return session.scalar(most.where(counts_in(queue_id, dimension))) or 0


def read_answers(
    session: Session,
    queue_id: int,
    dimension: Dimension,
    asked: Sequence[SQLCoreOperations[Any]],
    item_ids: Sequence[int] | None,
) -> tuple[Answers, list[Indexes]]:
    """The answers, sorted by item and annotator, and the columns that are asked for of each."""
    day = func.floor(func.extract("epoch", Annotation.created_at) / SECONDS_A_DAY)
    guideline = func.coalesce(Annotation.guideline_version, 0)
    statement = (
        select(Assignment.item_id, Assignment.annotator_id, day, guideline, *asked)
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .where(counts_in(queue_id, dimension))
    )
    if item_ids is not None:
        statement = statement.where(Assignment.item_id.in_(item_ids))
    item_id, annotator_id, *columns = read_narrowly(session, statement)
    annotator_ids, annotator = places_of(annotator_id)
    least = int(item_id.min()) if item_id.size else 0
    number = item_id.astype(np.int64)
    number -= least
    number *= annotator_ids.size
    number += annotator
    del item_id, annotator_id, annotator
    order = sort_in_place(number, int(number.max(initial=0)) + 1).astype(type_up_to(number.size))
    annotator = (number % max(annotator_ids.size, 1)).astype(type_up_to(annotator_ids.size))
    number //= max(annotator_ids.size, 1)
    is_new = np.concatenate([number[:1] >= 0, number[1:] != number[:-1]])
    item_ids = number[is_new] + least
    del number
    item = np.cumsum(is_new, dtype=type_up_to(item_ids.size))
    item -= 1
    # One after the other, so that they are not all there twice.
    days, guidelines, *in_order = (columns.pop(0)[order] for _ in range(len(columns)))
    return Answers(item_ids, annotator_ids, item, annotator, days, guidelines), in_order
