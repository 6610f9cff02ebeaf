"""first tables"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("taxonomy_version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("length(trim(name)) BETWEEN 1 AND 100", name=op.f("project_name_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("project_pkey")),
        sa.UniqueConstraint("name", name=op.f("project_name_key")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "role IN ('annotator', 'adjudicator', 'admin')", name=op.f("user_account_role_check")
        ),
        sa.CheckConstraint("username = lower(username)", name=op.f("user_account_username_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("user_account_pkey")),
        sa.UniqueConstraint("username", name=op.f("user_account_username_key")),
    )
    op.create_table(
        "import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("shape", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("n_bytes_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("n_rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_warnings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_new_qa_pairs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_new_response_sets", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name=op.f("import_error_check")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("import_state_check")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("import_project_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("import_pkey")),
    )
    op.create_index(op.f("import_project_id_idx"), "import", ["project_id"], unique=False)
    op.create_table(
        "prompt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("prompt_project_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("prompt_pkey")),
        sa.UniqueConstraint("project_id", "sha256", name=op.f("prompt_project_id_sha256_key")),
    )
    op.create_table(
        "queue",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="paused", nullable=False),
        sa.Column("overlap", sa.SmallInteger(), nullable=False),
        sa.Column("lease_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('safety', 'dual', 'helpfulness', 'harmlessness', 'single')",
            name=op.f("queue_kind_check"),
        ),
        sa.CheckConstraint("state IN ('paused', 'running')", name=op.f("queue_state_check")),
        sa.CheckConstraint("lease_minutes BETWEEN 1 AND 1440", name=op.f("queue_lease_minutes_check")),
        sa.CheckConstraint("overlap BETWEEN 1 AND 50", name=op.f("queue_overlap_check")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("queue_project_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("queue_pkey")),
        sa.UniqueConstraint("project_id", "name", name=op.f("queue_project_id_name_key")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'done') = (manifest IS NOT NULL)", name=op.f("release_manifest_check")),
        sa.CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name=op.f("release_error_check")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("release_state_check")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("release_project_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("release_pkey")),
        sa.UniqueConstraint("project_id", "night", name=op.f("release_project_id_night_key")),
        sa.UniqueConstraint("project_id", "number", name=op.f("release_project_id_number_key")),
    )
    op.create_table(
        "sign_in",
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("sign_in_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("sign_in_pkey")),
    )
    op.create_index(op.f("sign_in_user_id_idx"), "sign_in", ["user_id"], unique=False)
    op.create_table(
        "agreement_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("n_annotations", sa.Integer(), nullable=False),
        sa.Column("n_annotators", sa.Integer(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("agreement_report_queue_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("agreement_report_pkey")),
    )
    op.create_index(
        op.f("agreement_report_queue_id_computed_at_idx"),
        "agreement_report",
        ["queue_id", "computed_at"],
        unique=False,
    )
    op.create_table(
        "item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('qa_pair', 'response_set')", name=op.f("item_kind_check")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("item_project_id_fkey")),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompt.id"], name=op.f("item_prompt_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("item_pkey")),
        sa.UniqueConstraint("project_id", "kind", "sha256", name=op.f("item_project_id_kind_sha256_key")),
    )
    op.create_index(op.f("item_prompt_id_idx"), "item", ["prompt_id"], unique=False)
    op.create_table(
        "queue_member",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("annotator_id", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["user_account.id"], name=op.f("queue_member_annotator_id_fkey")
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("queue_member_queue_id_fkey")),
        sa.PrimaryKeyConstraint("queue_id", "annotator_id", name=op.f("queue_member_pkey")),
    )
    op.create_index(op.f("queue_member_annotator_id_idx"), "queue_member", ["annotator_id"], unique=False)
    op.create_table(
        "response",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompt.id"], name=op.f("response_prompt_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("response_pkey")),
        sa.UniqueConstraint("prompt_id", "sha256", name=op.f("response_prompt_id_sha256_key")),
    )
    op.create_table(
        "item_response",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("response_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("item_response_item_id_fkey")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("item_response_response_id_fkey")
        ),
        sa.PrimaryKeyConstraint("item_id", "position", name=op.f("item_response_pkey")),
    )
    op.create_index(op.f("item_response_response_id_idx"), "item_response", ["response_id"], unique=False)
    op.create_table(
        "queue_item",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("overlap", sa.SmallInteger(), nullable=False),
        sa.Column("n_assigned", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("n_submitted", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "is_open", sa.Boolean(), sa.Computed("n_assigned < overlap", persisted=True), nullable=False
        ),
        sa.CheckConstraint("n_assigned BETWEEN 0 AND overlap", name=op.f("queue_item_n_assigned_check")),
        sa.CheckConstraint("n_submitted BETWEEN 0 AND n_assigned", name=op.f("queue_item_n_submitted_check")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("queue_item_item_id_fkey")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("queue_item_queue_id_fkey")),
        sa.PrimaryKeyConstraint("queue_id", "item_id", name=op.f("queue_item_pkey")),
        sa.UniqueConstraint("queue_id", "pos", name=op.f("queue_item_queue_id_pos_key")),
        postgresql_with={"fillfactor": 85, "autovacuum_vacuum_scale_factor": 0.02},
    )
    op.create_index(op.f("queue_item_item_id_idx"), "queue_item", ["item_id"], unique=False)
    op.create_index(
        "queue_item_open_idx", "queue_item", ["queue_id", "pos"], unique=False, postgresql_where="is_open"
    )
    op.create_table(
        "reference_label",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "dimension IN ('safety', 'helpfulness', 'harmlessness', 'single')",
            name=op.f("reference_label_dimension_check"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("reference_label_import_id_fkey")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("reference_label_item_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reference_label_pkey")),
        sa.UniqueConstraint(
            "item_id", "dimension", "import_id", name=op.f("reference_label_item_id_dimension_import_id_key")
        ),
    )
    op.create_index(op.f("reference_label_import_id_idx"), "reference_label", ["import_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("annotator_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("skip_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("assignment_closed_at_check")
        ),
        sa.CheckConstraint(
            "(status = 'skipped') = (skip_reason IS NOT NULL)", name=op.f("assignment_skip_reason_check")
        ),
        sa.CheckConstraint(
            "skip_reason IN ('cannot_judge', 'distress', 'broken_item')",
            name=op.f("assignment_skip_reason_is_known_check"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'submitted', 'skipped', 'expired')", name=op.f("assignment_status_check")
        ),
        sa.ForeignKeyConstraint(
            ["queue_id", "annotator_id"],
            ["queue_member.queue_id", "queue_member.annotator_id"],
            name=op.f("assignment_queue_id_annotator_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["queue_id", "item_id"],
            ["queue_item.queue_id", "queue_item.item_id"],
            name=op.f("assignment_queue_id_item_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("assignment_pkey")),
    )
    op.create_index(
        "assignment_expiry_idx",
        "assignment",
        ["expires_at"],
        unique=False,
        postgresql_where="status = 'open'",
    )
    op.create_index(
        "assignment_never_twice_idx",
        "assignment",
        ["queue_id", "item_id", "annotator_id"],
        unique=True,
        postgresql_where="status <> 'expired'",
    )
    op.create_index("assignment_of_annotator_idx", "assignment", ["annotator_id", "closed_at"], unique=False)
    op.create_index(
        "assignment_one_lease_idx",
        "assignment",
        ["queue_id", "annotator_id"],
        unique=True,
        postgresql_where="status = 'open'",
    )
    op.create_table(
        "annotation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("is_safe", sa.Boolean(), nullable=True),
        sa.Column("harm_categories", postgresql.ARRAY(sa.TEXT()), nullable=True),
        sa.Column("severity", sa.SmallInteger(), nullable=True),
        sa.Column("ranks", postgresql.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column("displayed_order", postgresql.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column("taxonomy_version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "dimension IN ('safety', 'helpfulness', 'harmlessness', 'single')",
            name=op.f("annotation_dimension_check"),
        ),
        sa.CheckConstraint(
            "is_safe = (severity = 0) AND is_safe = (harm_categories = '{}') AND severity BETWEEN 0 AND 3",
            name=op.f("annotation_safe_means_no_harm_check"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(is_safe, severity, harm_categories) = CASE dimension WHEN 'safety' THEN 3 ELSE 0 END",
            name=op.f("annotation_safety_check"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(ranks, displayed_order) = CASE dimension WHEN 'safety' THEN 0 ELSE 2 END AND cardinality(ranks) = cardinality(displayed_order)",
            name=op.f("annotation_ranking_check"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("annotation_assignment_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("annotation_pkey")),
        sa.UniqueConstraint(
            "assignment_id", "dimension", name=op.f("annotation_assignment_id_dimension_key")
        ),
    )


def downgrade() -> None:
    op.drop_table("annotation")
    op.drop_index("assignment_one_lease_idx", table_name="assignment", postgresql_where="status = 'open'")
    op.drop_index("assignment_of_annotator_idx", table_name="assignment")
    op.drop_index(
        "assignment_never_twice_idx", table_name="assignment", postgresql_where="status <> 'expired'"
    )
    op.drop_index("assignment_expiry_idx", table_name="assignment", postgresql_where="status = 'open'")
    op.drop_table("assignment")
    op.drop_index(op.f("reference_label_import_id_idx"), table_name="reference_label")
    op.drop_table("reference_label")
    op.drop_index("queue_item_open_idx", table_name="queue_item", postgresql_where="is_open")
    op.drop_index(op.f("queue_item_item_id_idx"), table_name="queue_item")
    op.drop_table("queue_item")
    op.drop_index(op.f("item_response_response_id_idx"), table_name="item_response")
    op.drop_table("item_response")
    op.drop_table("response")
    op.drop_index(op.f("queue_member_annotator_id_idx"), table_name="queue_member")
    op.drop_table("queue_member")
    op.drop_index(op.f("item_prompt_id_idx"), table_name="item")
    op.drop_table("item")
    op.drop_index(op.f("agreement_report_queue_id_computed_at_idx"), table_name="agreement_report")
    op.drop_table("agreement_report")
    op.drop_index(op.f("sign_in_user_id_idx"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_table("release")
    op.drop_table("queue")
    op.drop_table("prompt")
    op.drop_index(op.f("import_project_id_idx"), table_name="import")
    op.drop_table("import")
    op.drop_table("user_account")
    op.drop_table("project")
