"""A labelling campaign."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base


class TextFormat(StrEnum):
    """How the texts of items are shown: as they are, or as sanitised Markdown."""

    PLAIN = "plain"
    MARKDOWN = "markdown"


class ConsensusRule(StrEnum):
    """How an item's answers become the label that is released: by vote, or by the posterior of a model that
    weighs annotators by how well they answer."""

    MAJORITY = "majority"
    POSTERIOR = "posterior"


class Project(Base):
    """`content_warning`: what annotators agree to before their first item; empty: the standard sentences.
    `support_text`, `support_url`: where they find help; empty: none is named. `break_minutes`: after so much
    active time the page reminds of a break; 0: never. `restricted`: harm categories that are shown to nobody
    but those who are cleared for them. `quorum`: the fewest answers that make a label. `nightly_filters`: of
    the releases that are made by night, as `app.releases.filters.ReleaseFilters` has them."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("length(trim(name)) BETWEEN 1 AND 100", name="name"),
        CheckConstraint("text_format IN ('plain', 'markdown')", name="text_format"),
        CheckConstraint("break_minutes BETWEEN 0 AND 480", name="break_minutes"),
        CheckConstraint("consensus_rule IN ('majority', 'posterior')", name="consensus_rule"),
        CheckConstraint("quorum BETWEEN 1 AND 50", name="quorum"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    text_format: Mapped[str] = mapped_column(server_default=TextFormat.PLAIN)
    content_warning: Mapped[str] = mapped_column(server_default="")
    support_text: Mapped[str] = mapped_column(server_default="")
    support_url: Mapped[str] = mapped_column(server_default="")
    break_minutes: Mapped[int] = mapped_column(SmallInteger, server_default="50")
    restricted: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    consensus_rule: Mapped[str] = mapped_column(server_default=ConsensusRule.MAJORITY)
    quorum: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    nightly_filters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class TaxonomyVersion(Base):
    """One version of a project's taxonomy, 1 and up, which never changes; the newest is the one that holds.
    `key`: random, so that what a process keeps of a version can't be taken for another, not even after a
    backup was restored. `content`: an `app.projects.taxonomy.Taxonomy`. `note`: why it was made; the first
    came with the project, and has no author."""

    __tablename__ = "taxonomy_version"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    key: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(server_default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
