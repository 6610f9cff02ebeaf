"""Deliveries: targets of releases, webhooks, what was brought and told, and links that were revoked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    make_places()
    make_errands()
    op.create_table(
        "webhook_try",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("length(answer) <= 500", name=op.f("webhook_try_answer_check")),
        sa.ForeignKeyConstraint(["call_id"], ["webhook_call.id"], name=op.f("webhook_try_call_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_try_pkey")),
    )
    op.create_index(op.f("webhook_try_call_id_idx"), "webhook_try", ["call_id"])
    op.create_table(
        "link_series",
        sa.Column("release_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("link_series_release_id_fkey")),
        sa.PrimaryKeyConstraint("release_id", name=op.f("link_series_pkey")),
    )


def of_project(table: str) -> tuple[sa.Column[int] | sa.Constraint, ...]:
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f(f"{table}_project_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    )


def switched() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("active_since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )


def make_places() -> None:
    op.create_table(
        "delivery_target",
        *of_project("delivery_target"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("key_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=True),
        *switched(),
        sa.UniqueConstraint("project_id", "address", name=op.f("delivery_target_project_id_address_key")),
    )
    op.create_table(
        "webhook",
        *of_project("webhook"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("site_url", sa.Text(), nullable=False),
        *switched(),
        sa.UniqueConstraint("project_id", "url", name=op.f("webhook_project_id_url_key")),
    )


def of_errand(table: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("n_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f(f"{table}_state_check")
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'failed')) = (due_at IS NULL)", name=op.f(f"{table}_due_at_check")
        ),
        sa.CheckConstraint("state <> 'failed' OR error IS NOT NULL", name=op.f(f"{table}_error_check")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f(f"{table}_release_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    )


def make_errands() -> None:
    op.create_table(
        "delivery",
        *of_errand("delivery"),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("n_files", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["delivery_target.id"], name=op.f("delivery_target_id_fkey")),
        sa.UniqueConstraint("release_id", "target_id", name=op.f("delivery_release_id_target_id_key")),
    )
    op.create_index(op.f("delivery_target_id_idx"), "delivery", ["target_id"])
    op.create_table(
        "webhook_call",
        *of_errand("webhook_call"),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('done', 'failed')", name=op.f("webhook_call_outcome_check")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("webhook_call_webhook_id_fkey")),
        sa.UniqueConstraint(
            "webhook_id",
            "release_id",
            "outcome",
            name=op.f("webhook_call_webhook_id_release_id_outcome_key"),
        ),
    )
    for table in ("delivery", "webhook_call"):
        op.create_index(
            f"{table}_due_at_idx", table, ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
        )


def downgrade() -> None:
    for table in ("link_series", "webhook_try", "webhook_call", "delivery", "webhook", "delivery_target"):
        op.drop_table(table)
