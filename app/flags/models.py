"""Labels of the stage before that look wrong to an annotator of this one."""

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from app.assignments.models import Assignment
from app.db import Base


class LabelFlag(Base):
    """On the safety label of the response at `position` of the assignment's item."""

    __tablename__ = "label_flag"

    assignment_id: Mapped[int] = mapped_column(ForeignKey(Assignment.id), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
