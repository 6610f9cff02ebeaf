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
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.items.pace import Pace, pace_of
from app.projects.models import Project


class ItemKind(StrEnum):
    QA_PAIR = "qa_pair"
    RESPONSE_SET = "response_set"


class ImportState(StrEnum):
    """`checked`: read, and nothing kept; it waits to be imported, or to be told which column is which."""

    WAITING = "waiting"
    RUNNING = "running"
    CHECKED = "checked"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


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
        Index("item_project_idx", "project_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompt.id"), index=True)
    kind: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))

    prompt: Mapped[Prompt] = relationship(lazy="raise")
    members: Mapped[list["ItemResponse"]] = relationship(lazy="raise", order_by="ItemResponse.position")


# How many items a project has of a kind: the sum of its rows here. A trigger adds one for each statement that
# adds items, and once a minute they are folded into one; a counter to be changed would make two imports wait
# for each other.
item_count = Table(
    "item_count",
    Base.metadata,
    Column("project_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("n_items", BigInteger, nullable=False),
)


class ItemResponse(Base):
    __tablename__ = "item_response"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id"), index=True)

    response: Mapped[Response] = relationship(lazy="raise")


class Import(Base):
    """One file brought in, or only checked.

    `n_rows` counts the rows read, `n_rejected` those left out, `n_known` those of which nothing was new;
    `n_new_*` what was not there before, or would be new where the file is only checked. Each rejected row
    and each warning is listed in the import's report. `shape`: None where it is not known. `mapping`: whose
    columns are which (`fields.FieldMaps`); None: they have our names. `answers_told`: of a file of answers
    what was told of it (`answer_files.told.Told`), None of a file of items. `started_at`: of the last run.
    `options`: what was asked for with it (`options.ImportOptions`). `findings`: about its texts
    (`findings.Findings`), None until it ends. Its new items are those of the project from `first_item_id` to
    `last_item_id`, since a project has one import at a time; None where it brought none, or ended before that
    was kept. `expired_at`: when its upload was deleted, since nobody had imported it.
    """

    __tablename__ = "import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'running', 'checked', 'done', 'failed', 'cancelled')", name="state"
        ),
        CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="error"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), index=True)
    file_name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=ImportState.WAITING)
    shape: Mapped[str | None]
    error: Mapped[str | None]
    only_checks: Mapped[bool] = mapped_column(server_default="false")
    mapping: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    answers_told: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    n_bytes: Mapped[int] = mapped_column(BigInteger)
    n_bytes_read: Mapped[int] = mapped_column(BigInteger, server_default="0")
    n_rows: Mapped[int] = mapped_column(server_default="0")
    n_rejected: Mapped[int] = mapped_column(server_default="0")
    n_warnings: Mapped[int] = mapped_column(server_default="0")
    n_new_qa_pairs: Mapped[int] = mapped_column(server_default="0")
    n_new_response_sets: Mapped[int] = mapped_column(server_default="0")
    n_known: Mapped[int] = mapped_column(server_default="0")
    n_new_answers: Mapped[int] = mapped_column(server_default="0")
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    findings: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    first_item_id: Mapped[int | None] = mapped_column(BigInteger)
    last_item_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]

    @property
    def lacks_columns(self) -> bool:
        """It was read, and waits to be told which column is which."""
        return self.state == ImportState.CHECKED and self.shape is None

    def pace(self, at: datetime) -> Pace | None:
        """In rows; None while nothing has been read."""
        return pace_of(self.started_at, at, self.n_rows, self.n_bytes_read, self.n_bytes)


class ImportMapping(Base):
    """What was told of a file's columns, for the next file that has the same ones, in whatever order.

    `columns_sha256`: over their names, sorted. `maps`: as in `Import.mapping`.
    """

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("project_id", "columns_sha256"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    columns_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    columns: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    maps: Mapped[list[Any]] = mapped_column(JSONB)
    told_at: Mapped[datetime] = mapped_column(server_default=func.now())


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
