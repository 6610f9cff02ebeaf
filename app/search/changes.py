"""What a change to many items would do, counted before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adjudication.models import AdjudicationCase, CaseState
from app.errors import NotFound, Refused
from app.i18n import gettext as _
from app.i18n import ngettext
from app.items.models import Item, ItemResponse
from app.queues.models import Queue, QueueItem, QueuePurpose
from app.search.conditions import among
from app.search.forms import ChangeKind, Choice, Filters
from app.search.queries import find
from app.search.scope import scope_of
from app.withdrawals.models import WithdrawalKind
from app.withdrawals.reach import Named, items_with, keys_of_items, standing

MOST_ITEMS = {ChangeKind.QUEUE: 100_000, ChangeKind.ADJUDICATION: 10_000, ChangeKind.WITHDRAWAL: 10_000}
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Consequences:
    """Of the `n_items` that were chosen. `n_staying`: how many stay as they are, by why. Of a withdrawal,
    `n_changed` are responses, and `n_concerned` all items that have one of them."""

    n_items: int
    n_changed: int
    n_staying: dict[str, int]
    n_concerned: int = 0


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
    """Raises NotFound for one of another project, Refused for one that is no place for just any item."""
    queue = session.get(Queue, choice.to_queue)
    if queue is None or queue.project_id != project_id:
        raise NotFound(_("This project has no such queue."))
    if queue.purpose != QueuePurpose.PRODUCTION:
        raise Refused(_("A training or an exam has gold items alone: choose another queue."))
    return queue


def consequences(session: Session, project_id: int, choice: Choice, ids: Sequence[int]) -> Consequences:
    if choice.change is ChangeKind.WITHDRAWAL:
        return of_withdrawing(session, project_id, ids)
    queue = queue_chosen(session, project_id, choice)
    if choice.change is ChangeKind.QUEUE:
        return of_adding(session, queue, ids)
    return of_adjudicating(session, queue, ids)


def of_adding(session: Session, queue: Queue, ids: Sequence[int]) -> Consequences:
    is_there = (
        select(QueueItem.item_id).where(QueueItem.queue_id == queue.id, QueueItem.item_id == Item.id).exists()
    )
    is_of_kind = Item.kind == queue.item_kind
    row = session.execute(
        select(
            func.count().filter(is_of_kind & ~is_there),
            func.count().filter(is_there),
            func.count().filter(~is_of_kind),
        ).where(Item.id == among(list(ids)))
    ).one()
    stays = {_("are in the queue already"): row[1], _("are of another kind than the queue's"): row[2]}
    return Consequences(len(ids), row[0], told(stays))


def of_adjudicating(session: Session, queue: Queue, ids: Sequence[int]) -> Consequences:
    case = (AdjudicationCase.queue_id == queue.id) & (AdjudicationCase.item_id == QueueItem.item_id)
    row = session.execute(
        select(
            func.count().filter(AdjudicationCase.state == CaseState.OPEN),
            func.count().filter(AdjudicationCase.state == CaseState.DECIDED),
            func.count(),
        )
        .select_from(QueueItem)
        .outerjoin(AdjudicationCase, case)
        .where(QueueItem.queue_id == queue.id, QueueItem.item_id == among(list(ids)))
    ).one()
    n_open, n_decided, n_there = row
    stays = {
        _("are with adjudicators already"): n_open,
        _("were decided by adjudicators"): n_decided,
        _("are not in the queue"): len(ids) - n_there,
    }
    return Consequences(len(ids), n_there - n_open - n_decided, told(stays))


def of_withdrawing(session: Session, project_id: int, ids: Sequence[int]) -> Consequences:
    named = responses_named(session, project_id, ids)
    n_withdrawn = session.scalars(standing(project_id, named)).one()
    responses = session.scalars(
        select(ItemResponse.response_id).where(ItemResponse.item_id == among(list(ids))).distinct()
    ).all()
    concerned = items_with(responses, WithdrawalKind.RESPONSE)
    n_concerned = session.scalars(select(func.count()).select_from(concerned)).one()
    n_responses = len(named.sha256s)
    stays = {_("responses are withdrawn already"): n_withdrawn}
    return Consequences(len(ids), n_responses - n_withdrawn, told(stays), n_concerned)


def responses_named(session: Session, project_id: int, ids: Sequence[int]) -> Named:
    keys = keys_of_items(session, project_id, WithdrawalKind.RESPONSE, ids)
    return Named(WithdrawalKind.RESPONSE, sha256s=tuple(dict.fromkeys(keys)))


def told(stays: dict[str, int]) -> dict[str, int]:
    return {why: n for why, n in stays.items() if n}
