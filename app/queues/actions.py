"""Making queues, filling them, and saying who works on them."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.errors import Conflict, Refused
from app.i18n import gettext as _
from app.projects.taxonomy import CATEGORY_NAMES, harm_mask
from app.queues.filling import fill_statement
from app.queues.forms import MemberCaps, NewQueue, QueueSettings, exam_mistake
from app.queues.models import (
    HeldFor,
    Lane,
    Queue,
    QueueKind,
    QueueMember,
    QueueOrder,
    QueuePurpose,
    QueueState,
)


class QueueNameTaken(Conflict):
    pass


class NotComparable(Refused):
    pass


class WrongExam(Refused):
    """What a training or an exam asks and grants does not go together."""


def create_queue(session: Session, project_id: int, new: NewQueue, seed: int) -> Queue:
    """A paused queue with all items of its kind that the project has; a training or an exam is empty.

    Raises QueueNameTaken, or NotComparable for `not_by_queue_id`.
    """
    if new.not_by_queue_id is not None and not has_same_items(session, project_id, new):
        raise NotComparable(_("Choose a queue of this project that has the same items."))
    queue: Queue | None = session.scalar(
        postgresql.insert(Queue)
        .values(project_id=project_id, seed=seed, **new.model_dump())
        .on_conflict_do_nothing(index_elements=["project_id", "name"])
        .returning(Queue)
    )
    if queue is None:
        raise name_taken(new)
    fill_queue(session, queue.id)
    return queue


def name_taken(settings: QueueSettings) -> QueueNameTaken:
    return QueueNameTaken(_("This project already has a queue named %(name)s.") % {"name": settings.name})


def has_same_items(session: Session, project_id: int, new: NewQueue) -> bool:
    """Does the queue whose annotators are kept away belong to the project, with items of this kind?"""
    other = session.get(Queue, new.not_by_queue_id)
    if other is None or other.project_id != project_id:
        return False
    return QueueKind(other.kind).item_kind is new.kind.item_kind


def fill_queue(session: Session, queue_id: int, priority: Lane = Lane.NORMAL) -> int:
    """Add the project's items that the queue lacks, behind those it has; return how many. A training or an
    exam has none but those whose answer is known.

    The order within one filling is what the queue's `item_order` and `seed` make of it. The queue's row stays
    locked, so that no position behind these is seen before them.
    """
    queue = locked_queue(session, queue_id)
    if queue.purpose != QueuePurpose.PRODUCTION:
        return 0
    added = session.execute(
        fill_statement(QueueOrder(queue.item_order)),
        {
            "queue_id": queue.id,
            "project_id": queue.project_id,
            "item_kind": QueueKind(queue.kind).item_kind,
            "seed": str(queue.seed),
            "last_pos": queue.last_pos,
            "lane": priority,
            "overlap": queue.overlap,
            "held_for": HeldFor.SAFETY if queue.waits_for_safety else None,
            "category_names": list(CATEGORY_NAMES),
        },
        execution_options={"preserve_rowcount": True},
    )
    n_added = int(added.rowcount)  # type: ignore[attr-defined]
    queue.last_pos += n_added
    session.flush()
    return n_added


def locked_queue(session: Session, queue_id: int) -> Queue:
    return session.scalars(
        select(Queue)
        .where(Queue.id == queue_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def change_queue(session: Session, queue_id: int, changed: QueueSettings) -> bool:
    """Change a queue in mid-flight; True where its items must be brought to another overlap.

    Raises QueueNameTaken, WrongExam.
    """
    queue = locked_queue(session, queue_id)
    mistake = exam_mistake(QueuePurpose(queue.purpose), changed)
    if mistake is not None:
        raise WrongExam(mistake)
    namesake = select(Queue.id).where(
        Queue.project_id == queue.project_id, Queue.name == changed.name, Queue.id != queue_id
    )
    if session.scalar(namesake) is not None:
        raise name_taken(changed)
    before = (queue.overlap, queue.max_overlap)
    for name, value in changed.model_dump().items():
        setattr(queue, name, value)
    session.flush()
    return before != (queue.overlap, queue.max_overlap)


def set_member_caps(session: Session, queue_id: int, annotator_id: int, caps: MemberCaps) -> None:
    session.execute(
        update(QueueMember)
        .where(QueueMember.queue_id == queue_id, QueueMember.annotator_id == annotator_id)
        .values(**caps.model_dump())
    )


def set_avoided(session: Session, annotator_id: int, names: Iterable[str]) -> None:
    """In no queue this annotator is given what is expected to touch these harm categories.

    What their cursors passed over may be for them now, so they look again from the start.
    """
    session.execute(
        select(QueueMember.queue_id)
        .where(QueueMember.annotator_id == annotator_id)
        .order_by(QueueMember.queue_id)
        .with_for_update(key_share=True)
    )
    session.execute(
        update(QueueMember)
        .where(QueueMember.annotator_id == annotator_id, QueueMember.avoided != harm_mask(names))
        .values(avoided=harm_mask(names), cursors=[0] * len(Lane), resume_cursors=None)
    )


def set_queue_state(session: Session, queue_id: int, state: QueueState) -> None:
    session.execute(update(Queue).where(Queue.id == queue_id).values(state=state))


def set_members(session: Session, queue_id: int, annotator_ids: Iterable[int]) -> None:
    """Exactly these people work on the queue. Raises Refused for someone who can't label."""
    wanted = set(annotator_ids)
    # Locked, so that nobody opts out of a topic between this reading and the row that is to hold it.
    able = session.execute(
        select(User.id, User.opted_out)
        .where(User.id.in_(wanted), User.role != Role.ADMIN)
        .with_for_update(read=True)
    ).all()
    if len(able) < len(wanted):
        raise Refused(_("Only annotators and adjudicators can be members of a queue."))
    session.execute(
        update(QueueMember)
        .where(QueueMember.queue_id == queue_id, QueueMember.annotator_id.not_in(wanted))
        .values(is_active=False)
    )
    if able:
        members = postgresql.insert(QueueMember).values(
            [
                {"queue_id": queue_id, "annotator_id": user.id, "avoided": harm_mask(user.opted_out)}
                for user in able
            ]
        )
        session.execute(
            members.on_conflict_do_update(
                index_elements=["queue_id", "annotator_id"], set_={"is_active": True}
            )
        )
