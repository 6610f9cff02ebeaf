"""Imports: checked before they are run, cancelled, mapped; what was told of a file of answers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATES = "'waiting', 'running', 'checked', 'done', 'failed', 'cancelled'"
# The new constraint allows more than the old one, and the table has a row for each import: soon looked at.
ALLOW_STATES = f"""
    ALTER TABLE import
        -- squawk-ignore ban-drop-constraint
        DROP CONSTRAINT import_state_check,
        -- squawk-ignore constraint-missing-not-valid
        ADD CONSTRAINT import_state_check CHECK (state IN ({STATES}))
"""
OLD_STATES = "'waiting', 'running', 'done', 'failed'"


def upgrade() -> None:
    for column in (
        sa.Column("only_checks", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=True),
        sa.Column("answers_told", postgresql.JSONB(), nullable=True),
        sa.Column("n_known", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_new_answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("import", column)
    op.execute(ALLOW_STATES)
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("columns_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("maps", postgresql.JSONB(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("import_mapping_project_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("import_mapping_pkey")),
        sa.UniqueConstraint(
            "project_id", "columns_sha256", name=op.f("import_mapping_project_id_columns_sha256_key")
        ),
    )


def downgrade() -> None:
    op.drop_table("import_mapping")
    op.execute("DELETE FROM import WHERE state IN ('checked', 'cancelled')")
    op.drop_constraint(op.f("import_state_check"), "import")
    op.create_check_constraint(op.f("import_state_check"), "import", f"state IN ({OLD_STATES})")
    for name in ("started_at", "n_new_answers", "n_known", "answers_told", "mapping", "only_checks"):
        op.drop_column("import", name)
