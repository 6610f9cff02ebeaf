"""The answers of a queue out of the database, as columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from app.agreement.columns import read_columns
from app.agreement.measures.counts import Counts
from app.agreement.queries import counts_in
from app.agreement.report.answers import NOT_THERE, Answers, Rankings, SafetyLabels
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.queues.models import Dimension

SECONDS_A_DAY = 86_400


def safety_labels(session: Session, queue_id: int, item_ids: Sequence[int] | None = None) -> SafetyLabels:
    """Each answer that counts, in no order. `item_ids`: of these alone."""
    given, (severity, mask) = read_answers(
        session, queue_id, Dimension.SAFETY, [Annotation.severity, Annotation.harm_mask], item_ids
    )
    return SafetyLabels(given, severity, mask)


def rankings(
    session: Session, queue_id: int, dimension: Dimension, item_ids: Sequence[int] | None = None
) -> Rankings:
    """Each answer that counts and says how the responses stand to each other, in no order.

    `item_ids`: of these alone.
    """
    places = range(1, max(most_responses(session, queue_id, dimension), 2) + 1)
    ranks = [func.coalesce(Annotation.ranks[place], NOT_THERE) for place in places]
    order = [func.coalesce(Annotation.displayed_order[place], -1) for place in places]
    given, columns = read_answers(session, queue_id, dimension, [*ranks, *order], item_ids)
    table = np.array(columns, np.int64).reshape(2, len(places), given.item.size)
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
) -> tuple[Answers, list[Counts]]:
    """The answers, and the columns that are asked for of each."""
    day = func.floor(func.extract("epoch", Annotation.created_at) / SECONDS_A_DAY)
    guideline = func.coalesce(Annotation.guideline_version, 0)
    statement = (
        select(Assignment.item_id, Assignment.annotator_id, day, guideline, *asked)
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .where(counts_in(queue_id, dimension))
    )
    if item_ids is not None:
        statement = statement.where(Assignment.item_id.in_(item_ids))
    item_id, annotator_id, days, guidelines, *columns = read_columns(session, statement)
    different, item = np.unique(item_id, return_inverse=True)
    annotator_ids, annotator = np.unique(annotator_id, return_inverse=True)
    return Answers(different, annotator_ids, item, annotator, days, guidelines), columns
