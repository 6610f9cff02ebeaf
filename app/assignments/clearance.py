"""Need to know: what a project restricts is held only by people who are cleared for it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.actions import set_cleared
from app.accounts.models import User
from app.assignments.actions import lock_member, release_assignment
from app.assignments.models import IS_OPEN, Assignment
from app.audit.actions import record
from app.audit.models import Action
from app.projects.models import Project
from app.projects.queries import taxonomies_of
from app.queues.members import refresh_avoided
from app.queues.models import Queue, QueueItem, QueueMember


def clear_person(session: Session, user_id: int, names: Sequence[str], reason: str) -> None:
    """For exactly these harm categories. What they hold and may not be shown any more is taken back."""
    set_cleared(session, user_id, names, reason)
    apply_restrictions(session, QueueMember.annotator_id == user_id)


def apply_project_restrictions(session: Session, project_id: int) -> None:
    """As they are now, to all members of its queues."""
    of_project = select(Queue.id).where(Queue.project_id == project_id)
    apply_restrictions(session, QueueMember.queue_id.in_(of_project))


def apply_restrictions(session: Session, which: ColumnElement[bool]) -> None:
    refresh_avoided(session, which)
    is_of_member = (Assignment.queue_id == QueueMember.queue_id) & (
        Assignment.annotator_id == QueueMember.annotator_id
    )
    is_of_item = (QueueItem.queue_id == Assignment.queue_id) & (QueueItem.item_id == Assignment.item_id)
    rows = session.execute(
        select(Assignment, QueueItem.harm_mask, Project.id, Project.restricted, User.cleared)
        .join(QueueMember, is_of_member)
        .join(QueueItem, is_of_item)
        .join(Queue, Queue.id == Assignment.queue_id)
        .join(Project, Project.id == Queue.project_id)
        .join(User, User.id == Assignment.annotator_id)
        .where(which, IS_OPEN, Project.restricted != [])
        .order_by(Assignment.queue_id, Assignment.item_id)
    ).all()
    taxonomies = taxonomies_of(session, {row.id for row in rows})
    for held, mask, project_id, restricted, cleared in rows:
        if mask & taxonomies[project_id].withheld_mask(restricted, cleared):
            take_back(session, held)


def take_back(session: Session, held: Assignment) -> None:
    release_assignment(session, lock_member(session, held.queue_id, held.annotator_id), held.id)
    record(
        session,
        Action.RELEASED,
        "lease",
        queue_id=held.queue_id,
        item_id=held.item_id,
        user_id=held.annotator_id,
        after={"because": "restricted"},
    )
