"""How much harm each person was shown, day by day, as sums that a job keeps beside what they count."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKeyConstraint, Index, Table
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class ExposureDay(Base):
    """What one annotator was shown of the items that one queue handed out to them on one day (UTC).

    `n_severity_s`: responses of that severity, each as often as it was shown; `n_reveals`: texts that were
    uncovered. A response has one severity for a person, whichever queue it stands in, and belongs to one
    project: so the sums over a project's queues, and those over all queues, count nothing twice.
    """

    __tablename__ = "exposure_day"
    __table_args__ = (
        ForeignKeyConstraint(
            ["queue_id", "annotator_id"],
            ["queue_member.queue_id", "queue_member.annotator_id"],
            ondelete="CASCADE",
        ),
        Index("exposure_day_annotator_idx", "annotator_id", "day"),
    )

    queue_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    annotator_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    n_items: Mapped[int]
    n_severity_0: Mapped[int]
    n_severity_1: Mapped[int]
    n_severity_2: Mapped[int]
    n_severity_3: Mapped[int]
    n_reveals: Mapped[int]


class ExposureCount(Base):
    """How far the sums are: one row, none before the first count.

    All answers up to `up_to_answer_id` are in them. `marked_answer_id` was the newest one when the last count
    began; it takes that one's place once every transaction before `marked_xid` has ended, since one that is
    still open may bring an answer with a lower number.
    """

    __tablename__ = "exposure_count"
    __table_args__ = (CheckConstraint("is_only", name="is_only"),)

    is_only: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    counted_at: Mapped[datetime]
    up_to_answer_id: Mapped[int] = mapped_column(BigInteger)
    marked_answer_id: Mapped[int] = mapped_column(BigInteger)
    marked_xid: Mapped[int] = mapped_column(BigInteger)


# Items, or whole queues (no item), of which more was uncovered, or more harm is expected now, than when they
# were counted: triggers add them, a count takes them.
exposure_change = Table(
    "exposure_change",
    Base.metadata,
    Column("queue_id", BigInteger, nullable=False),
    Column("item_id", BigInteger),
)
