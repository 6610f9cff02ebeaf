"""Making queues, filling them, and saying who works on them."""

from collections.abc import Iterable

from sqlalchemy import String, cast, exists, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.errors import Conflict, Refused
from app.items.models import Item
from app.queues.forms import NewQueue
from app.queues.models import Queue, QueueItem, QueueKind, QueueMember, QueueState


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


def fill_queue(session: Session, queue_id: int) -> int:
    """Add the project's items that the queue lacks, behind those it has; return how many.

    Within one filling the order is a permutation that `seed` decides alone, so it can be made again.
    """
    queue = session.scalars(select(Queue).where(Queue.id == queue_id).with_for_update(key_share=True)).one()
    last = session.scalar(select(func.max(QueueItem.pos)).where(QueueItem.queue_id == queue_id)) or 0
    shuffled = func.md5(literal(f"{queue.seed}:") + cast(Item.id, String))
    lacking = select(
        literal(queue.id), Item.id, last + func.row_number().over(order_by=shuffled), literal(queue.overlap)
    ).where(
        Item.project_id == queue.project_id,
        Item.kind == QueueKind(queue.kind).item_kind,
        ~exists().where(QueueItem.queue_id == queue.id, QueueItem.item_id == Item.id),
    )
    added = session.execute(
        insert(QueueItem).from_select(["queue_id", "item_id", "pos", "overlap"], lacking),
        execution_options={"preserve_rowcount": True},
    )
    return int(added.rowcount)  # type: ignore[attr-defined]


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
