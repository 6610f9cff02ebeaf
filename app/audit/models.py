"""Who did what, when, to what, and why. Rows are only ever added."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Action(StrEnum):
    """What the log tells of."""

    CREATED = "created"
    CHANGED = "changed"
    GRANTED = "granted"
    REVOKED = "revoked"
    RESET = "reset"
    PAUSED = "paused"
    RESUMED = "resumed"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    REMOVED = "removed"
    RELEASED = "released"
    REASSIGNED = "reassigned"
    DECIDED = "decided"
    SUSPENDED = "suspended"
    CHECKED = "checked"
    IMPORTED = "imported"
    VIEWED = "viewed"
    DOWNLOADED = "downloaded"
    SENT = "sent"
    SIGNED_IN = "signed_in"


class AuditEntry(Base):
    """`actor_id`: None where the system did it by itself. `subject`: the kind of thing, such as "queue" or
    "gold item"; what it is about stands in the ids, those that apply. `before` and `after`: the fields that
    changed. No text of an item is ever kept here."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_item_idx", "item_id", postgresql_where="item_id IS NOT NULL"),
        Index("audit_entry_queue_idx", "queue_id", "id", postgresql_where="queue_id IS NOT NULL"),
        Index("audit_entry_user_idx", "user_id", "id", postgresql_where="user_id IS NOT NULL"),
        Index("audit_entry_actor_idx", "actor_id", "id"),
        Index("audit_entry_at_idx", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[str]
    subject: Mapped[str]
    project_id: Mapped[int | None] = mapped_column(BigInteger)
    queue_id: Mapped[int | None] = mapped_column(BigInteger)
    item_id: Mapped[int | None] = mapped_column(BigInteger)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
