"""The answers of a queue out of the database, as columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Integer, func, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from app.agreement.columns import read_narrowly
from app.agreement.measures.blocks import places_of, type_up_to
from app.agreement.measures.counts import Counts, Indexes
from app.agreement.measures.ranks import sort_in_place
from app.agreement.queries import counts_in
from app.agreement.report.answers import NOT_THERE, Answers, Rankings, SafetyLabels
from app.annotations.models import Annotation, PatternCount
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
    columns = read_narrowly(session, statement)
    order, answered_ids, annotator_ids, item, annotator = in_order(columns.pop(0), columns.pop(0))
    # One after the other, so that they are not all there twice.
    days, guidelines, *others = (columns.pop(0)[order] for _ in range(len(columns)))
    return Answers(answered_ids, annotator_ids, item, annotator, days, guidelines), others


def in_order(item_id: Indexes, annotator_id: Indexes) -> tuple[Indexes, Counts, Counts, Indexes, Indexes]:
    """The order by item and annotator, and the first four columns of `Answers` in it."""
    annotator_ids, annotator = places_of(annotator_id)
    n_annotators = max(annotator_ids.size, 1)
    least = int(item_id.min()) if item_id.size else 0
    number = item_id.astype(np.int64)
    number -= least
    number *= n_annotators
    number += annotator
    del item_id, annotator_id
    order = sort_in_place(number, int(number.max(initial=0)) + 1).astype(type_up_to(number.size))
    annotator = (number % n_annotators).astype(annotator.dtype)
    number //= n_annotators
    is_new = np.concatenate([number[:1] >= 0, number[1:] != number[:-1]])
    item_ids: Counts = number[is_new] + least
    item = np.cumsum(is_new, dtype=type_up_to(item_ids.size))
    item -= 1
    return order, item_ids, annotator_ids, item, annotator


def pattern_labels(session: Session, queue_id: int) -> tuple[SafetyLabels, Counts]:
    """The patterns of a queue's items, each as if it were one item; and how many items show each."""
    given, n_items, (severity, mask) = read_patterns(session, queue_id, Dimension.SAFETY, 2)
    return SafetyLabels(given, severity, mask), n_items


def pattern_rankings(session: Session, queue_id: int, dimension: Dimension) -> tuple[Rankings, Counts]:
    """The same of rankings; nothing is known of the order on the page."""
    most = select(func.max(func.array_length(PatternCount.answers, 2)))
    n_places = session.scalar(most.where(*patterns_in(queue_id, dimension))) or 0
    given, n_items, columns = read_patterns(session, queue_id, dimension, max(n_places, 2))
    ranks = np.stack(columns, axis=1)
    return Rankings(given, ranks, order=np.zeros_like(ranks)), n_items


def read_patterns(
    session: Session, queue_id: int, dimension: Dimension, n_numbers: int
) -> tuple[Answers, Counts, list[Indexes]]:
    """`n_numbers`: of each answer, which become the columns."""
    answers = type_coerce(PatternCount.answers, ARRAY(Integer, dimensions=2))
    place = func.generate_subscripts(PatternCount.answers, 1).column_valued("place")
    numbers = [func.coalesce(answers[place][number], NOT_THERE) for number in range(1, n_numbers + 1)]
    statement = select(PatternCount.id, PatternCount.n_items, *numbers)
    pattern_id, times, *columns = read_narrowly(session, statement.where(*patterns_in(queue_id, dimension)))
    pattern_ids, pattern = places_of(pattern_id)
    n_items = np.zeros(pattern_ids.size, np.int64)
    n_items[pattern] = times
    nobody = np.zeros_like(pattern)
    return Answers(pattern_ids, np.zeros(1, np.int64), pattern, nobody, nobody, nobody), n_items, columns


def patterns_in(queue_id: int, dimension: Dimension) -> tuple[ColumnElement[bool], ...]:
    return PatternCount.queue_id == queue_id, PatternCount.dimension == dimension
