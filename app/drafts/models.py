"""Answers that are not submitted yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.assignments.models import Assignment
from app.db import Base


class Draft(Base):
    """`content`: the form's fields as they were posted. `version` grows by one at each change, so a tab knows
    whether another one wrote in between. It is deleted in the transaction that stores the answer."""

    __tablename__ = "draft"

    assignment_id: Mapped[int] = mapped_column(ForeignKey(Assignment.id), primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())
