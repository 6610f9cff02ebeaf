"""The safety labels that an annotator of a response set may look at, and the flags on them."""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.agreement.consensus.majority import SafetyConsensus, majority_safety
from app.agreement.queries import HARM_CATEGORIES, SEVERITY, is_read, safety_vote
from app.annotations.actions import displayed_order
from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.queries import n_responses
from app.errors import NotFound
from app.flags.models import LabelFlag
from app.i18n import gettext as _
from app.items.models import ItemResponse
from app.projects.taxonomy import Taxonomy
from app.queues.models import Dimension, Queue, QueueItem


def position_at(
    session: Session, assignment_id: int, annotator_id: int, dimension: Dimension, place: int
) -> int:
    """Of the response in this place of the page, in its item.

    Raises NotFound for someone else's assignment, and where the page has no such place.
    """
    mine = select(Assignment.id).where(
        Assignment.id == assignment_id, Assignment.annotator_id == annotator_id
    )
    order = displayed_order(assignment_id, dimension, n_responses(session, assignment_id))
    if session.scalar(mine) is None or not 0 <= place < len(order):
        raise NotFound(_("There is no such response in an assignment of yours."))
    return order[place]


def label_of(
    session: Session, assignment_id: int, position: int, taxonomy: Taxonomy
) -> SafetyConsensus | None:
    """What most annotators of the response's QA pair said; None where it has no answer that counts."""
    asked, of_pair = aliased(Assignment), aliased(ItemResponse)
    votes = (
        select(SEVERITY, HARM_CATEGORIES)
        .select_from(asked)
        .join(ItemResponse, ItemResponse.item_id == asked.item_id)
        .join(of_pair, of_pair.response_id == ItemResponse.response_id)
        .join(QueueItem, QueueItem.item_id == of_pair.item_id)
        .join(Queue, Queue.id == QueueItem.queue_id)
        .join(
            Assignment,
            (Assignment.queue_id == QueueItem.queue_id) & (Assignment.item_id == QueueItem.item_id),
        )
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .where(
            asked.id == assignment_id,
            ItemResponse.position == position,
            Assignment.status == AssignmentStatus.SUBMITTED,
            Assignment.takes_place,
            *is_read(Dimension.SAFETY),
        )
    )
    return majority_safety([safety_vote(*vote) for vote in session.execute(votes)], taxonomy.category_names)


def flag_on(session: Session, assignment_id: int, position: int) -> LabelFlag | None:
    return session.get(LabelFlag, (assignment_id, position))
