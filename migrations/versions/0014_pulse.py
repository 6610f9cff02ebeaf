"""Signs of life of what runs in the background."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "pulse",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("n_busy", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waited_ms", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('worker', 'schedule')", name=op.f("pulse_kind_check")),
        sa.PrimaryKeyConstraint("kind", "host", "pid", name=op.f("pulse_pkey")),
    )


def downgrade() -> None:
    op.drop_table("pulse")
