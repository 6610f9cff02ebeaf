"""Which items are changed at once, where, and whose answers: looked up for a preview and for the change."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.queries import user_named
from app.errors import NotFound, Refused
from app.i18n import gettext as _
from app.i18n import ngettext
from app.items.models import Item
from app.queues.actions import refuse_closed
from app.queues.models import Queue, QueueItem, QueuePurpose
from app.search.conditions import among
from app.search.forms import ChangeKind, Choice, Filters
from app.search.queries import find
from app.search.scope import scope_of
from app.withdrawals.models import WithdrawalKind
from app.withdrawals.reach import Named, keys_of_items

MOST_ITEMS = {
    ChangeKind.QUEUE: 100_000,
    ChangeKind.PRIORITY: 20_000,
    ChangeKind.ADJUDICATION: 10_000,
    ChangeKind.GOLD: 1_000,
    ChangeKind.VOIDING: 2_000,
    ChangeKind.WITHDRAWAL: 10_000,
}
"""Annotators wait for locks as long as a change takes. A voiding takes most, for the triggers of answers."""
PATIENCE_SECONDS = 20.0


def chosen_items(session: Session, project_id: int, choice: Choice, filters: Filters) -> list[int]:
    """Those of the project, each once. Raises Refused where they are too many, or can't all be found soon."""
    most = MOST_ITEMS[choice.change]
    if not choice.of_all:
        ticked = select(Item.id).where(Item.project_id == project_id, Item.id.in_(choice.ticked))
        return list(session.scalars(ticked.order_by(Item.id)))
    scope = scope_of(session, project_id, filters)
    found = find(session, scope, most, patience_seconds=PATIENCE_SECONDS)
    if found.is_cut_short:
        raise Refused(
            _("To find all of these takes too long: narrow the search, by a day or a queue for instance.")
        )
    if found.next is not None:
        raise Refused(
            ngettext(
                "More than %(n)s item was found, the most for this change: narrow the search.",
                "More than %(n)s items were found, the most for this change: narrow the search.",
                most,
            )
            % {"n": f"{most:,}"}
        )
    return found.ids


def queue_chosen(session: Session, project_id: int, choice: Choice) -> Queue:
    """Raises NotFound for one of another project, Refused for one that is no place for just any item, and
    QueueClosed where its items change no more."""
    queue = session.get(Queue, choice.to_queue)
    if queue is None or queue.project_id != project_id:
        raise NotFound(_("This project has no such queue."))
    if queue.purpose != QueuePurpose.PRODUCTION:
        raise Refused(_("A training or an exam has gold items alone: choose another queue."))
    if choice.change in (ChangeKind.QUEUE, ChangeKind.PRIORITY):
        refuse_closed(queue)
    return queue


def annotator_chosen(session: Session, choice: Choice) -> int | None:
    """None for everybody. Raises Refused for a name that nobody has."""
    if not choice.whose:
        return None
    annotator = user_named(session, choice.whose)
    if annotator is None:
        raise Refused(_("There is nobody named %(name)s.") % {"name": choice.whose})
    return annotator.id


def turns_to_change(queue: Queue, choice: Choice, ids: Sequence[int]) -> Select[int]:
    """Of the queue's items that have another priority, in the order of their turns."""
    return (
        select(QueueItem.item_id)
        .where(
            QueueItem.queue_id == queue.id,
            QueueItem.item_id == among(list(ids)),
            QueueItem.lane != choice.priority,
        )
        .order_by(QueueItem.lane, QueueItem.pos, QueueItem.item_id)
    )


def responses_named(session: Session, project_id: int, ids: Sequence[int]) -> Named:
    keys = keys_of_items(session, project_id, WithdrawalKind.RESPONSE, ids)
    return Named(WithdrawalKind.RESPONSE, sha256s=tuple(dict.fromkeys(keys)))
