"""What was computed about annotators' agreement, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.queues.models import Queue


class OverlapReport(Base):
    """What the adaptive overlap did at one time.

    Of the `n_finished` items that have all their annotations, `n_confident` have a posterior of the queue's
    threshold or more; `n_raised` were given one more place, `n_at_most` can get no more. `n_saved`:
    annotations that the confident ones would have got, had all items the queue's most.
    """

    __tablename__ = "overlap_report"
    __table_args__ = (Index(None, "queue_id", "computed_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id))
    computed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    n_finished: Mapped[int]
    n_confident: Mapped[int]
    n_raised: Mapped[int]
    n_at_most: Mapped[int]
    n_saved: Mapped[int]


class AgreementReport(Base):
    """`figures`: a list of one object a measure, as `app.agreement.report.Figure` has it."""

    __tablename__ = "agreement_report"
    __table_args__ = (Index(None, "queue_id", "computed_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id))
    computed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    n_annotations: Mapped[int]
    n_annotators: Mapped[int]
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
