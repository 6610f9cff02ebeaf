"""Reads about answers."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus


def dimensions_answered(session: Session, assignment_id: int) -> set[str]:
    return set(session.scalars(select(Annotation.dimension).where(Annotation.assignment_id == assignment_id)))


def n_submitted_today(session: Session, annotator_id: int) -> int:
    """Assignments this annotator has submitted since midnight UTC."""
    today = func.date_trunc("day", func.now(), "UTC")
    return (
        session.scalar(
            select(func.count()).where(
                Assignment.annotator_id == annotator_id,
                Assignment.closed_at >= today,
                Assignment.status == AssignmentStatus.SUBMITTED,
            )
        )
        or 0
    )
