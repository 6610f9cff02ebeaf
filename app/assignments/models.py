"""Which annotator holds which item, and how that ended."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    func,
    literal_column,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.items.models import Item
from app.queues.models import Queue


class AssignmentStatus(StrEnum):
    """Open and submitted ones take a place of their item. An expired or released one may be given to the
    same annotator again. Surplus: answered when no place was free any more; kept, and counted as soon as
    one is. Voided: answered, and taken back by an admin."""

    OPEN = "open"
    SUBMITTED = "submitted"
    SURPLUS = "surplus"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    RELEASED = "released"
    VOIDED = "voided"


# Answers that stand: those that count, and those that wait for a place.
ANSWERED = (AssignmentStatus.SUBMITTED, AssignmentStatus.SURPLUS)
# In the words of SQL.
REOPENABLE = "('expired', 'released')"


class SkipReason(StrEnum):
    CANNOT_JUDGE = "cannot_judge"
    DISTRESS = "distress"
    BROKEN_ITEM = "broken_item"


class Assignment(Base):
    """One item leased to one annotator.

    Two unique keys hold what must never break: one live lease an annotator and queue, with one more
    for the item after it (`is_ahead`: loaded, not yet shown), and never the same item twice to one annotator
    (a lease that ran out is opened again). The foreign keys go to `queue_item`
    and `queue_member` alone: one to `queue` would make every claim lock the same row. `takes_place` is
    false where a gold item is asked: it counts for no overlap.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint(
            "status IN ('open', 'submitted', 'surplus', 'skipped', 'expired', 'released', 'voided')",
            name="status",
        ),
        CheckConstraint("(status = 'skipped') = (skip_reason IS NOT NULL)", name="skip_reason"),
        CheckConstraint(
            "skip_reason IN ('cannot_judge', 'distress', 'broken_item')", name="skip_reason_is_known"
        ),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint("(status = 'voided') = (void_reason IS NOT NULL)", name="void_reason"),
        UniqueConstraint("queue_id", "item_id", "annotator_id"),
        ForeignKeyConstraint(["queue_id", "item_id"], ["queue_item.queue_id", "queue_item.item_id"]),
        ForeignKeyConstraint(
            ["queue_id", "annotator_id"], ["queue_member.queue_id", "queue_member.annotator_id"]
        ),
        Index(
            "assignment_one_lease_idx",
            "annotator_id",
            "queue_id",
            "is_ahead",
            unique=True,
            postgresql_where="status = 'open'",
        ),
        Index(
            "assignment_answered_idx",
            "annotator_id",
            "closed_at",
            postgresql_where="status IN ('submitted', 'surplus')",
        ),
        Index("assignment_given_idx", "annotator_id", "created_at"),
        Index("assignment_expiry_idx", "expires_at", postgresql_where="status = 'open'"),
        Index("assignment_gold_idx", "queue_id", postgresql_where="NOT takes_place"),
        Index("assignment_skipped_idx", "queue_id", "closed_at", postgresql_where="status = 'skipped'"),
        Index("assignment_surplus_idx", "queue_id", "closed_at", postgresql_where="status = 'surplus'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(BigInteger)
    item_id: Mapped[int] = mapped_column(BigInteger)
    annotator_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(server_default=AssignmentStatus.OPEN)
    takes_place: Mapped[bool] = mapped_column(server_default="true")
    is_ahead: Mapped[bool] = mapped_column(server_default="false")
    skip_reason: Mapped[str | None]
    void_reason: Mapped[str | None]
    voided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    queue: Mapped[Queue] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Assignment.queue_id) == Queue.id"
    )
    item: Mapped[Item] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Assignment.item_id) == Item.id"
    )


# With the words in the statement itself: a plan that is to serve whatever status could not use the indexes of
# open and of answered assignments alone.
IS_OPEN = Assignment.status == literal_column(f"'{AssignmentStatus.OPEN}'")
IS_ANSWERED = Assignment.status.in_([literal_column(f"'{status}'") for status in ANSWERED])
IS_SURPLUS = Assignment.status == literal_column(f"'{AssignmentStatus.SURPLUS}'")
