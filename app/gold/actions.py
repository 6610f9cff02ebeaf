"""Scoring the answers of gold items."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.gold.models import ExamAttempt, GoldItem, GoldResult
from app.gold.scoring import is_right, scores_of

OF_ASSIGNMENT = text("SELECT queue_id, item_id, annotator_id FROM assignment WHERE id = :assignment_id")


def score_gold(session: Session, assignment_id: int, dimension: str, given: Mapping[str, Any]) -> None:
    """Keep how right the first answer of a step was; a later version of it changes nothing."""
    asked = session.execute(OF_ASSIGNMENT, {"assignment_id": assignment_id}).one()
    gold = session.get(GoldItem, (asked.queue_id, asked.item_id))
    if gold is None or dimension not in gold.answers:
        return
    expected = gold.answers[dimension]
    scores = scores_of(expected, given)
    attempt = select(ExamAttempt.id).where(
        ExamAttempt.queue_id == asked.queue_id,
        ExamAttempt.annotator_id == asked.annotator_id,
        ExamAttempt.ended_at.is_(None),
    )
    session.execute(
        insert(GoldResult)
        .values(
            assignment_id=assignment_id,
            dimension=dimension,
            queue_id=asked.queue_id,
            item_id=asked.item_id,
            annotator_id=asked.annotator_id,
            attempt_id=attempt.scalar_subquery(),
            expected=expected,
            scores=scores,
            is_right=is_right(scores),
        )
        .on_conflict_do_nothing()
    )
