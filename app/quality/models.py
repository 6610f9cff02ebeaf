"""What was found about how annotators answer, and what follows from it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base
from app.queues.models import Queue


class RuleAction(StrEnum):
    """What is done where a rule's condition holds. Notify: an alert, no more; pause does that too."""

    NOTIFY = "notify"
    PAUSE = "pause"


class Bound(StrEnum):
    """Which number of a share a rule compares: the ends of its interval, or the share itself."""

    LOWER = "lower"
    UPPER = "upper"
    FIGURE = "figure"


class TrustReport(Base):
    """`findings`: by annotator id, each a list of `app.quality.finding.Finding` as an object, with the
    `dimension` it is of; the `partner` of a likeness is an annotator's id."""

    __tablename__ = "trust_report"
    __table_args__ = (Index("trust_report_queue_idx", "queue_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    n_answers: Mapped[int]
    findings: Mapped[dict[str, Any]] = mapped_column(JSONB)


class QualityRule(Base):
    """`collector`: the outcomes that are looked at, over the newest `window` (None: all), once there
    are `min_n`; `bound`: which of its numbers (lower, upper, figure) is compared with `threshold`, and
    `is_below` whether the condition is to be below it, or above."""

    __tablename__ = "quality_rule"
    __table_args__ = (
        CheckConstraint("bound IN ('lower', 'upper', 'figure')", name="bound"),
        CheckConstraint("action IN ('notify', 'pause')", name="action"),
        CheckConstraint("answer_window > 0 AND min_n >= 0", name="counts"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id), index=True)
    collector: Mapped[str]
    window: Mapped[int | None] = mapped_column("answer_window")
    min_n: Mapped[int] = mapped_column(server_default="0")
    bound: Mapped[str]
    is_below: Mapped[bool]
    threshold: Mapped[float]
    action: Mapped[str]
    is_on: Mapped[bool] = mapped_column(server_default="true")
    created_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Alert(Base):
    """Something an admin should look at: an alarm of a report, or a rule whose condition held.

    `finding`: its name; `figure`: its numbers at that time. One of a kind is open for an annotator and queue.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "alert_open_idx",
            "queue_id",
            "annotator_id",
            "finding",
            "rule_id",
            unique=True,
            postgresql_where="resolved_at IS NULL",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name="resolution"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id))
    annotator_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    finding: Mapped[str]
    rule_id: Mapped[int | None] = mapped_column(ForeignKey(QualityRule.id))
    figure: Mapped[dict[str, Any]] = mapped_column(JSONB)
    has_paused: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    resolution: Mapped[str | None]
