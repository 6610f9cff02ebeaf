"""How much each person has done, day by day."""

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MS_AN_HOUR = 3_600_000


class WorkDay(Base):
    """What one annotator did in one queue on one day (UTC), and what of it was voided, then or later.

    `n_items`: whose last step they answered; `n_answers`: steps they answered, a changed answer is no new
    one; `active_ms`: time of work on the pages of both. Triggers on the answers add to it in the transaction
    that changes them, so nothing has to count the answers of a month again.
    """

    __tablename__ = "work_day"
    __table_args__ = (
        ForeignKeyConstraint(
            ["queue_id", "annotator_id"],
            ["queue_member.queue_id", "queue_member.annotator_id"],
            ondelete="CASCADE",
        ),
        Index("work_day_annotator_idx", "annotator_id", "day"),
    )

    queue_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    annotator_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    n_items: Mapped[int]
    n_answers: Mapped[int]
    active_ms: Mapped[int] = mapped_column(BigInteger)
    n_items_voided: Mapped[int]
    n_answers_voided: Mapped[int]
    active_ms_voided: Mapped[int] = mapped_column(BigInteger)
