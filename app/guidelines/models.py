"""What annotators are to go by: one text a project, in versions; and who has read which version of what."""

from datetime import datetime

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base
from app.projects.models import Project


class Guideline(Base):
    """One version, 1 and up; never changed. `text` and `changes` (what is new in it) are Markdown."""

    __tablename__ = "guideline"

    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    changes: Mapped[str] = mapped_column(server_default="")
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class GuidelineReading(Base):
    """The newest version that this person has said they know the changes of."""

    __tablename__ = "guideline_reading"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    version: Mapped[int]
    read_at: Mapped[datetime] = mapped_column(server_default=func.now())


class TaxonomyReading(Base):
    """The newest version of the project's taxonomy that this person has said they know the changes of."""

    __tablename__ = "taxonomy_reading"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    number: Mapped[int]
    read_at: Mapped[datetime] = mapped_column(server_default=func.now())
