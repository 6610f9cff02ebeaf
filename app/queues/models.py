"""Streams of items for annotators, and each item's places in them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.db import Base
from app.items.models import Item, ItemKind
from app.projects.models import Project


class Dimension(StrEnum):
    """What one annotation judges."""

    SAFETY = "safety"
    HELPFULNESS = "helpfulness"
    HARMLESSNESS = "harmlessness"
    SINGLE = "single"


class QueueKind(StrEnum):
    SAFETY = "safety"
    DUAL = "dual"
    HELPFULNESS = "helpfulness"
    HARMLESSNESS = "harmlessness"
    SINGLE = "single"

    @property
    def item_kind(self) -> ItemKind:
        return ItemKind.QA_PAIR if self is QueueKind.SAFETY else ItemKind.RESPONSE_SET

    @property
    def steps(self) -> tuple[Dimension, ...]:
        """The judgements asked for on each item, in this order, each on a page of its own."""
        if self is QueueKind.DUAL:
            return (Dimension.HELPFULNESS, Dimension.HARMLESSNESS)
        return (Dimension(self.value),)


class QueueState(StrEnum):
    PAUSED = "paused"
    RUNNING = "running"


class Queue(Base):
    """`seed` decides the order of the items; it is stored so that the order can be made again."""

    __tablename__ = "queue"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        CheckConstraint("kind IN ('safety', 'dual', 'helpfulness', 'harmlessness', 'single')", name="kind"),
        CheckConstraint("state IN ('paused', 'running')", name="state"),
        CheckConstraint("overlap BETWEEN 1 AND 50", name="overlap"),
        CheckConstraint("lease_minutes BETWEEN 1 AND 1440", name="lease_minutes"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    name: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=QueueState.PAUSED)
    overlap: Mapped[int] = mapped_column(SmallInteger)
    lease_minutes: Mapped[int] = mapped_column(SmallInteger)
    seed: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    project: Mapped[Project] = relationship(lazy="raise")

    @property
    def steps(self) -> tuple[Dimension, ...]:
        return QueueKind(self.kind).steps


class QueueMember(Base):
    """`cursor`: the last position handed to this annotator; what lies before it was theirs, or taken."""

    __tablename__ = "queue_member"

    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    annotator_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True, index=True)
    cursor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    is_active: Mapped[bool] = mapped_column(server_default="true")


class QueueItem(Base):
    """An item's places in one queue: narrow, apart from the text, since every claim writes here.

    `n_assigned` counts live leases and submitted assignments, so it can never pass `overlap`.
    """

    __tablename__ = "queue_item"
    __table_args__ = (
        UniqueConstraint("queue_id", "pos"),
        CheckConstraint("n_assigned BETWEEN 0 AND overlap", name="n_assigned"),
        CheckConstraint("n_submitted BETWEEN 0 AND n_assigned", name="n_submitted"),
        Index("queue_item_open_idx", "queue_id", "pos", postgresql_where="is_open"),
        {"postgresql_with": {"fillfactor": 85, "autovacuum_vacuum_scale_factor": 0.02}},
    )

    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey(Item.id), primary_key=True, index=True)
    pos: Mapped[int] = mapped_column(BigInteger)
    overlap: Mapped[int] = mapped_column(SmallInteger)
    n_assigned: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    n_submitted: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    is_open: Mapped[bool] = mapped_column(Boolean, Computed("n_assigned < overlap", persisted=True))
