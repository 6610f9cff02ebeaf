"""What was computed about annotators' agreement, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.queues.models import Queue


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
