"""Withdrawals: what releases leave out, who consents to publication, and each release's filters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("annotator_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "withdrawn_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "CASE kind WHEN 'annotator' THEN sha256 IS NULL AND annotator_id IS NOT NULL"
            " ELSE annotator_id IS NULL AND length(sha256) = 32 END",
            name=op.f("withdrawal_what_check"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("withdrawal_end_reason_check")
        ),
        sa.CheckConstraint("kind IN ('prompt', 'response', 'annotator')", name=op.f("withdrawal_kind_check")),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["user_account.id"], name=op.f("withdrawal_annotator_id_fkey")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("withdrawal_project_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("withdrawal_pkey")),
        sa.UniqueConstraint(
            *("project_id", "kind", "sha256", "annotator_id", "ended_at"),
            name="withdrawal_standing_key",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "publication_consent",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(given_at, withdrawn_at) > 0", name=op.f("publication_consent_answer_check")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("publication_consent_project_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("publication_consent_user_id_fkey")
        ),
        sa.PrimaryKeyConstraint("user_id", "project_id", name=op.f("publication_consent_pkey")),
    )
    op.add_column(
        "release", sa.Column("filters", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("release", "filters")
    op.drop_table("publication_consent")
    op.drop_table("withdrawal")
