"""How harmful an item is at most: whether its texts are covered."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.annotations.models import Annotation
from app.assignments.models import ANSWERED, Assignment
from app.items.models import ItemResponse
from app.items.queries import severity_that_came
from app.queues.models import QueueItem


def severity_of(session: Session, item_id: int) -> int:
    """The most that anybody expects of it, or says of one of its responses, 0 to 3."""
    given, labelled = aliased(ItemResponse), aliased(ItemResponse)
    expected = select(func.max(QueueItem.severity_prior)).where(QueueItem.item_id == item_id)
    said = (
        select(func.max(Annotation.severity))
        .select_from(given)
        .join(labelled, labelled.response_id == given.response_id)
        .join(QueueItem, QueueItem.item_id == labelled.item_id)
        .join(
            Assignment,
            (Assignment.queue_id == QueueItem.queue_id) & (Assignment.item_id == QueueItem.item_id),
        )
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .where(given.item_id == item_id, Annotation.superseded_at.is_(None))
        .where(Assignment.status.in_(ANSWERED))
    )
    known = (each.scalar_subquery() for each in (expected, said))
    return session.scalar(select(func.greatest(severity_that_came(item_id), *known))) or 0
