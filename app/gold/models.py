"""Items whose answer is known, and how annotators answered them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base
from app.queues.models import Queue


class GoldState(StrEnum):
    """Suspended: not asked until an admin has looked at it; retired: never again."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class GoldSource(StrEnum):
    MADE = "made"
    IMPORTED = "imported"
    PROMOTED = "promoted"


class GoldPurpose(StrEnum):
    """An attention check has an answer that anyone who reads it gives."""

    GOLD = "gold"
    ATTENTION = "attention"


class DisputeState(StrEnum):
    """Upheld: the annotator was right to dispute it, and the result counts no longer."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class GoldItem(Base):
    """`answers`: by dimension: of safety `is_safe`, `harm_categories`, `severity`; of a ranking `ranks` in
    the item's order (1 best, equal ranks are ties). `explanation`: what an annotator who missed it is told.
    """

    __tablename__ = "gold_item"
    __table_args__ = (
        ForeignKeyConstraint(["queue_id", "item_id"], ["queue_item.queue_id", "queue_item.item_id"]),
        CheckConstraint("state IN ('active', 'suspended', 'retired')", name="state"),
        CheckConstraint("source IN ('made', 'imported', 'promoted')", name="source"),
        CheckConstraint("purpose IN ('gold', 'attention')", name="purpose"),
        CheckConstraint("(state = 'suspended') = (suspended_for IS NOT NULL)", name="suspended_for"),
    )

    queue_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, index=True)
    purpose: Mapped[str] = mapped_column(server_default=GoldPurpose.GOLD)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    explanation: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=GoldState.ACTIVE)
    suspended_for: Mapped[str | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class GoldResult(Base):
    """One step of an assignment of a gold item, scored when its first answer came.

    `expected`: the known answer at that time. `scores`: by part, 0 to 1: of safety `is_safe`,
    `harm_categories` (Jaccard), `severity`; of a ranking `order`. `is_right`: all parts that must be are.
    An upheld dispute takes it out of every count, and so does an assignment that is voided.
    """

    __tablename__ = "gold_result"
    __table_args__ = (
        CheckConstraint("dimension IN ('safety', 'helpfulness', 'harmlessness', 'single')", name="dimension"),
        CheckConstraint("dispute_state IN ('open', 'upheld', 'dismissed')", name="dispute_state"),
        CheckConstraint("(dispute_state IS NULL) = (dispute_reason IS NULL)", name="dispute_reason"),
        Index("gold_result_annotator_idx", "annotator_id", "queue_id", "scored_at"),
        Index("gold_result_item_idx", "queue_id", "item_id"),
        Index("gold_result_dispute_idx", "queue_id", postgresql_where="dispute_state = 'open'"),
    )

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    queue_id: Mapped[int] = mapped_column(BigInteger)
    item_id: Mapped[int] = mapped_column(BigInteger)
    annotator_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("exam_attempt.id"))
    expected: Mapped[dict[str, Any]] = mapped_column(JSONB)
    scores: Mapped[dict[str, float]] = mapped_column(JSONB)
    is_right: Mapped[bool]
    scored_at: Mapped[datetime] = mapped_column(server_default=func.now())
    dispute_state: Mapped[str | None]
    dispute_reason: Mapped[str | None]
    disputed_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]


class ExamAttempt(Base):
    """One annotator's run through a training or exam queue. `number` counts from 1; one that was reset by an
    admin does not count towards the most attempts."""

    __tablename__ = "exam_attempt"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (is_passed IS NULL)", name="ended_at"),
        Index(
            "exam_attempt_open_idx",
            "queue_id",
            "annotator_id",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id), index=True)
    annotator_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    n_items: Mapped[int] = mapped_column(SmallInteger)
    n_right: Mapped[int | None] = mapped_column(SmallInteger)
    is_passed: Mapped[bool | None]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    reset_at: Mapped[datetime | None]
    reset_reason: Mapped[str | None]
