"""Reads about answers."""

from typing import cast

from sqlalchemy import exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.annotations.models import Annotation
from app.assignments.models import ANSWERED, Assignment
from app.items.models import ItemResponse, Response
from app.queues.models import Dimension, QueueItem, QueueMember

# Never NULL in a safety label.
IS_SAFE = cast(InstrumentedAttribute[bool], Annotation.is_safe)


def dimensions_answered(session: Session, assignment_id: int) -> set[str]:
    return set(session.scalars(select(Annotation.dimension).where(Annotation.assignment_id == assignment_id)))


def is_stored(session: Session, assignment_id: int, dimension: str, key: str | None) -> bool:
    """Was this very submission stored before?"""
    if key is None:
        return False
    same = exists().where(
        Annotation.assignment_id == assignment_id,
        Annotation.dimension == dimension,
        Annotation.submission_key == key,
    )
    return bool(session.scalar(select(same)))


def n_submitted_today(session: Session, annotator_id: int) -> int:
    """What this annotator has submitted since midnight UTC, in all queues."""
    counts = select(func.sum(QueueMember.n_today)).where(
        QueueMember.annotator_id == annotator_id, QueueMember.day == func.current_date()
    )
    return session.scalar(counts) or 0


def response_lengths(session: Session, assignment_id: int) -> dict[int, int]:
    """Characters of each response of the assignment's item, by position."""
    lengths = (
        select(ItemResponse.position, func.char_length(Response.text).label("n"))
        .join(Response, Response.id == ItemResponse.response_id)
        .join(Assignment, Assignment.item_id == ItemResponse.item_id)
        .where(Assignment.id == assignment_id)
    )
    return {row.position: row.n for row in session.execute(lengths)}


def own_safety_labels(session: Session, assignment_id: int, annotator_id: int) -> dict[int, bool]:
    """Is it safe? What this annotator said themselves of the responses of the assignment's item, by position
    in it; the latest answer where two queues asked for the same."""
    asked, of_pair = aliased(Assignment), aliased(ItemResponse)
    labels = (
        select(ItemResponse.position, IS_SAFE)
        .join(of_pair, of_pair.response_id == ItemResponse.response_id)
        .join(QueueItem, QueueItem.item_id == of_pair.item_id)
        .join(
            Assignment,
            (Assignment.queue_id == QueueItem.queue_id)
            & (Assignment.item_id == QueueItem.item_id)
            & (Assignment.annotator_id == annotator_id),
        )
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .join(asked, asked.item_id == ItemResponse.item_id)
        .where(
            asked.id == assignment_id,
            Assignment.status.in_(ANSWERED),
            Annotation.dimension == Dimension.SAFETY,
            Annotation.superseded_at.is_(None),
        )
        .order_by(Annotation.created_at)
    )
    return {row.position: row.is_safe for row in session.execute(labels)}
