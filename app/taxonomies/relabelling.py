"""Asking anew about just the items that a change of the taxonomy touches."""

from collections.abc import Sequence

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app.annotations.models import Annotation
from app.assignments.models import ANSWERED, Assignment
from app.errors import Refused
from app.i18n import gettext as _
from app.queues.actions import create_empty_queue, fill_queue
from app.queues.cloning import settings_for
from app.queues.members import set_members
from app.queues.models import Queue, QueueItem, QueueKind, QueuePurpose
from app.queues.queries import member_ids, queues_of_project


class NothingTouched(Refused):
    pass


def relabelled_queues(session: Session, project_id: int) -> list[Queue]:
    """Those whose items can be asked anew: of safety labels, but no training or exam."""
    return [
        queue
        for queue in queues_of_project(session, project_id)
        if queue.kind == QueueKind.SAFETY and queue.purpose == QueuePurpose.PRODUCTION
    ]


def touched_items(session: Session, queue_id: int, mask: int) -> Sequence[int]:
    """The queue's items that are expected to touch one of the harm categories of the mask, or have an answer
    that stands and names one. A gold item, which wants no answers, is none of them."""
    expected = select(QueueItem.item_id).where(
        QueueItem.queue_id == queue_id,
        QueueItem.overlap > 0,
        QueueItem.harm_mask.bitwise_and(mask) != 0,
    )
    named = (
        select(QueueItem.item_id)
        .join(
            Assignment,
            (Assignment.queue_id == QueueItem.queue_id) & (Assignment.item_id == QueueItem.item_id),
        )
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .where(
            QueueItem.queue_id == queue_id,
            QueueItem.overlap > 0,
            Assignment.status.in_(ANSWERED),
            Annotation.superseded_at.is_(None),
            Annotation.harm_mask.bitwise_and(mask) != 0,
        )
    )
    return session.scalars(union(expected, named).order_by("item_id")).all()


def open_relabelling_queue(session: Session, queue: Queue, mask: int, name: str, seed: int) -> Queue:
    """A paused queue with the settings, but its start and end, and the members of this one, and just the
    items that are touched.

    Raises NothingTouched, QueueNameTaken.
    """
    item_ids = touched_items(session, queue.id, mask)
    if not item_ids:
        raise NothingTouched(_("No item of this queue touches these harm categories."))
    settings = settings_for(queue, name)
    made = create_empty_queue(session, queue.project_id, settings, seed, relabels=queue.id)
    fill_queue(session, made.id, item_ids=item_ids)
    set_members(session, made.id, member_ids(session, queue.id))
    return made
