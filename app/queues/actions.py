"""Making queues, filling them, and saying who works on them."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.errors import Conflict, Refused
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.filling import fill_statement
from app.queues.forms import MemberCaps, NewQueue, QueueSettings
from app.queues.models import HeldFor, Lane, Queue, QueueKind, QueueMember, QueueOrder, QueueState


class QueueNameTaken(Conflict):
    pass


def create_queue(session: Session, project_id: int, new: NewQueue, seed: int) -> Queue:
    """A paused queue with all items of its kind that the project has. Raises QueueNameTaken."""
    queue: Queue | None = session.scalar(
        postgresql.insert(Queue)
        .values(project_id=project_id, seed=seed, **new.model_dump())
        .on_conflict_do_nothing(index_elements=["project_id", "name"])
        .returning(Queue)
    )
    if queue is None:
        raise QueueNameTaken(f"This project already has a queue named {new.name}.")
    fill_queue(session, queue.id)
    return queue


def fill_queue(session: Session, queue_id: int, priority: Lane = Lane.NORMAL) -> int:
    """Add the project's items that the queue lacks, behind those it has; return how many.

    The order within one filling is what the queue's `item_order` and `seed` make of it. The queue's row stays
    locked, so that no position behind these is seen before them.
    """
    queue = session.scalars(
        select(Queue)
        .where(Queue.id == queue_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
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


def change_queue(session: Session, queue_id: int, changed: QueueSettings) -> bool:
    """Change a queue in mid-flight; True where its items must be brought to another overlap.

    Raises QueueNameTaken.
    """
    queue = session.scalars(
        select(Queue)
        .where(Queue.id == queue_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    namesake = select(Queue.id).where(
        Queue.project_id == queue.project_id, Queue.name == changed.name, Queue.id != queue_id
    )
    if session.scalar(namesake) is not None:
        raise QueueNameTaken(f"This project already has a queue named {changed.name}.")
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


def begin_cursors_again(session: Session, annotator_id: int) -> None:
    """What this annotator's cursors passed over may be for them now: in all queues they look again."""
    session.execute(
        update(QueueMember)
        .where(QueueMember.annotator_id == annotator_id)
        .values(cursors=[0] * len(Lane), resume_cursors=None)
    )


def set_queue_state(session: Session, queue_id: int, state: QueueState) -> None:
    session.execute(update(Queue).where(Queue.id == queue_id).values(state=state))


def set_members(session: Session, queue_id: int, annotator_ids: Iterable[int]) -> None:
    """Exactly these people work on the queue. Raises Refused for someone who can't label."""
    wanted = set(annotator_ids)
    able = set(session.scalars(select(User.id).where(User.id.in_(wanted), User.role != Role.ADMIN)))
    if wanted - able:
        raise Refused("Only annotators and adjudicators can be members of a queue.")
    session.execute(
        update(QueueMember)
        .where(QueueMember.queue_id == queue_id, QueueMember.annotator_id.not_in(wanted))
        .values(is_active=False)
    )
    if wanted:
        members = postgresql.insert(QueueMember).values(
            [{"queue_id": queue_id, "annotator_id": annotator_id} for annotator_id in wanted]
        )
        session.execute(
            members.on_conflict_do_update(
                index_elements=["queue_id", "annotator_id"], set_={"is_active": True}
            )
        )
