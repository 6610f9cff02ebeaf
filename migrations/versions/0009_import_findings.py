"""Imports: what is asked for with a file, and what was found out about its texts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("import", sa.Column("options", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("import", sa.Column("findings", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("import", "findings")
    op.drop_column("import", "options")
