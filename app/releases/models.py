"""Finished datasets."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.items.pace import Pace, pace_of
from app.projects.models import Project


class ReleaseState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Release(Base):
    """Numbered from 1 in each project. `manifest` is the content of the release's manifest.json; `filters`,
    those that are on, as `app.releases.filters.ReleaseFilters` has them.

    `n_items`: the items and prompts to read, None as long as that is not known; `n_items_done` of them have
    been read since `planned_at`.
    `night`: the UTC day a nightly run made it for; one a project and day, so a run fired twice does no harm.
    """

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        UniqueConstraint("project_id", "night"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="error"),
        CheckConstraint("(state = 'done') = (manifest IS NOT NULL)", name="manifest"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    number: Mapped[int]
    night: Mapped[date | None]
    state: Mapped[str] = mapped_column(server_default=ReleaseState.WAITING)
    error: Mapped[str | None]
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    n_items: Mapped[int | None] = mapped_column(BigInteger)
    n_items_done: Mapped[int] = mapped_column(BigInteger, server_default="0")
    planned_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship(lazy="raise")

    def pace(self, at: datetime) -> Pace | None:
        """In items and prompts; None while nothing has been read."""
        return pace_of(self.planned_at, at, self.n_items_done, self.n_items_done, self.n_items or 0)
