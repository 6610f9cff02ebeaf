"""Reads about gold items, their results and disputes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.errors import NotFound
from app.gold.models import DisputeState, GoldItem, GoldResult, GoldState
from app.gold.rates import right_rate_interval
from app.gold.rot import Answered
from app.gold.statements import ANSWERED_OF, DISPUTES, GOLD_ITEMS, IS_SHOWN, RESULTS, STANDING
from app.i18n import gettext as _
from app.items.models import Item, ItemResponse, Prompt, Response
from app.projects.queries import taxonomy_of
from app.queues.models import Queue, QueueItem, QueueKind

OPENING_CHARACTERS = 160
DAYS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class GoldRow:
    """`opening`: how its prompt begins, None for someone who may not read it. `n` results count, `n_right` of
    them right."""

    item_id: int
    opening: str | None
    answers: dict[str, Any]
    purpose: str
    source: str
    state: str
    suspended_for: str | None
    n: int
    n_right: int
    n_open: int

    @property
    def interval(self) -> tuple[float, float]:
        return right_rate_interval(self.n_right, self.n - self.n_right)


@dataclass(frozen=True, slots=True)
class GoldCounts:
    n: int
    n_suspended: int
    n_disputes: int


@dataclass(frozen=True, slots=True)
class FoundItem:
    """`is_gold`: of this queue already."""

    item_id: int
    opening: str
    is_gold: bool


@dataclass(frozen=True, slots=True)
class ItemText:
    """`responses`: in the item's order."""

    item_id: int
    prompt: str
    responses: list[str]


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """`expected`, `given`: answers as `GoldItem` has them; `given` with its verdict."""

    assignment_id: int
    dimension: str
    item_id: int
    username: str
    opening: str | None
    expected: dict[str, Any]
    given: dict[str, Any]
    scores: dict[str, float]
    reason: str
    disputed_at: datetime


@dataclass(frozen=True, slots=True)
class ShownResult:
    """`is_withheld`: its annotator opted out of what it touches, or is not cleared for it any more.
    `displayed_order[i]`: the position in the item of what stood in place i."""

    assignment_id: int
    dimension: str
    item_id: int
    queue_name: str
    scored_at: datetime
    is_withheld: bool
    is_covered: bool
    severity_prior: int
    prompt: str
    responses: list[str]
    displayed_order: list[int] | None
    expected: dict[str, Any]
    given: dict[str, Any]
    scores: dict[str, float]
    is_right: bool
    explanation: str
    dispute_state: str | None
    dispute_reason: str | None
    decision_reason: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the last days: answers that count, kept as surplus; gold results, and how many are right."""

    n_accepted: int
    n_surplus: int
    n_results: int
    n_right: int


def hidden_from(session: Session, user: User, queue: Queue) -> int:
    """Bits of the harm categories that the queue's project restricts and this person is not cleared for."""
    return taxonomy_of(session, queue.project_id).withheld_mask(queue.project.restricted, user.cleared)


def gold_items(session: Session, queue_id: int, hidden: int, limit: int, offset: int) -> list[GoldRow]:
    """Suspended ones first, then the newest."""
    values = {"queue_id": queue_id, "hidden": hidden, "limit": limit, "offset": offset}
    rows = session.execute(GOLD_ITEMS, values | {"opening": OPENING_CHARACTERS})
    return [GoldRow(*row) for row in rows]


def gold_counts(session: Session, queue_id: int) -> GoldCounts:
    disputes = select(func.count()).where(
        GoldResult.queue_id == queue_id, GoldResult.dispute_state == DisputeState.OPEN
    )
    counted = session.execute(
        select(
            func.count(),
            func.count().filter(GoldItem.state == GoldState.SUSPENDED),
            disputes.scalar_subquery(),
        )
        .select_from(GoldItem)
        .where(GoldItem.queue_id == queue_id)
    )
    return GoldCounts(*counted.one())


def gold_of(session: Session, queue_id: int, item_id: int) -> GoldItem | None:
    return session.get(GoldItem, (queue_id, item_id))


def find_items(session: Session, queue: Queue, words: str, hidden: int, limit: int) -> list[FoundItem]:
    """Items of the queue's project and kind: the one with this id, and those whose prompt has these words."""
    place = (QueueItem.queue_id == queue.id) & (QueueItem.item_id == Item.id)
    is_hidden = func.coalesce(QueueItem.harm_mask, 0).bitwise_and(hidden) != 0
    is_gold = select(GoldItem.item_id).where(GoldItem.queue_id == queue.id, GoldItem.item_id == Item.id)
    has_words = Prompt.text.icontains(words, autoescape=True)
    if words.isascii() and words.isdigit() and len(words) < 19:
        has_words |= Item.id == int(words)
    rows = session.execute(
        select(Item.id, func.left(Prompt.text, OPENING_CHARACTERS), is_gold.exists())
        .join(Prompt, Prompt.id == Item.prompt_id)
        .outerjoin(QueueItem, place)
        .where(
            Item.project_id == queue.project_id,
            Item.kind == QueueKind(queue.kind).item_kind,
            has_words,
            ~is_hidden,
        )
        .order_by(Item.id)
        .limit(limit)
    )
    return [FoundItem(*row) for row in rows]


def item_text(session: Session, queue: Queue, item_id: int) -> ItemText:
    """Raises NotFound for an item of another project or kind."""
    prompt = session.scalar(
        select(Prompt.text)
        .join(Item, Item.prompt_id == Prompt.id)
        .where(
            Item.id == item_id,
            Item.project_id == queue.project_id,
            Item.kind == QueueKind(queue.kind).item_kind,
        )
    )
    if prompt is None:
        raise NotFound(_("There is no such item in this project."))
    responses = session.scalars(
        select(Response.text)
        .join(ItemResponse, ItemResponse.response_id == Response.id)
        .where(ItemResponse.item_id == item_id)
        .order_by(ItemResponse.position)
    ).all()
    return ItemText(item_id, prompt, list(responses))


def open_disputes(session: Session, queue_id: int, hidden: int, limit: int) -> list[OpenDispute]:
    """The oldest first."""
    values = {"queue_id": queue_id, "hidden": hidden, "limit": limit, "opening": OPENING_CHARACTERS}
    return [OpenDispute(*row) for row in session.execute(DISPUTES, values)]


def results_of(session: Session, annotator_id: int, limit: int, offset: int) -> list[ShownResult]:
    """Of the last 30 days, the newest first."""
    values = {"annotator_id": annotator_id, "days": DAYS_SHOWN, "limit": limit, "offset": offset}
    return [ShownResult(*row) for row in session.execute(RESULTS, values)]


def is_disputable(session: Session, assignment_id: int, dimension: str, annotator_id: int) -> bool:
    """Is it this annotator's, and shown to them?"""
    values = {"assignment_id": assignment_id, "dimension": dimension, "annotator_id": annotator_id}
    return bool(session.scalar(IS_SHOWN, values))


def standing_of(session: Session, annotator_id: int) -> Standing:
    values = {"annotator_id": annotator_id, "days": DAYS_SHOWN}
    return Standing(*session.execute(STANDING, values).one())


def ids_of_queues_with_gold(session: Session) -> Sequence[int]:
    asked = select(GoldItem.queue_id).where(GoldItem.state == GoldState.ACTIVE)
    return session.scalars(asked.distinct().order_by(GoldItem.queue_id)).all()


def answered_of(session: Session, queue_id: int) -> list[Answered]:
    """What counts, and was scored by the answer that is known now; of suspended items nothing."""
    return [Answered(*row) for row in session.execute(ANSWERED_OF, {"queue_id": queue_id})]
