"""Batches of submitted work, of which a random sample is inspected."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base
from app.queues.models import Queue


class BatchState(StrEnum):
    """Refused: its answers went back, to be given anew by others."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class InspectionBatch(Base):
    """`annotator_id`: whose answers it has; None: everybody's. Accepted where at least `min_right` (0 to 1)
    of the `n_sampled` inspected answers are right. `seed` decides which are sampled."""

    __tablename__ = "inspection_batch"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'refused')", name="state"),
        CheckConstraint("n_sampled BETWEEN 1 AND n_answers", name="n_sampled"),
        CheckConstraint("min_right > 0 AND min_right <= 1", name="min_right"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id), index=True)
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    n_answers: Mapped[int]
    n_sampled: Mapped[int]
    min_right: Mapped[float]
    seed: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default=BatchState.OPEN)
    created_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]


class InspectedAnswer(Base):
    """One assignment of a batch; an answer is in one batch at most. `is_right`: the inspector's verdict, None
    where it is not sampled, or not looked at yet."""

    __tablename__ = "inspected_answer"
    __table_args__ = (
        CheckConstraint("is_sampled OR is_right IS NULL", name="is_right"),
        CheckConstraint("(is_right IS NULL) = (inspected_at IS NULL)", name="inspected_at"),
        Index("inspected_answer_batch_idx", "batch_id", "is_sampled"),
    )

    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignment.id"), primary_key=True, autoincrement=False
    )
    batch_id: Mapped[int] = mapped_column(ForeignKey(InspectionBatch.id))
    is_sampled: Mapped[bool]
    is_right: Mapped[bool | None]
    comment: Mapped[str | None]
    inspected_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    inspected_at: Mapped[datetime | None]
