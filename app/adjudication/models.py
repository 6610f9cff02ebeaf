"""Items whose annotations disagree, and what adjudicators decided."""

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
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base


class CaseReason(StrEnum):
    """Why an item is settled by adjudicators."""

    NO_MAJORITY = "no_majority"
    UNCERTAIN = "uncertain"
    CONTRADICTION = "contradiction"
    FLAG = "flag"
    SEVERE = "severe"
    SUSPENDED_GOLD = "suspended_gold"
    BY_HAND = "by_hand"


class CaseState(StrEnum):
    """Withdrawn: it needs no decision any more."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Cause(StrEnum):
    """Why annotators disagreed, in the adjudicator's judgement."""

    GUIDELINES_UNCLEAR = "guidelines_unclear"
    GUIDELINES_SILENT = "guidelines_silent"
    ITEM_AMBIGUOUS = "item_ambiguous"
    TEXT_MISREAD = "text_misread"
    CARELESS = "careless"
    TASTE = "taste"


class AdjudicationCase(Base):
    """`n_needed`: decisions that must agree, two where the harm may be severe. `outcome`: what they agree on,
    by dimension as in a gold item's answers; None until then. `held_by`: the adjudicator who works on it,
    until `held_until`. `withdrawn_at`: the last time; it may have come back since, at `opened_at`."""

    __tablename__ = "adjudication_case"
    __table_args__ = (
        UniqueConstraint("queue_id", "item_id"),
        ForeignKeyConstraint(["queue_id", "item_id"], ["queue_item.queue_id", "queue_item.item_id"]),
        CheckConstraint("state IN ('open', 'decided', 'withdrawn')", name="state"),
        CheckConstraint("n_needed BETWEEN 1 AND 9", name="n_needed"),
        CheckConstraint("state <> 'decided' OR outcome IS NOT NULL", name="outcome"),
        Index("adjudication_case_open_idx", "queue_id", "id", postgresql_where="state = 'open'"),
        Index("adjudication_case_item_idx", "item_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(BigInteger)
    item_id: Mapped[int] = mapped_column(BigInteger)
    reasons: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    n_needed: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    state: Mapped[str] = mapped_column(server_default=CaseState.OPEN)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    held_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    held_until: Mapped[datetime | None]
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Decision(Base):
    """One adjudicator's. Never updated: a changed one is a new row, and the old one says until when it stood.

    `answers`: by dimension, as in a gold item. `is_blind`: made without seeing what annotators had said.
    `is_third`: it is the answer of none of them.
    """

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("case_id", "adjudicator_id", "superseded_at", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "cause IN ('guidelines_unclear', 'guidelines_silent', 'item_ambiguous', 'text_misread',"
            " 'careless', 'taste')",
            name="cause",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey(AdjudicationCase.id))
    adjudicator_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    cause: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    is_blind: Mapped[bool]
    is_third: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]
