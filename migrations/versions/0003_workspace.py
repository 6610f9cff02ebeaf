"""The workspace: fuller answers and their versions, drafts, guidelines, comments, consent, an item ahead.

The code before it would count an answer beside its newer version, so the site must stand still meanwhile, as
it does when `evenhand up` starts.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
needs_downtime = True

CHECKS = (
    ("project", "text_format", "text_format IN ('plain', 'markdown')"),
    ("project", "break_minutes", "break_minutes BETWEEN 0 AND 480"),
    ("queue", "max_severe_in_row", "max_severe_in_row > 0"),
    ("queue", "blur_from", "blur_from BETWEEN 1 AND 3"),
    ("queue", "edit_minutes", "edit_minutes BETWEEN 0 AND 10080"),
    (
        "annotation",
        "ranking",
        "num_nonnulls(verdict, displayed_order) = CASE dimension WHEN 'safety' THEN 0 ELSE 2 END"
        " AND cardinality(ranks) = cardinality(displayed_order)",
    ),
    ("annotation", "verdict", "verdict IN ('ordered', 'all_bad', 'cannot_judge')"),
    ("annotation", "ranks_of_verdict", "(ranks IS NULL) = (verdict IS NULL OR verdict = 'cannot_judge')"),
    ("annotation", "confidence", "confidence BETWEEN 0 AND 3"),
    ("annotation", "strength", "strength IS NULL OR (strength BETWEEN 1 AND 3 AND verdict = 'ordered')"),
)
OLD_RANKING = (
    "num_nonnulls(ranks, displayed_order) = CASE dimension WHEN 'safety' THEN 0 ELSE 2 END"
    " AND cardinality(ranks) = cardinality(displayed_order)"
)


def upgrade() -> None:
    make_tables()
    add_columns()
    op.execute("UPDATE annotation SET verdict = 'ordered' WHERE ranks IS NOT NULL")
    # What was decided for new queues holds for those that are there: severe texts are covered.
    op.execute("UPDATE queue SET blur_from = 3")
    op.drop_constraint(op.f("annotation_ranking_check"), "annotation", type_="check")
    for table, name, condition in CHECKS:
        op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)
    op.drop_constraint(op.f("annotation_assignment_id_dimension_key"), "annotation", type_="unique")
    op.create_unique_constraint(
        op.f("annotation_assignment_id_dimension_superseded_at_key"),
        "annotation",
        ["assignment_id", "dimension", "superseded_at"],
        postgresql_nulls_not_distinct=True,
    )
    replace_lease_index("annotator_id", "queue_id", "is_ahead")
    op.create_index(
        "assignment_answered_idx",
        "assignment",
        ["annotator_id", "closed_at"],
        postgresql_where="status IN ('submitted', 'surplus')",
    )


def replace_lease_index(*columns: str) -> None:
    op.drop_index("assignment_one_lease_idx", table_name="assignment", postgresql_where="status = 'open'")
    op.create_index(
        "assignment_one_lease_idx", "assignment", columns, unique=True, postgresql_where="status = 'open'"
    )


def make_tables() -> None:
    op.create_table(
        "consent",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("content_warning", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("consent_project_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("consent_user_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", "project_id", name=op.f("consent_pkey")),
    )
    op.create_table(
        "guideline",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), server_default="", nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("guideline_author_id_fkey")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("guideline_project_id_fkey")),
        sa.PrimaryKeyConstraint("project_id", "version", name=op.f("guideline_pkey")),
    )
    op.create_table(
        "guideline_reading",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("guideline_reading_project_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("guideline_reading_user_id_fkey")
        ),
        sa.PrimaryKeyConstraint("user_id", "project_id", name=op.f("guideline_reading_pkey")),
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("comment_assignment_id_fkey")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("comment_author_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("comment_pkey")),
    )
    op.create_index(op.f("comment_assignment_id_idx"), "comment", ["assignment_id"], unique=False)
    op.create_index(
        "comment_unread_idx", "comment", ["author_id"], unique=False, postgresql_where="read_at IS NULL"
    )
    op.create_table(
        "draft",
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("draft_assignment_id_fkey")),
        sa.PrimaryKeyConstraint("assignment_id", "dimension", name=op.f("draft_pkey")),
    )
    op.create_table(
        "label_flag",
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("label_flag_assignment_id_fkey")
        ),
        sa.PrimaryKeyConstraint("assignment_id", "position", name=op.f("label_flag_pkey")),
    )
    op.create_table(
        "reveal",
        sa.Column("assignment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("revealed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("reveal_assignment_id_fkey")),
        sa.PrimaryKeyConstraint("assignment_id", "position", name=op.f("reveal_pkey")),
    )


def add_columns() -> None:
    for column in (
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("strength", sa.SmallInteger(), nullable=True),
        sa.Column("contradicts_labels", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("confidence", sa.SmallInteger(), nullable=True),
        sa.Column("rationale", sa.Text(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("guideline_version", sa.Integer(), nullable=True),
        sa.Column("active_ms", sa.Integer(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("annotation", column)
    op.add_column("assignment", sa.Column("is_ahead", sa.Boolean(), server_default="false", nullable=False))
    for column in (
        sa.Column("text_format", sa.Text(), server_default="plain", nullable=False),
        sa.Column("content_warning", sa.Text(), server_default="", nullable=False),
        sa.Column("support_text", sa.Text(), server_default="", nullable=False),
        sa.Column("support_url", sa.Text(), server_default="", nullable=False),
        sa.Column("break_minutes", sa.SmallInteger(), server_default="50", nullable=False),
    ):
        op.add_column("project", column)
    for column in (
        sa.Column("max_severe_in_row", sa.Integer(), nullable=True),
        sa.Column("blur_from", sa.SmallInteger(), nullable=True),
        sa.Column("edit_minutes", sa.Integer(), server_default="60", nullable=False),
    ):
        op.add_column("queue", column)
    for column in (
        sa.Column("n_severe_in_row", sa.Integer(), server_default="0", nullable=False),
        sa.Column("severe_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("queue_member", column)
    op.add_column(
        "user_account",
        sa.Column(
            "preferences", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
    )


def downgrade() -> None:
    """What the tables before can't hold is let go: older versions of answers, and the items held ahead; who
    could not judge counts as having seen a tie."""
    op.execute("""
        WITH ahead AS (
            UPDATE assignment SET status = 'released', closed_at = now() WHERE is_ahead AND status = 'open'
            RETURNING queue_id, item_id, takes_place
        ), freed AS (
            SELECT queue_id, item_id, count(*) AS n FROM ahead WHERE takes_place GROUP BY queue_id, item_id
        )
        UPDATE queue_item SET n_assigned = n_assigned - n FROM freed
        WHERE queue_item.queue_id = freed.queue_id AND queue_item.item_id = freed.item_id
    """)
    op.drop_index(
        "assignment_answered_idx",
        table_name="assignment",
        postgresql_where="status IN ('submitted', 'surplus')",
    )
    replace_lease_index("annotator_id", "queue_id")
    op.drop_column("assignment", "is_ahead")
    op.execute("DELETE FROM annotation WHERE superseded_at IS NOT NULL")
    op.drop_constraint(
        op.f("annotation_assignment_id_dimension_superseded_at_key"), "annotation", type_="unique"
    )
    op.create_unique_constraint(
        op.f("annotation_assignment_id_dimension_key"), "annotation", ["assignment_id", "dimension"]
    )
    for table, name, _condition in CHECKS:
        op.drop_constraint(op.f(f"{table}_{name}_check"), table, type_="check")
    op.execute(
        "UPDATE annotation SET ranks = array_fill(1::smallint, ARRAY[cardinality(displayed_order)])"
        " WHERE verdict = 'cannot_judge'"
    )
    op.create_check_constraint(op.f("annotation_ranking_check"), "annotation", OLD_RANKING)
    drop_columns(
        "annotation",
        "verdict",
        "strength",
        "contradicts_labels",
        "confidence",
        "rationale",
        "evidence",
        "guideline_version",
        "active_ms",
        "superseded_at",
    )
    drop_columns("project", "text_format", "content_warning", "support_text", "support_url", "break_minutes")
    drop_columns("queue", "max_severe_in_row", "blur_from", "edit_minutes")
    drop_columns("queue_member", "n_severe_in_row", "severe_at")
    drop_columns("user_account", "preferences")
    for table in ("reveal", "label_flag", "draft", "comment", "guideline_reading", "guideline", "consent"):
        op.drop_table(table)


def drop_columns(table: str, *names: str) -> None:
    for name in names:
        op.drop_column(table, name)
