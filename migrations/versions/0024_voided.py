"""Finds the few assignments that are voided, so that gold results are counted without reading all others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "assignment_voided_idx",
            "assignment",
            ["id"],
            postgresql_where=sa.text("status = 'voided'"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("assignment_voided_idx", "assignment")
