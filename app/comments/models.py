"""What annotators ask about an item, and what is answered."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.assignments.models import Assignment
from app.db import Base


class Comment(Base):
    """One of the thread of an assignment, between its annotator and the admins. `read_at`: when the other
    side read it."""

    __tablename__ = "comment"
    __table_args__ = (
        Index(None, "assignment_id"),
        Index("comment_unread_idx", "author_id", postgresql_where="read_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey(Assignment.id))
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]
