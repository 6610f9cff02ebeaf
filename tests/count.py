"""What tests count in the database after many annotators were at work."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus


def answers_by_item(session: Session, queue_id: int) -> list[tuple[int, int]]:
    """(annotations, different annotators) of each item."""
    rows = session.execute(
        select(func.count(), func.count(Assignment.annotator_id.distinct()))
        .select_from(Annotation)
        .join(Assignment, Assignment.id == Annotation.assignment_id)
        .where(Assignment.queue_id == queue_id, Assignment.status == AssignmentStatus.SUBMITTED)
        .group_by(Assignment.item_id)
    )
    return [(n, n_people) for n, n_people in rows]
