"""What tests count in the database after many annotators were at work."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus
from app.queues.models import QueueItem


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


def items_whose_counters_lie(session: Session, queue_id: int) -> list[int]:
    """n_submitted must count the submitted assignments, n_assigned these and the live leases."""
    n_submitted = func.count().filter(Assignment.status == AssignmentStatus.SUBMITTED)
    n_live = func.count().filter(Assignment.status == AssignmentStatus.OPEN)
    return list(
        session.scalars(
            select(QueueItem.item_id)
            .join(
                Assignment,
                (Assignment.queue_id == QueueItem.queue_id) & (Assignment.item_id == QueueItem.item_id),
            )
            .where(QueueItem.queue_id == queue_id)
            .group_by(QueueItem.item_id, QueueItem.n_submitted, QueueItem.n_assigned)
            .having((QueueItem.n_submitted != n_submitted) | (QueueItem.n_assigned != n_submitted + n_live))
        )
    )
