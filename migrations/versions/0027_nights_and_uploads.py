"""An import says when its upload was deleted because nobody imported it; a project, of what its nightly
releases are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("import", sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "project", sa.Column("nightly_filters", postgresql.JSONB, server_default="{}", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("project", "nightly_filters")
    op.drop_column("import", "expired_at")
