"""Making queues, filling them, and changing them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.audit.actions import differing, record
from app.audit.models import Action
from app.errors import Conflict, Refused
from app.i18n import gettext as _
from app.projects.queries import taxonomy_of
from app.queues.filling import OF_GIVEN_ITEMS, fill_statement
from app.queues.forms import NewQueue, QueueSettings, exam_mistake
from app.queues.models import (
    HeldFor,
    Lane,
    Queue,
    QueueKind,
    QueueOrder,
    QueuePurpose,
    QueueState,
)
from app.queues.spelling import refuse_other_spellings

TOLD_AS = {
    QueueState.PAUSED: Action.PAUSED,
    QueueState.RUNNING: Action.RESUMED,
    QueueState.DRAINING: Action.PAUSED,
    QueueState.CLOSED: Action.ENDED,
}
"""What the audit log calls getting into a state."""


class QueueNameTaken(Conflict):
    field = "name"


class NotComparable(Refused):
    pass


class NotBefore(Refused):
    pass


class QueueClosed(Conflict):
    pass


class WrongExam(Refused):
    """What a training or an exam asks and grants does not go together."""

    field = "form"


def create_queue(session: Session, project_id: int, new: NewQueue, seed: int) -> Queue:
    """A paused queue with all items of its kind that the project has; a training or an exam is empty.

    Raises QueueNameTaken, OtherSpelling of a qualification, NotComparable for `not_by_queue_id`, or NotBefore
    for `after_queue_id`.
    """
    queue = create_empty_queue(session, project_id, new, seed)
    fill_queue(session, queue.id)
    return queue


def create_empty_queue(
    session: Session, project_id: int, new: NewQueue, seed: int, **told: int | str
) -> Queue:
    """`told`: what the audit log says of it besides. Raises as `create_queue` does."""
    if new.not_by_queue_id is not None and not has_same_items(session, project_id, new):
        raise NotComparable(_("Choose a queue of this project that has the same items."))
    if new.after_queue_id is not None and not is_of_project(session, project_id, new.after_queue_id):
        raise NotBefore(_("Choose a queue of this project."))
    refuse_other_spellings(session, qualification=new.qualification, grants=new.grants)
    queue: Queue | None = session.scalar(
        postgresql.insert(Queue)
        .values(project_id=project_id, seed=seed, **new.model_dump())
        .on_conflict_do_nothing(index_elements=["project_id", "name"])
        .returning(Queue)
    )
    if queue is None:
        raise name_taken(new)
    after = new.model_dump(mode="json") | told
    record(session, Action.CREATED, "queue", project_id=project_id, queue_id=queue.id, after=after)
    return queue


def name_taken(settings: QueueSettings) -> QueueNameTaken:
    return QueueNameTaken(_("This project already has a queue named %(name)s.") % {"name": settings.name})


def is_of_project(session: Session, project_id: int, queue_id: int) -> bool:
    other = session.get(Queue, queue_id)
    return other is not None and other.project_id == project_id


def has_same_items(session: Session, project_id: int, new: NewQueue) -> bool:
    """Does the queue whose annotators are kept away belong to the project, with items of this kind?"""
    other = session.get(Queue, new.not_by_queue_id)
    if other is None or other.project_id != project_id:
        return False
    return QueueKind(other.kind).item_kind is new.kind.item_kind


def fill_queue(
    session: Session,
    queue_id: int,
    priority: Lane = Lane.NORMAL,
    item_ids: Sequence[int] | None = None,
    reason: str | None = None,
) -> int:
    """Add the project's items that the queue lacks, or of these alone, behind those it has; return how many.
    A training or an exam has none but those whose answer is known.

    The order within one filling is what the queue's `item_order` and `seed` make of it. The queue's row stays
    locked, so that no position behind these is seen before them.
    """
    queue = locked_open_queue(session, queue_id)
    if queue.purpose != QueuePurpose.PRODUCTION:
        return 0
    n_added = place_items(session, queue, priority, item_ids)
    if n_added:
        after = {"n_items_added": n_added, "priority": priority.name.lower()}
        record(session, Action.CHANGED, "queue", queue_id=queue_id, reason=reason, after=after)
    return n_added


def add_without_places(session: Session, queue_id: int, item_ids: Iterable[int]) -> None:
    """Add those of these items that the queue lacks, handed out to nobody: with an overlap of 0."""
    queue = locked_queue(session, queue_id)
    placing = {"overlap": 0, "held_for": None}
    place_items(session, queue, Lane.NORMAL, list(item_ids), QueueOrder.IMPORTED, **placing)


def place_items(
    session: Session,
    queue: Queue,
    lane: Lane,
    item_ids: Sequence[int] | None = None,
    order: QueueOrder | None = None,
    **placing: Any,
) -> int:
    """Of these, or of all that the project has, those that the queue lacks; return how many."""
    values = {
        "queue_id": queue.id,
        "project_id": queue.project_id,
        "item_kind": QueueKind(queue.kind).item_kind,
        "seed": str(queue.seed),
        "last_pos": queue.last_pos,
        "lane": lane,
        "overlap": queue.overlap,
        "held_for": HeldFor.SAFETY if queue.waits_for_safety else None,
        "category_names": list(taxonomy_of(session, queue.project_id).category_names),
    }
    which = {} if item_ids is None else {"item_ids": list(item_ids)}
    added = session.execute(
        fill_statement(order or QueueOrder(queue.item_order), OF_GIVEN_ITEMS if which else ""),
        values | which | placing,
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


def locked_open_queue(session: Session, queue_id: int) -> Queue:
    """Raises QueueClosed."""
    queue = locked_queue(session, queue_id)
    refuse_closed(queue)
    return queue


def refuse_closed(queue: Queue) -> None:
    """Raises QueueClosed."""
    if queue.state == QueueState.CLOSED:
        raise QueueClosed(_("This queue is closed: nothing of it changes, unless you open it again first."))


def change_queue(session: Session, queue_id: int, changed: QueueSettings, reason: str | None = None) -> bool:
    """Change a queue in mid-flight; True where its items must be brought to another overlap.

    Raises QueueNameTaken, WrongExam, OtherSpelling, QueueClosed.
    """
    queue = locked_open_queue(session, queue_id)
    mistake = exam_mistake(QueuePurpose(queue.purpose), changed)
    if mistake is not None:
        raise WrongExam(mistake)
    refuse_other_spellings(session, qualification=changed.qualification, grants=changed.grants)
    known = {name: getattr(queue, name) for name in QueueSettings.model_fields}
    before, after = differing(known, changed.model_dump())
    try:
        # The key decides, also between two who give one name at the same moment.
        with session.begin_nested():
            queue.name = changed.name
    except IntegrityError as clash:
        raise name_taken(changed) from clash
    for name, value in after.items():
        setattr(queue, name, value)
    session.flush()
    if after:
        record(
            session,
            Action.CHANGED,
            "queue",
            queue_id=queue_id,
            reason=reason,
            before=as_told(before),
            after=as_told(after),
        )
    return "overlap" in after or "max_overlap" in after


def as_told(fields: dict[str, Any]) -> dict[str, Any]:
    """As the audit log can hold them."""
    return {
        name: value.isoformat() if isinstance(value, datetime | time) else value
        for name, value in fields.items()
    }


def set_queue_state(session: Session, queue_id: int, state: QueueState) -> None:
    """Start or pause it; app/assignments/states.py has the other two states. Raises QueueClosed."""
    queue = session.get_one(Queue, queue_id, populate_existing=True)
    refuse_closed(queue)
    put_into(session, queue_id, state, [QueueState.PAUSED, QueueState.RUNNING, QueueState.DRAINING])


def put_into(
    session: Session,
    queue_id: int,
    state: QueueState,
    whence: Iterable[QueueState],
    *,
    drains_to: QueueState | None = None,
    reason: str | None = None,
) -> bool:
    """Give the queue another state if it is in one of these; False where it is not, or is in that already."""
    changed = session.scalar(
        update(Queue)
        .where(
            Queue.id == queue_id,
            Queue.state.in_(whence),
            (Queue.state != state) | Queue.drains_to.is_distinct_from(drains_to),
        )
        .values(state=state, drains_to=drains_to)
        .returning(Queue.id)
    )
    if changed is None:
        return False
    after = {"state": state} | ({"drains_to": drains_to} if drains_to else {})
    record(session, TOLD_AS[state], "queue", queue_id=queue_id, reason=reason, after=after)
    return True
