"""The demo campaign, and the people who were made up for it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base
from app.projects.models import Project


class DemoState(StrEnum):
    """Filled: what people did is there; what is computed from it, and the release, are not yet."""

    WAITING = "waiting"
    RUNNING = "running"
    FILLED = "filled"
    DONE = "done"
    FAILED = "failed"


MOVING = (DemoState.WAITING, DemoState.RUNNING, DemoState.FILLED)


class DemoCampaign(Base):
    """The one project that is a demo, from its first moment on: only such a one can be removed. `n_done`: of
    the steps of `app.demo.loading`, as many as have ended."""

    __tablename__ = "demo_campaign"
    __table_args__ = (
        CheckConstraint("is_only", name="is_only"),
        CheckConstraint("state IN ('waiting', 'running', 'filled', 'done', 'failed')", name="state"),
        UniqueConstraint("is_only"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    is_only: Mapped[bool] = mapped_column(server_default="true")
    state: Mapped[str] = mapped_column(server_default=DemoState.WAITING)
    n_done: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    asked_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def is_moving(self) -> bool:
        return self.state in MOVING


class DemoPerson(Base):
    """Nobody can sign in as them; they go with the demo."""

    __tablename__ = "demo_person"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)


class DemoRemoval(Base):
    """A project that the database function `remove_demo` is removing in its transaction; always empty to
    others. What keeps content lets that transaction through."""

    __tablename__ = "demo_removal"

    demo_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
