"""A new queue like one that is there, with the items whose answer is known there."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.gold.actions import SUBJECT, store_gold
from app.gold.forms import NewGold
from app.gold.models import GoldItem, GoldSource, GoldState
from app.queues.cloning import Clone, clone_queue
from app.queues.forms import Box
from app.queues.models import HeldFor, Queue, QueueItem


class CloneWithGold(Clone):
    with_gold: Box = True


def clone_with_gold(session: Session, queue_id: int, clone: CloneWithGold, seed: int) -> Queue:
    """As `clone_queue` makes it, with gold where it is wanted. Raises as that does."""
    made = clone_queue(session, queue_id, clone, seed)
    if clone.with_gold:
        copy_gold(session, queue_id, made)
    return made


def copy_gold(session: Session, queue_id: int, made: Queue) -> None:
    """What the queue asks, the new one asks too, as gold alone, since nobody has a place of it there; results
    and disputes stay."""
    found = session.scalars(taken_along(queue_id).order_by(GoldItem.item_id)).all()
    for source in GoldSource:
        news = [
            NewGold(
                item_id=gold.item_id,
                answers=gold.answers,
                explanation=gold.explanation,
                purpose=gold.purpose,
            )
            for gold in found
            if gold.source == source
        ]
        if news:
            store_gold(session, made, news, source)
    if found:
        record(
            session,
            Action.CREATED,
            SUBJECT,
            project_id=made.project_id,
            queue_id=made.id,
            after={"clone_of": queue_id, "item_ids": [gold.item_id for gold in found]},
        )


def n_taken_along(session: Session, queue_id: int) -> int:
    return session.scalars(select(func.count()).select_from(taken_along(queue_id).subquery())).one()


def taken_along(queue_id: int) -> Select[GoldItem]:
    """Not what is retired, and not what an admin is to look at first: suspended or broken."""
    return (
        select(GoldItem)
        .join(QueueItem, (QueueItem.queue_id == GoldItem.queue_id) & (QueueItem.item_id == GoldItem.item_id))
        .where(
            GoldItem.queue_id == queue_id,
            GoldItem.state == GoldState.ACTIVE,
            QueueItem.held_for.is_distinct_from(HeldFor.BROKEN),
        )
    )
