"""The invariants of a queue's assignments, and of their answers."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.annotations.models import Annotation
from app.annotations.patterns import stray_patterns
from app.assignments.check import MOST_NAMED, Break, Found, check_queue
from app.assignments.models import Assignment, AssignmentStatus
from app.queues.queries import queue_of

HAVE_ANSWERS = (AssignmentStatus.SUBMITTED, AssignmentStatus.SURPLUS, AssignmentStatus.VOIDED)


def check_all_of(session: Session, queue_id: int) -> list[Found]:
    """The breaks there are; none where all is well. Raises NotFound."""
    of_answers = {
        Break.UNANSWERED: unanswered(session, queue_id, len(queue_of(session, queue_id).steps)),
        Break.PATTERN: stray_patterns(session, queue_id),
    }
    return check_queue(session, queue_id) + [
        Found(what, len(ids), ids[:MOST_NAMED]) for what, ids in of_answers.items() if ids
    ]


def unanswered(session: Session, queue_id: int, n_steps: int) -> list[int]:
    """Ids of assignments that count as answered and have fewer answers than the queue has steps."""
    return list(
        session.scalars(
            select(Assignment.id)
            .outerjoin(
                Annotation,
                (Annotation.assignment_id == Assignment.id) & Annotation.superseded_at.is_(None),
            )
            .where(Assignment.queue_id == queue_id, Assignment.status.in_(HAVE_ANSWERS))
            .group_by(Assignment.id)
            .having(func.count(Annotation.id) < n_steps)
            .order_by(Assignment.id)
        )
    )
