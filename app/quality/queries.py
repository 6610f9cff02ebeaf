"""The answers that trust is computed from, and what was found so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.errors import NotFound
from app.i18n import gettext as _
from app.quality.answers import UNKNOWN, Answers, judged_pairs
from app.quality.models import Alert, QualityRule, TrustReport
from app.queues.models import Dimension, QueueMember

N_SEVERITIES = 4
N_PREFERENCES = 3

# Newest versions of what stands. Of the answers of gold items those whose result counts, and with what was
# expected; words by the spaces between them, counted once an item.
ANSWERED = text("""
    WITH words AS MATERIALIZED (
        SELECT asked.item_id, sum(1 + length(text) - length(replace(text, ' ', ''))) AS n
        FROM (SELECT DISTINCT item_id FROM assignment
              WHERE queue_id = :queue_id AND status IN ('submitted', 'surplus')) AS asked
        JOIN LATERAL (
            SELECT prompt.text FROM item JOIN prompt ON prompt.id = item.prompt_id
            WHERE item.id = asked.item_id
            UNION ALL
            SELECT response.text FROM item_response JOIN response ON response.id = response_id
            WHERE item_response.item_id = asked.item_id) AS texts ON true
        GROUP BY asked.item_id
    )
    SELECT assignment.item_id, assignment.annotator_id, annotation.severity, annotation.harm_mask,
           annotation.ranks, annotation.displayed_order, coalesce(annotation.active_ms, -1) AS active_ms,
           words.n AS n_words, result.expected
    FROM assignment
    JOIN annotation ON annotation.assignment_id = assignment.id
    LEFT JOIN gold_result AS result
        ON result.assignment_id = assignment.id AND result.dimension = annotation.dimension
    JOIN words ON words.item_id = assignment.item_id
    WHERE assignment.queue_id = :queue_id AND annotation.dimension = :dimension
      AND assignment.status IN ('submitted', 'surplus') AND annotation.superseded_at IS NULL
      AND (annotation.ranks IS NOT NULL OR annotation.dimension = 'safety')
      AND result.dispute_state IS DISTINCT FROM 'upheld'
    ORDER BY annotation.created_at, annotation.id
""")

NEWS = text("""
    SELECT queue.id FROM queue
    LEFT JOIN LATERAL (
        SELECT made_at, n_answers FROM trust_report
        WHERE trust_report.queue_id = queue.id ORDER BY id DESC LIMIT 1
    ) AS report ON true
    WHERE purpose = 'production' AND (
        SELECT sum(n_submitted) FROM queue_member WHERE queue_member.queue_id = queue.id
    ) > 0 AND (
        report IS NULL
        OR EXISTS (SELECT FROM assignment WHERE assignment.queue_id = queue.id AND voided_at > made_at)
        OR (SELECT sum(n_submitted) FROM queue_member WHERE queue_member.queue_id = queue.id)
            >= 1.1 * report.n_answers / (1 + CAST(kind = 'dual' AS int)))
    ORDER BY queue.id
""")


@dataclass(frozen=True, slots=True)
class QueueAnswers:
    """`annotator_ids[a]` and `item_ids[i]`: who and what the indices of `answers` speak of."""

    answers: Answers
    annotator_ids: list[int]
    item_ids: list[int]


def answers_in(session: Session, queue_id: int, dimension: Dimension) -> QueueAnswers:
    """Those that stand, gold items' among them, in the order they were given."""
    rows = session.execute(ANSWERED, {"queue_id": queue_id, "dimension": dimension}).mappings().all()
    read = safety_row if dimension is Dimension.SAFETY else preference_row
    table = np.array([read(row) for row in rows], np.int64).reshape(-1, 8)
    items, item = np.unique(table[:, 0], return_inverse=True)
    people, annotator = np.unique(table[:, 1], return_inverse=True)
    is_safety = dimension is Dimension.SAFETY
    answers = Answers(
        item=item,
        annotator=annotator,
        value=table[:, 2],
        gold=table[:, 3],
        active_ms=table[:, 4],
        n_words=table[:, 5],
        n_items=len(items),
        n_annotators=len(people),
        n_values=N_SEVERITIES if is_safety else N_PREFERENCES,
        harm_mask=table[:, 6] if is_safety else None,
        place=None if is_safety else table[:, 7],
    )
    return QueueAnswers(answers, people.tolist(), items.tolist())


def safety_row(row: RowMapping) -> tuple[int, ...]:
    """Item, annotator, value, gold, milliseconds, words, harm mask, place."""
    gold = row.expected["severity"] if row.expected else UNKNOWN
    return (
        *(row.item_id, row.annotator_id, row.severity, gold),
        *(row.active_ms, row.n_words, row.harm_mask, UNKNOWN),
    )


def preference_row(row: RowMapping) -> tuple[int, ...]:
    """As `safety_row`; of more than two responses the first two."""
    pair = judged_pairs(row.ranks[:2], two_of(row.displayed_order))[0]
    gold = UNKNOWN
    if row.expected:
        gold = judged_pairs(row.expected["ranks"][:2], (0, 1))[0].value
    return (
        *(row.item_id, row.annotator_id, pair.value, gold),
        *(row.active_ms, row.n_words, 0, pair.place),
    )


def two_of(displayed_order: Sequence[int]) -> list[int]:
    """The order on the page of the item's first two responses."""
    return [position for position in displayed_order if position < 2]


def latest_trust_report(session: Session, queue_id: int) -> TrustReport | None:
    return session.scalar(
        select(TrustReport).where(TrustReport.queue_id == queue_id).order_by(TrustReport.id.desc()).limit(1)
    )


def rules_of(session: Session, queue_id: int) -> Sequence[QualityRule]:
    return session.scalars(
        select(QualityRule).where(QualityRule.queue_id == queue_id).order_by(QualityRule.id)
    ).all()


def rule_of(session: Session, queue_id: int, rule_id: int) -> QualityRule:
    rule = session.get(QualityRule, rule_id)
    if rule is None or rule.queue_id != queue_id:
        raise NotFound(_("There is no such rule in this queue."))
    return rule


@dataclass(frozen=True, slots=True)
class ShownAlert:
    alert: Alert
    username: str


def open_alerts(session: Session, queue_id: int) -> list[ShownAlert]:
    """The newest first."""
    rows = session.execute(
        select(Alert, User.username)
        .join(User, User.id == Alert.annotator_id)
        .where(Alert.queue_id == queue_id, Alert.resolved_at.is_(None))
        .order_by(Alert.id.desc())
    )
    return [ShownAlert(*row) for row in rows]


def alert_of(session: Session, queue_id: int, alert_id: int) -> Alert:
    alert = session.get(Alert, alert_id)
    if alert is None or alert.queue_id != queue_id:
        raise NotFound(_("There is no such alert in this queue."))
    return alert


def queues_with_news(session: Session) -> Sequence[int]:
    """Those with a tenth more answers than their newest trust report has, or with some voided since.

    Every look at the answers may alarm somebody careful by chance, so there are not more than it takes: some
    sixty on the way to ten thousand answers.
    """
    return session.scalars(NEWS).all()


@dataclass(frozen=True, slots=True)
class Pause:
    reason: str
    since: datetime


def paused_members(session: Session, queue_id: int) -> dict[int, Pause]:
    """By annotator id."""
    rows = session.execute(
        select(QueueMember.annotator_id, QueueMember.pause_reason, QueueMember.paused_at).where(
            QueueMember.queue_id == queue_id, QueueMember.pause_reason.is_not(None)
        )
    )
    return {row.annotator_id: Pause(row.pause_reason, row.paused_at) for row in rows}


def numbers_of(report: TrustReport | None, annotator_id: int) -> list[dict[str, Any]]:
    """Of one annotator; nothing where they have no answers yet."""
    numbers: list[dict[str, Any]] = report.findings.get(str(annotator_id), []) if report else []
    return numbers
