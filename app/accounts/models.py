"""People and their sign-ins."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, LargeBinary, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Role(StrEnum):
    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"
    ADMIN = "admin"


class User(Base):
    """`opted_out`: names of harm categories that this person is not to be shown; `cleared`: of those that a
    project restricts, which they may be shown."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("role IN ('annotator', 'adjudicator', 'admin')", name="role"),
        CheckConstraint("username = lower(username)", name="username"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    opted_out: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    cleared: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    preferences: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SignIn(Base):
    """One signed-in browser. The cookie holds the token, the table only its hash."""

    __tablename__ = "sign_in"

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class Qualification(Base):
    """That a person has shown, or an admin has said, that they can do a kind of work. None: it never ends."""

    __tablename__ = "qualification"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
