"""Signs of life of what runs in the background."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class PulseKind(StrEnum):
    """The schedule sends the jobs that are due by the clock; workers do them, and all others."""

    WORKER = "worker"
    SCHEDULE = "schedule"


class Pulse(Base):
    """One process. `n_busy`: how many jobs a worker was at. A schedule asks the workers for an answer again
    and again: `asked_at`, the first of these that none has answered yet; `waited_ms`, how long the newest
    answer took."""

    __tablename__ = "pulse"
    __table_args__ = (CheckConstraint("kind IN ('worker', 'schedule')", name="kind"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    n_busy: Mapped[int] = mapped_column(server_default="0")
    asked_at: Mapped[datetime | None]
    waited_ms: Mapped[int | None]
