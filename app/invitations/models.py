"""Links by which people come in without anybody telling them a password."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, LargeBinary, SmallInteger, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.db import Base


class Invitation(Base):
    """A link that was handed over; the table keeps the SHA-256 of its token alone.

    For newcomers, who get the `role`, the groups, and if they label the queues; or for one person who is
    here (`user_id`) and may choose a new password, once. It holds for `n_uses` < `max_uses`, until it expires
    or is revoked, and as long as whoever made it is an admin.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("role IN ('annotator', 'adjudicator', 'admin')", name="role"),
        CheckConstraint("(user_id IS NULL) = (role IS NOT NULL)", name="whom"),
        CheckConstraint("max_uses BETWEEN 1 AND 500 AND (user_id IS NULL OR max_uses = 1)", name="max_uses"),
        CheckConstraint("n_uses BETWEEN 0 AND max_uses", name="n_uses"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    role: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    group_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    queue_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    note: Mapped[str] = mapped_column(server_default="")
    n_uses: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    max_uses: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    created_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
