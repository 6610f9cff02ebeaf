"""A queue's items: which of them, a page of them, and changing them as a set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, func, select
from sqlalchemy.orm import Session

from app.agreement.models import ItemConsensus
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.moves import Stays, move_items, moving, refuse_other_kinds, set_priority
from app.errors import Conflict
from app.i18n import ngettext
from app.items.models import Import, ItemResponse, Response
from app.projects.queries import taxonomy_of
from app.projects.taxonomy import Taxonomy
from app.queues.models import HeldFor, Queue, QueueItem
from app.steering.forms import Change, ItemChange, ItemFilters, PreviewedChange, Standing

# Changed at once: more would keep annotators waiting for their locks.
MOST_AT_ONCE = 20_000
# Looked through in the order of their ids before all are: most filters find a page among the first ones, and
# the few that do not would take an item after the other in that order.
FIRST_LOOK = 5_000


class OtherItemsByNow(Conflict):
    pass


@dataclass(frozen=True, slots=True)
class ListedItem:
    """`certainty`: of its least certain label, 0 to 1, None where there is none."""

    item_id: int
    lane: int
    overlap: int
    n_assigned: int
    n_submitted: int
    n_surplus: int
    held_for: str | None
    severity_prior: int
    harm_mask: int
    certainty: float | None

    @property
    def standings(self) -> list[Standing]:
        """Those that say something of it, the most telling first."""
        if self.overlap == 0:
            return [Standing.GOLD]
        if self.held_for is not None:
            return [Standing.BROKEN if self.held_for == HeldFor.BROKEN else Standing.WAITING]
        if self.n_submitted >= self.overlap:
            return [Standing.DONE]
        is_open = [Standing.OPEN] if self.n_assigned < self.overlap else []
        return ([Standing.IN_WORK] if self.n_assigned > self.n_submitted else []) + is_open


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do: to `n_changing` of the `n_found` items that the filters find.

    `is_part`: there are more, and these are the first ones. `n_staying`: of a move. `n_alike`: of a priority,
    how many more have it already.
    """

    n_found: int
    n_changing: int
    is_part: bool
    n_staying: dict[Stays, int]
    n_alike: int = 0


def page_of_items(
    session: Session, queue: Queue, filters: ItemFilters, after: int, limit: int
) -> list[ListedItem]:
    """By id, behind that of the page before."""
    within = [QueueItem.item_id > after, *is_of_import(session, queue, filters)]
    rows = listed(queue).where(*within)
    in_order = rows.order_by(QueueItem.item_id).limit(limit)
    found = is_found(taxonomy_of(session, queue.project_id), queue, filters)
    if not found:
        return items(session, in_order)
    reach = (
        select(QueueItem.item_id)
        .where(QueueItem.queue_id == queue.id, *within)
        .order_by(QueueItem.item_id)
        .offset(FIRST_LOOK)
        .limit(1)
    )
    last = session.scalar(reach)
    if last is None:
        return items(session, in_order.where(*found))
    first = items(session, in_order.where(*found, QueueItem.item_id < last))
    if len(first) == limit:
        return first
    # The sum keeps the planner from walking the ids in order until it has enough, which may be never.
    every = rows.where(*found).order_by(QueueItem.item_id + 0).limit(limit)
    return items(session, every)


def items(session: Session, rows: Select[*tuple[Any, ...]]) -> list[ListedItem]:
    return [ListedItem(*row) for row in session.execute(rows)]


def listed(queue: Queue) -> Select[*tuple[Any, ...]]:
    certainty = (
        select(func.min(ItemConsensus.certainty))
        .where(is_label_of_item(queue))
        .correlate(QueueItem)
        .scalar_subquery()
    )
    return select(
        QueueItem.item_id,
        QueueItem.lane,
        QueueItem.overlap,
        QueueItem.n_assigned,
        QueueItem.n_submitted,
        QueueItem.n_surplus,
        QueueItem.held_for,
        QueueItem.severity_prior,
        QueueItem.harm_mask,
        certainty,
    ).where(QueueItem.queue_id == queue.id)


def is_label_of_item(queue: Queue) -> ColumnElement[bool]:
    return (
        (ItemConsensus.queue_id == queue.id)
        & ItemConsensus.dimension.in_(queue.steps)
        & (ItemConsensus.item_id == QueueItem.item_id)
    )


def is_of_import(session: Session, queue: Queue, filters: ItemFilters) -> list[ColumnElement[bool]]:
    """The condition on `QueueItem` where an import is asked for: a run of ids, as its index has them."""
    if filters.brought_by is None:
        return []
    brought = session.execute(
        select(Import.first_item_id, Import.last_item_id).where(
            Import.id == filters.brought_by,
            Import.project_id == queue.project_id,
            Import.first_item_id.is_not(None),
        )
    ).one_or_none()
    return [false() if brought is None else QueueItem.item_id.between(*brought)]


def is_found(taxonomy: Taxonomy, queue: Queue, filters: ItemFilters) -> list[ColumnElement[bool]]:
    """The other conditions on `QueueItem`."""
    found = []
    if filters.category is not None:
        found.append(QueueItem.harm_mask.bitwise_and(taxonomy.mask_of([filters.category])) != 0)
    if filters.severity is not None:
        found.append(QueueItem.severity_prior == filters.severity)
    if filters.priority is not None:
        found.append(QueueItem.lane == filters.priority)
    if filters.standing is not None:
        found.append(stands(queue, filters.standing))
    if filters.source is not None:
        found.append(
            exists()
            .where(ItemResponse.item_id == QueueItem.item_id, Response.id == ItemResponse.response_id)
            .where(Response.source == filters.source)
        )
    if filters.below is not None:
        found.append(exists().where(is_label_of_item(queue), ItemConsensus.certainty < filters.below))
    return found


def stands(queue: Queue, standing: Standing) -> ColumnElement[bool]:
    """As `ListedItem.standings`; an item that is open and in work is found by both."""
    if standing is Standing.IN_WORK:
        # By the few leases, and not by the counts of all items.
        leased = select(Assignment.item_id).where(
            Assignment.queue_id == queue.id,
            Assignment.status == AssignmentStatus.OPEN,
            Assignment.takes_place,
        )
        return QueueItem.item_id.in_(leased) & QueueItem.held_for.is_(None)
    if standing is Standing.OPEN:
        return QueueItem.is_open.is_(True)
    if standing is Standing.GOLD:
        return QueueItem.overlap == 0
    if standing is Standing.DONE:
        is_full = (QueueItem.overlap > 0) & (QueueItem.n_submitted >= QueueItem.overlap)
        return ~QueueItem.is_open & QueueItem.held_for.is_(None) & is_full
    return QueueItem.held_for == (HeldFor.BROKEN if standing is Standing.BROKEN else HeldFor.SAFETY)


def ids_found(session: Session, queue: Queue, wanted: ItemChange) -> Sequence[int]:
    """In the order of their turns, for a priority only those that have another one; one more than are
    changed at once, where there are more."""
    found = select(QueueItem.item_id).where(*is_wanted(session, queue, wanted))
    if wanted.change is Change.PRIORITY:
        found = found.where(QueueItem.lane != wanted.new_priority)
    return session.scalars(
        found.order_by(QueueItem.lane, QueueItem.pos, QueueItem.item_id).limit(MOST_AT_ONCE + 1)
    ).all()


def is_wanted(session: Session, queue: Queue, filters: ItemFilters) -> list[ColumnElement[bool]]:
    """All conditions on `QueueItem`."""
    taxonomy = taxonomy_of(session, queue.project_id)
    within = is_of_import(session, queue, filters)
    return [QueueItem.queue_id == queue.id, *within, *is_found(taxonomy, queue, filters)]


def preview_of(session: Session, queue: Queue, wanted: ItemChange) -> Preview:
    item_ids = ids_found(session, queue, wanted)
    is_part, item_ids = len(item_ids) > MOST_AT_ONCE, item_ids[:MOST_AT_ONCE]
    if wanted.target_id is None or wanted.change is Change.PRIORITY:
        alike = [*is_wanted(session, queue, wanted), QueueItem.lane == wanted.new_priority]
        n_alike = session.scalars(select(func.count()).select_from(QueueItem).where(*alike)).one()
        return Preview(len(item_ids), len(item_ids), is_part, {}, n_alike)
    refuse_other_kinds(session, queue.id, wanted.target_id)
    told = moving(session, queue.id, wanted.target_id, item_ids)
    return Preview(len(item_ids), told.n_moved, is_part, told.n_staying)


def change_items(session: Session, queue: Queue, wanted: PreviewedChange) -> int:
    """How many were changed. Raises OtherItemsByNow where it would be more than the preview said."""
    item_ids = ids_found(session, queue, wanted)[:MOST_AT_ONCE]
    n_changed = changed_of(session, queue, wanted, item_ids)
    if n_changed > wanted.n_items:
        raise OtherItemsByNow(
            ngettext(
                "It would be %(n)s item by now, more than you have seen: look at the preview again."
                " Nothing was changed.",
                "It would be %(n)s items by now, more than you have seen: look at the preview again."
                " Nothing was changed.",
                n_changed,
            )
            % {"n": n_changed}
        )
    return n_changed


def changed_of(session: Session, queue: Queue, wanted: ItemChange, item_ids: Sequence[int]) -> int:
    if wanted.change is Change.MOVE and wanted.target_id is not None:
        return move_items(session, queue.id, wanted.target_id, item_ids, wanted.reason).n_moved
    if wanted.new_priority is not None:
        return set_priority(session, queue.id, item_ids, wanted.new_priority, wanted.reason)
    return 0
