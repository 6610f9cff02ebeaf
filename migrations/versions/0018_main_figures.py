"""The main figures of a report of agreement, apart from the rest of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MAIN_FIGURES = (
    'jsonb_path_query_array(content, \'$.figures[*] ? (@.question == "safe" || @.question == "helpfulness"'
    ' || @.question == "harmlessness" || @.question == "single")\')'
)
# The table is written anew under its lock: one row a queue and night.
needs_downtime = True


def upgrade() -> None:
    op.add_column(
        "agreement_report",
        sa.Column(
            "main_figures",
            postgresql.JSONB(astext_type=sa.Text()),
            sa.Computed(MAIN_FIGURES, persisted=True),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("agreement_report", "main_figures")
