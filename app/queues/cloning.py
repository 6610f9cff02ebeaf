"""A new queue like one that is there."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict
from sqlalchemy import text, update
from sqlalchemy.orm import Session, aliased

from app.accounts.forms import Name
from app.projects.forms import as_list
from app.queues.actions import create_empty_queue, locked_queue
from app.queues.forms import Id, NewQueue
from app.queues.members import set_members
from app.queues.models import HeldFor, Lane, Queue, QueueMember, QueuePurpose


class ClonedItems(StrEnum):
    NONE = "none"
    UNFINISHED = "unfinished"
    ALL = "all"


class Clone(BaseModel):
    """`annotator_ids`: who of the members is one of the new queue too."""

    model_config = ConfigDict(extra="ignore")

    name: Name
    items: ClonedItems = ClonedItems.ALL
    annotator_ids: Annotated[list[Id], BeforeValidator(as_list)] = []


# In the order of their turns; what came back has no precedence in a queue where nobody had it. Items that are
# gold alone are left to `app.gold.cloning`, and a broken item is of use to nobody.
COPY = text(f"""
    INSERT INTO queue_item (queue_id, item_id, pos, lane, overlap, harm_mask, severity_prior, held_for)
    SELECT :clone_id, item_id, row_number() OVER (ORDER BY lane, pos, item_id),
           CASE lane WHEN {Lane.FRONT:d} THEN {Lane.NORMAL:d} ELSE lane END,
           :overlap, harm_mask, severity_prior, CAST(:held_for AS text)
    FROM queue_item
    WHERE queue_id = :queue_id AND overlap > 0 AND held_for IS DISTINCT FROM 'broken'
      AND (:is_every OR n_submitted < overlap)
""")


def clone_queue(session: Session, queue_id: int, clone: Clone, seed: int) -> Queue:
    """Paused, with the queue's settings but its start and end, and the items and members that are wanted.

    Its items have no answers there yet: what they have in the first queue stays with that. Of a training or
    an exam, which has gold items alone, it is empty. Raises QueueNameTaken, or Refused for someone who can't
    label.
    """
    queue = session.get_one(Queue, queue_id)
    settings = settings_for(queue, clone.name)
    made = create_empty_queue(session, queue.project_id, settings, seed, clone_of=queue_id)
    if clone.items is not ClonedItems.NONE and queue.purpose == QueuePurpose.PRODUCTION:
        copy_items(session, queue_id, made.id, is_every=clone.items is ClonedItems.ALL)
    set_members(session, made.id, clone.annotator_ids)
    copy_caps(session, queue_id, made.id)
    return made


def settings_for(queue: Queue, name: str) -> NewQueue:
    """Those of the queue, but when it starts and ends: a time that is over would end the new one too."""
    values = {field: getattr(queue, field) for field in NewQueue.model_fields}
    most = queue.max_overlap if queue.threshold else None
    ours = {"name": name, "max_overlap": most, "opens_at": None, "closes_at": None}
    return NewQueue.model_validate(values | ours)


def copy_items(session: Session, queue_id: int, clone_id: int, *, is_every: bool) -> None:
    clone = locked_queue(session, clone_id)
    copied = session.execute(
        COPY,
        {
            "queue_id": queue_id,
            "clone_id": clone_id,
            "overlap": clone.overlap,
            "held_for": HeldFor.SAFETY if clone.waits_for_safety else None,
            "is_every": is_every,
        },
        execution_options={"preserve_rowcount": True},
    )
    clone.last_pos += int(copied.rowcount)  # type: ignore[attr-defined]
    session.flush()


def copy_caps(session: Session, queue_id: int, clone_id: int) -> None:
    """What single members may do, where it is not as much as the queue says."""
    known = aliased(QueueMember)
    session.execute(
        update(QueueMember)
        .where(
            QueueMember.queue_id == clone_id,
            known.queue_id == queue_id,
            known.annotator_id == QueueMember.annotator_id,
        )
        .values(max_total=known.max_total, max_a_day=known.max_a_day)
    )
