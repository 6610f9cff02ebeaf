"""What is no longer published, and who lets their single answers be."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    LargeBinary,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base
from app.projects.models import Project


class WithdrawalKind(StrEnum):
    PROMPT = "prompt"
    RESPONSE = "response"
    ANNOTATOR = "annotator"


class Withdrawal(Base):
    """A tombstone: releases leave out what it names, from then on until `ended_at`.

    `sha256`: of a prompt its text's; of a response that of prompt and response, as releases publish it. So
    it holds for content that is not there, or comes again. Of an annotator it is None, and the single
    answers of `annotator_id` are what is not published.
    """

    __tablename__ = "withdrawal"
    __table_args__ = (
        # Of one thing's withdrawals one alone has not ended.
        UniqueConstraint(
            *("project_id", "kind", "sha256", "annotator_id", "ended_at"),
            name="withdrawal_standing_key",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("kind IN ('prompt', 'response', 'annotator')", name="kind"),
        CheckConstraint(
            "CASE kind WHEN 'annotator' THEN sha256 IS NULL AND annotator_id IS NOT NULL"
            " ELSE annotator_id IS NULL AND length(sha256) = 32 END",
            name="what",
        ),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    kind: Mapped[str]
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str]
    withdrawn_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class PublicationConsent(Base):
    """What an annotator says to the publication of their single answers, each under a pseudonym.

    Yes since `given_at`, unless they have said no since then, at `withdrawn_at`. No row: not asked, or not
    answered.
    """

    __tablename__ = "publication_consent"
    __table_args__ = (CheckConstraint("num_nonnulls(given_at, withdrawn_at) > 0", name="answer"),)

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    given_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
