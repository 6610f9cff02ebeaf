"""How an item came, where it was put, and what admins did to it."""

from collections.abc import Iterator

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.gold.models import GoldItem
from app.history.events import Event
from app.i18n import gettext as _
from app.items.models import Import, Item, ReferenceLabel
from app.queues.models import Queue, QueueItem
from app.withdrawals.reach import withdrawals_of_item


def import_events(session: Session, item_id: int) -> Iterator[Event]:
    """Of the import that brought it, where that kept which items are its own; and of each label that came."""
    its_label = (ReferenceLabel.import_id == Import.id) & (ReferenceLabel.item_id == item_id)
    brought_it = Item.id.between(Import.first_item_id, Import.last_item_id)
    rows = session.execute(
        select(Import.finished_at, Import.created_at, Import.id, Import.file_name, ReferenceLabel.dimension)
        .add_columns(func.coalesce(brought_it, literal(value=False)).label("brought_it"))
        .join(Item, Item.project_id == Import.project_id)
        .outerjoin(ReferenceLabel, its_label)
        .where(Item.id == item_id, or_(brought_it, ReferenceLabel.id.is_not(None)))
        .order_by(Import.id, ReferenceLabel.id)
    )
    told = set()
    for row in rows:
        at = row.finished_at or row.created_at
        values = {"n": row.id, "file": row.file_name, "dimension": _(row.dimension) if row.dimension else ""}
        if row.brought_it and row.id not in told:
            told.add(row.id)
            yield Event(at, _("Came with import %(n)s (%(file)s)") % values)
        if row.dimension is not None:
            what = _("Import %(n)s (%(file)s) brought a label of it: %(dimension)s") % values
            yield Event(at, what)


def queue_events(session: Session, item_id: int) -> Iterator[Event]:
    """When an item came into a queue is not kept: it was with the queue's making, or later."""
    rows = session.execute(
        select(Queue.created_at, Queue.name)
        .join(QueueItem, QueueItem.queue_id == Queue.id)
        .where(QueueItem.item_id == item_id)
        .order_by(Queue.id)
    )
    for row in rows:
        yield Event(row.created_at, _("Its queue was made; it was put in then, or later"), queue=row.name)


def gold_events(session: Session, item_id: int) -> Iterator[Event]:
    rows = session.execute(
        select(GoldItem.created_at, GoldItem.source, User.username, Queue.name)
        .join(Queue, Queue.id == GoldItem.queue_id)
        .outerjoin(User, User.id == GoldItem.created_by)
        .where(GoldItem.item_id == item_id)
        .order_by(GoldItem.created_at)
    )
    for row in rows:
        what = _("Became a gold item (%(source)s)") % {"source": _(row.source)}
        yield Event(row.created_at, what, row.username, row.name)


def withdrawal_events(session: Session, item_id: int) -> Iterator[Event]:
    for each in withdrawals_of_item(session, item_id):
        values = {"kind": _(each.kind)}
        yield Event(each.withdrawn_at, _("Withdrawn from releases: %(kind)s") % values, words=each.reason)
        if each.ended_at is not None:
            what = _("Its withdrawal ended: %(kind)s") % values
            yield Event(each.ended_at, what, words=each.end_reason)


def audit_events(session: Session, item_id: int) -> Iterator[Event]:
    """But for views, of which there are many."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.subject, AuditEntry.reason)
        .add_columns(User.username, Queue.name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(Queue, Queue.id == AuditEntry.queue_id)
        .where(AuditEntry.item_id == item_id, AuditEntry.action != Action.VIEWED)
        .order_by(AuditEntry.id)
    )
    for row in rows:
        values = {"action": _(row.action.replace("_", " ")), "subject": _(row.subject)}
        what = _("Audit log: %(subject)s, %(action)s") % values
        yield Event(row.at, what, row.username, row.name, words=row.reason)
