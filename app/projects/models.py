"""A labelling campaign."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Project(Base):
    __tablename__ = "project"
    __table_args__ = (CheckConstraint("length(trim(name)) BETWEEN 1 AND 100", name="name"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    taxonomy_version: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
