"""Where releases go when they leave the machine, who is told of them, and how far each of it is."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from app.db import Base
from app.projects.models import Project
from app.releases.models import Release


class Progress(StrEnum):
    """Waiting: for its turn, or for the next try."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Store(StrEnum):
    """The kinds of target, told apart by how their addresses begin."""

    FOLDER = "folder"
    BUCKET = "bucket"
    HUB = "hub"


BUCKET_SCHEME = "s3://"
HUB_SCHEME = "hf://datasets/"
LONGEST_ANSWER = 500


class Target(Base):
    """`address`: an absolute path, `s3://bucket/prefix` or `hf://datasets/OWNER/NAME`; empty `endpoint`: that
    of Amazon or of the hub itself. `sealed_secret`: see `app.deliveries.secrets`. Releases that are finished
    from `active_since` on are delivered; None: it is switched off."""

    __tablename__ = "delivery_target"
    __table_args__ = (UniqueConstraint("project_id", "address"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    address: Mapped[str]
    endpoint: Mapped[str] = mapped_column(server_default="")
    region: Mapped[str] = mapped_column(server_default="")
    key_id: Mapped[str] = mapped_column(server_default="")
    sealed_secret: Mapped[str | None]
    active_since: Mapped[datetime | None] = mapped_column(server_default=func.now())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def store(self) -> Store:
        if self.address.startswith(BUCKET_SCHEME):
            return Store.BUCKET
        return Store.HUB if self.address.startswith(HUB_SCHEME) else Store.FOLDER


class Webhook(Base):
    """Is told of releases that end from `active_since` on; None: it is switched off. `site_url`: where the
    admin who added it sees our pages, which the links lead to."""

    __tablename__ = "webhook"
    __table_args__ = (UniqueConstraint("project_id", "url"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    url: Mapped[str]
    sealed_secret: Mapped[str]
    site_url: Mapped[str]
    active_since: Mapped[datetime | None] = mapped_column(server_default=func.now())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Errand(Base):
    """Something tried until it works, or has failed too often.

    `due_at`: when a job is sent for it next; None once it has ended. `error`: of the newest try.
    """

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey(Release.id))
    state: Mapped[str] = mapped_column(server_default=Progress.WAITING)
    n_tries: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]

    @declared_attr
    @classmethod
    def release(cls) -> Mapped[Release]:
        return relationship(lazy="raise")


def rules_of_errands(table: str) -> tuple[SchemaItem, ...]:
    return (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("(state IN ('done', 'failed')) = (due_at IS NULL)", name="due_at"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="error"),
        Index(f"{table}_due_at_idx", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )


class Delivery(Errand):
    """Of one release to one target. `n_files`, `n_bytes`: all that are there at the end."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("release_id", "target_id"), *rules_of_errands("delivery"))

    target_id: Mapped[int] = mapped_column(ForeignKey(Target.id), index=True)
    n_files: Mapped[int] = mapped_column(server_default="0")
    n_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")

    target: Mapped[Target] = relationship(lazy="raise")


class WebhookCall(Errand):
    """What one webhook is told of one end of a release, which may fail first and then be done. `key` and
    `body` are the same at every try."""

    __tablename__ = "webhook_call"
    __table_args__ = (
        UniqueConstraint("webhook_id", "release_id", "outcome"),
        CheckConstraint("outcome IN ('done', 'failed')", name="outcome"),
        *rules_of_errands("webhook_call"),
    )

    webhook_id: Mapped[int] = mapped_column(ForeignKey(Webhook.id))
    outcome: Mapped[str]
    key: Mapped[UUID]
    body: Mapped[str]

    webhook: Mapped[Webhook] = relationship(lazy="raise")


class WebhookTry(Base):
    """`status`: None where no answer came, and `answer` then says why; else `answer` is how it begins."""

    __tablename__ = "webhook_try"
    __table_args__ = (CheckConstraint(f"length(answer) <= {LONGEST_ANSWER}", name="answer"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey(WebhookCall.id), index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    status: Mapped[int | None]
    answer: Mapped[str]


class LinkSeries(Base):
    """The links to a release's files that hold: those of this series. Without a row it is 0."""

    __tablename__ = "link_series"

    release_id: Mapped[int] = mapped_column(ForeignKey(Release.id), primary_key=True)
    series: Mapped[int]
