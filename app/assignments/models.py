"""Which annotator holds which item, and how that ended."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Identity, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.items.models import Item
from app.queues.models import Queue


class AssignmentStatus(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    EXPIRED = "expired"


class SkipReason(StrEnum):
    CANNOT_JUDGE = "cannot_judge"
    DISTRESS = "distress"
    BROKEN_ITEM = "broken_item"


class Assignment(Base):
    """One item leased to one annotator.

    Two partial unique keys hold what must never break: one live lease an annotator and queue, and never
    the same item twice to one annotator (a lease that ran out may be given again). The foreign keys go to
    `queue_item` and `queue_member` alone: one to `queue` would make every claim lock the same row.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'submitted', 'skipped', 'expired')", name="status"),
        CheckConstraint("(status = 'skipped') = (skip_reason IS NOT NULL)", name="skip_reason"),
        CheckConstraint(
            "skip_reason IN ('cannot_judge', 'distress', 'broken_item')", name="skip_reason_is_known"
        ),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_at"),
        ForeignKeyConstraint(["queue_id", "item_id"], ["queue_item.queue_id", "queue_item.item_id"]),
        ForeignKeyConstraint(
            ["queue_id", "annotator_id"], ["queue_member.queue_id", "queue_member.annotator_id"]
        ),
        Index(
            "assignment_one_lease_idx",
            "queue_id",
            "annotator_id",
            unique=True,
            postgresql_where="status = 'open'",
        ),
        Index(
            "assignment_never_twice_idx",
            "queue_id",
            "item_id",
            "annotator_id",
            unique=True,
            postgresql_where="status <> 'expired'",
        ),
        Index("assignment_expiry_idx", "expires_at", postgresql_where="status = 'open'"),
        Index("assignment_of_annotator_idx", "annotator_id", "closed_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(BigInteger)
    item_id: Mapped[int] = mapped_column(BigInteger)
    annotator_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(server_default=AssignmentStatus.OPEN)
    skip_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    queue: Mapped[Queue] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Assignment.queue_id) == Queue.id"
    )
    item: Mapped[Item] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Assignment.item_id) == Item.id"
    )
