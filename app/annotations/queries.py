"""Reads about answers."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.annotations.models import Annotation
from app.queues.models import QueueMember


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
