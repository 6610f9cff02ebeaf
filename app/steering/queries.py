"""What is told of a queue before it changes as a whole."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.assignments.models import Assignment, AssignmentStatus


@dataclass(frozen=True, slots=True)
class Held:
    """`n_people` hold `n_items`; `n_ahead` more are loaded for them and not shown yet."""

    n_items: int
    n_ahead: int
    n_people: int


def held_in(session: Session, queue_id: int) -> Held:
    """By annotators, now."""
    return Held(
        *session.execute(
            select(
                func.count().filter(~Assignment.is_ahead),
                func.count().filter(Assignment.is_ahead),
                func.count(Assignment.annotator_id.distinct()),
            ).where(Assignment.queue_id == queue_id, Assignment.status == AssignmentStatus.OPEN)
        ).one()
    )
