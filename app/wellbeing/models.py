"""What annotators agreed to see, and what they uncovered."""

import hashlib
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.assignments.models import Assignment
from app.db import Base
from app.projects.models import Project

# Where a position is asked for: the prompt's, before all responses.
PROMPT = -1


class Consent(Base):
    """To the content warning of a project, as it read then; a new warning asks anew."""

    __tablename__ = "consent"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    content_warning: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Reveal(Base):
    """A covered text that its annotator uncovered: the `position` of a response in the item, or PROMPT."""

    __tablename__ = "reveal"

    assignment_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(Assignment.id), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    revealed_at: Mapped[datetime] = mapped_column(server_default=func.now())


def warning_version(content_warning: str) -> str:
    """What a form carries of the text that its page showed."""
    return hashlib.sha256(content_warning.encode()).hexdigest()[:16]
