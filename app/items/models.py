"""What is labelled, and the imports it came from.

A prompt has responses. An item is a prompt with one response (a QA pair) or with two or more (a
response set); which, and in which order, `item_response` says. Content is found by its SHA-256, so the
same content twice is one row.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.projects.models import Project


class ItemKind(StrEnum):
    QA_PAIR = "qa_pair"
    RESPONSE_SET = "response_set"


class ImportState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Prompt(Base):
    __tablename__ = "prompt"
    __table_args__ = (UniqueConstraint("project_id", "sha256"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    text: Mapped[str]
    source: Mapped[str]


class Response(Base):
    __tablename__ = "response"
    __table_args__ = (UniqueConstraint("prompt_id", "sha256"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompt.id"))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    text: Mapped[str]
    source: Mapped[str]


class Item(Base):
    """`sha256` is over the prompt and its responses whatever their order; of an item that a file of answers
    tells from another one of the same texts, over that and its name in the file."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("project_id", "kind", "sha256"),
        CheckConstraint("kind IN ('qa_pair', 'response_set')", name="kind"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompt.id"), index=True)
    kind: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))

    prompt: Mapped[Prompt] = relationship(lazy="raise")
    members: Mapped[list["ItemResponse"]] = relationship(lazy="raise", order_by="ItemResponse.position")


class ItemResponse(Base):
    __tablename__ = "item_response"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id"), index=True)

    response: Mapped[Response] = relationship(lazy="raise")


class Import(Base):
    """One file brought in.

    `n_rows` counts the rows read, `n_rejected` those left out; `n_new_*` what was not there before. Each
    rejected row and each warning is listed in the import's report. `options`: see forms.ImportOptions;
    `findings`: about its texts, see findings.Findings.
    """

    __tablename__ = "import"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="error"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), index=True)
    file_name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=ImportState.WAITING)
    shape: Mapped[str | None]
    error: Mapped[str | None]
    n_bytes: Mapped[int] = mapped_column(BigInteger)
    n_bytes_read: Mapped[int] = mapped_column(BigInteger, server_default="0")
    n_rows: Mapped[int] = mapped_column(server_default="0")
    n_rejected: Mapped[int] = mapped_column(server_default="0")
    n_warnings: Mapped[int] = mapped_column(server_default="0")
    n_new_qa_pairs: Mapped[int] = mapped_column(server_default="0")
    n_new_response_sets: Mapped[int] = mapped_column(server_default="0")
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    findings: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class ReferenceLabel(Base):
    """A label that came with a file. Kept for comparison, never shown to annotators.

    `dimension`: safety, helpfulness, harmlessness or single. `answer` of safety: any of `is_safe` (bool),
    `harm_categories` (list of str), `severity` (0 to 3); of a preference: `better`, the position of the
    preferred response in the item.
    """

    __tablename__ = "reference_label"
    __table_args__ = (
        UniqueConstraint("item_id", "dimension", "import_id"),
        CheckConstraint("dimension IN ('safety', 'helpfulness', 'harmlessness', 'single')", name="dimension"),
        Index(None, "import_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"))
    dimension: Mapped[str]
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
