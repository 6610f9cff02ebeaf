"""Reads about gold items, their results and disputes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.errors import NotFound
from app.gold.models import DisputeState, GoldItem, GoldResult, GoldState
from app.gold.rates import right_rate_interval
from app.gold.rot import Answered
from app.i18n import gettext as _
from app.items.models import Item, ItemResponse, Prompt, Response
from app.projects.taxonomy import harm_mask
from app.queues.models import Queue, QueueKind

OPENING_CHARACTERS = 160
DAYS_SHOWN = 30
ANSWERED = "('submitted', 'surplus')"

# Of gold_result AS result JOIN assignment: what counts for or against anyone. A voided answer does not, nor
# one whose dispute was upheld.
COUNTS = "assignment.status <> 'voided' AND result.dispute_state IS DISTINCT FROM 'upheld'"

# `:hidden`: harm categories that whoever looks is not cleared for, as bits.
GOLD_ITEMS = text(f"""
    SELECT gold.item_id, CASE WHEN place.harm_mask & :hidden = 0 THEN left(prompt.text, :opening) END,
           gold.answers, gold.purpose, gold.source, gold.state, gold.suspended_for,
           coalesce(counted.n, 0), coalesce(counted.n_right, 0), coalesce(counted.n_open, 0)
    FROM gold_item AS gold
    JOIN queue_item AS place USING (queue_id, item_id)
    JOIN item ON item.id = gold.item_id JOIN prompt ON prompt.id = item.prompt_id
    LEFT JOIN LATERAL (
        SELECT count(*) AS n, count(*) FILTER (WHERE is_right) AS n_right,
               count(*) FILTER (WHERE dispute_state = 'open') AS n_open
        FROM gold_result AS result JOIN assignment ON assignment.id = result.assignment_id
        WHERE result.queue_id = gold.queue_id AND result.item_id = gold.item_id AND {COUNTS}
    ) AS counted ON true
    WHERE gold.queue_id = :queue_id
    ORDER BY gold.state = 'suspended' DESC, gold.created_at DESC, gold.item_id DESC
    LIMIT :limit OFFSET :offset
""")

# What an admin said about it since counts: of answers to what was expected then, and since it was resumed.
ANSWERED_OF = text(f"""
    SELECT result.item_id, result.annotator_id, result.is_right,
           result.scored_at > coalesce(
               (SELECT max(at) FROM audit_entry WHERE audit_entry.item_id = gold.item_id
                  AND audit_entry.queue_id = gold.queue_id AND action = 'resumed' AND subject = 'gold item'),
               '-infinity')
    FROM gold_item AS gold
    JOIN gold_result AS result USING (queue_id, item_id)
    JOIN assignment ON assignment.id = result.assignment_id
    WHERE gold.queue_id = :queue_id AND gold.state <> 'suspended'
      AND result.expected = gold.answers -> result.dimension AND {COUNTS}
""")

# The first answer is the one that was scored.
GIVEN = """(
    SELECT jsonb_build_object('is_safe', is_safe, 'harm_categories', harm_categories, 'severity', severity,
                              'ranks', ranks, 'verdict', verdict)
    FROM annotation WHERE annotation.assignment_id = result.assignment_id
      AND annotation.dimension = result.dimension ORDER BY annotation.id LIMIT 1)"""
ORDER = """(
    SELECT displayed_order FROM annotation WHERE annotation.assignment_id = result.assignment_id
      AND annotation.dimension = result.dimension ORDER BY annotation.id LIMIT 1)"""
RESPONSES = """(
    SELECT array_agg(response.text ORDER BY position) FROM item_response AS member
    JOIN response ON response.id = member.response_id WHERE member.item_id = result.item_id)"""

DISPUTES = text(f"""
    SELECT result.assignment_id, result.dimension, result.item_id, user_account.username,
           CASE WHEN place.harm_mask & :hidden = 0 THEN left(prompt.text, :opening) END,
           result.expected, {GIVEN}, result.scores, result.dispute_reason, result.disputed_at
    FROM gold_result AS result
    JOIN assignment ON assignment.id = result.assignment_id
    JOIN user_account ON user_account.id = result.annotator_id
    JOIN queue_item AS place ON place.queue_id = result.queue_id AND place.item_id = result.item_id
    JOIN item ON item.id = result.item_id JOIN prompt ON prompt.id = item.prompt_id
    WHERE result.queue_id = :queue_id AND result.dispute_state = 'open' AND assignment.status <> 'voided'
    ORDER BY result.disputed_at, result.assignment_id, result.dimension LIMIT :limit
""")

# Answered, not voided, and not of an exam that goes on.
SHOWN = f"""
    result.annotator_id = :annotator_id AND assignment.status IN {ANSWERED} AND NOT EXISTS (
        SELECT FROM exam_attempt WHERE exam_attempt.id = result.attempt_id AND ended_at IS NULL)
"""
IS_SHOWN = text(f"""
    SELECT EXISTS (
        SELECT FROM gold_result AS result JOIN assignment ON assignment.id = result.assignment_id
        WHERE result.assignment_id = :assignment_id AND result.dimension = :dimension AND {SHOWN})
""")
RESULTS = text(f"""
    SELECT result.assignment_id, result.dimension, result.item_id, queue.name, result.scored_at,
           place.harm_mask & member.avoided <> 0, coalesce(place.severity_prior >= queue.blur_from, false),
           place.severity_prior, prompt.text, {RESPONSES}, {ORDER}, result.expected, {GIVEN}, result.scores,
           result.is_right, coalesce(gold.explanation, ''), result.dispute_state, result.dispute_reason,
           result.decision_reason, result.decided_at
    FROM gold_result AS result
    JOIN assignment ON assignment.id = result.assignment_id
    JOIN queue ON queue.id = result.queue_id
    JOIN queue_item AS place ON place.queue_id = result.queue_id AND place.item_id = result.item_id
    JOIN queue_member AS member
      ON member.queue_id = result.queue_id AND member.annotator_id = result.annotator_id
    JOIN item ON item.id = result.item_id JOIN prompt ON prompt.id = item.prompt_id
    LEFT JOIN gold_item AS gold ON gold.queue_id = result.queue_id AND gold.item_id = result.item_id
    WHERE {SHOWN} AND result.scored_at > now() - make_interval(days => :days)
    ORDER BY result.scored_at DESC, result.assignment_id DESC, result.dimension
    LIMIT :limit OFFSET :offset
""")
STANDING = text(f"""
    SELECT (SELECT count(*) FROM assignment WHERE annotator_id = :annotator_id AND status = 'submitted'
              AND closed_at > now() - make_interval(days => :days)),
           (SELECT count(*) FROM assignment WHERE annotator_id = :annotator_id AND status = 'surplus'
              AND closed_at > now() - make_interval(days => :days)),
           count(*), count(*) FILTER (WHERE is_right)
    FROM gold_result AS result JOIN assignment ON assignment.id = result.assignment_id
    WHERE {SHOWN} AND {COUNTS} AND result.scored_at > now() - make_interval(days => :days)
""")


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
    """Of the last days: answers that count, that are kept as surplus, gold results and those that are right."""

    n_accepted: int
    n_surplus: int
    n_results: int
    n_right: int


def hidden_from(user: User, queue: Queue) -> int:
    """Bits of the harm categories that the queue's project restricts and this person is not cleared for."""
    return harm_mask(set(queue.project.restricted) - set(user.cleared))


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


def find_items(session: Session, queue: Queue, words: str, limit: int) -> list[FoundItem]:
    """Items of the queue's project and kind: the one with this id, and those whose prompt has these words."""
    is_gold = select(GoldItem.item_id).where(GoldItem.queue_id == queue.id, GoldItem.item_id == Item.id)
    has_words = Prompt.text.icontains(words, autoescape=True)
    if words.isascii() and words.isdigit() and len(words) < 19:
        has_words |= Item.id == int(words)
    rows = session.execute(
        select(Item.id, func.left(Prompt.text, OPENING_CHARACTERS), is_gold.exists())
        .join(Prompt, Prompt.id == Item.prompt_id)
        .where(Item.project_id == queue.project_id, Item.kind == QueueKind(queue.kind).item_kind, has_words)
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
