"""Quality control: gold items and exams, trust and its alerts, inspections, adjudication, the audit log.

The checks of the new columns read the table of queues, which is small, under its lock.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
needs_downtime = True

CHECKS = (
    ("purpose", "purpose IN ('production', 'training', 'exam')"),
    ("gold", "gold_every > 1 AND gold_rate > 0 AND gold_rate <= 0.5"),
    ("gold_is_one_way", "num_nonnulls(gold_every, gold_rate) < 2"),
    (
        "exam",
        "pass_mark BETWEEN 0 AND 1 AND n_exam_items > 0 AND max_attempts > 0 AND cooldown_hours >= 0"
        " AND valid_days > 0",
    ),
    ("adjudicates_below", "adjudicates_below BETWEEN 0 AND 1"),
)


def upgrade() -> None:
    add_columns()
    for name, condition in CHECKS:
        op.create_check_constraint(op.f(f"queue_{name}_check"), "queue", condition)
    make_tables()


def add_columns() -> None:
    op.add_column("assignment", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "project", sa.Column("restricted", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False)
    )
    op.add_column("queue", sa.Column("purpose", sa.Text(), server_default="production", nullable=False))
    op.add_column("queue", sa.Column("gold_every", sa.SmallInteger(), nullable=True))
    op.add_column("queue", sa.Column("gold_rate", sa.Double(), nullable=True))
    op.add_column("queue", sa.Column("grants", sa.Text(), nullable=True))
    op.add_column("queue", sa.Column("pass_mark", sa.Double(), nullable=True))
    op.add_column("queue", sa.Column("n_exam_items", sa.SmallInteger(), nullable=True))
    op.add_column("queue", sa.Column("max_attempts", sa.SmallInteger(), nullable=True))
    op.add_column("queue", sa.Column("cooldown_hours", sa.Integer(), server_default="0", nullable=False))
    op.add_column("queue", sa.Column("valid_days", sa.Integer(), nullable=True))
    op.add_column(
        "queue", sa.Column("adjudicates", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False)
    )
    op.add_column("queue", sa.Column("adjudicates_below", sa.Double(), nullable=True))
    op.add_column("queue", sa.Column("is_blind", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("queue_member", sa.Column("pause_reason", sa.Text(), nullable=True))
    op.add_column("queue_member", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "user_account", sa.Column("cleared", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False)
    )


def make_tables() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("queue_id", sa.BigInteger(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name=op.f("audit_entry_actor_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_entry_pkey")),
    )
    op.create_index("audit_entry_actor_idx", "audit_entry", ["actor_id", "id"], unique=False)
    op.create_index("audit_entry_at_idx", "audit_entry", ["at"], unique=False)
    op.create_index(
        "audit_entry_item_idx",
        "audit_entry",
        ["item_id"],
        unique=False,
        postgresql_where="item_id IS NOT NULL",
    )
    op.create_index(
        "audit_entry_queue_idx",
        "audit_entry",
        ["queue_id", "id"],
        unique=False,
        postgresql_where="queue_id IS NOT NULL",
    )
    op.create_index(
        "audit_entry_user_idx",
        "audit_entry",
        ["user_id", "id"],
        unique=False,
        postgresql_where="user_id IS NOT NULL",
    )
    op.create_table(
        "exam_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("annotator_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("n_items", sa.SmallInteger(), nullable=False),
        sa.Column("n_right", sa.SmallInteger(), nullable=True),
        sa.Column("is_passed", sa.Boolean(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reset_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reset_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (is_passed IS NULL)", name=op.f("exam_attempt_ended_at_check")
        ),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["user_account.id"], name=op.f("exam_attempt_annotator_id_fkey")
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("exam_attempt_queue_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("exam_attempt_pkey")),
    )
    op.create_index(op.f("exam_attempt_annotator_id_idx"), "exam_attempt", ["annotator_id"], unique=False)
    op.create_index(
        "exam_attempt_open_idx",
        "exam_attempt",
        ["queue_id", "annotator_id"],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )
    op.create_index(op.f("exam_attempt_queue_id_idx"), "exam_attempt", ["queue_id"], unique=False)
    op.create_table(
        "inspection_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("annotator_id", sa.BigInteger(), nullable=True),
        sa.Column("n_answers", sa.Integer(), nullable=False),
        sa.Column("n_sampled", sa.Integer(), nullable=False),
        sa.Column("min_right", sa.Double(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)", name=op.f("inspection_batch_decided_at_check")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused')", name=op.f("inspection_batch_state_check")
        ),
        sa.CheckConstraint("min_right > 0 AND min_right <= 1", name=op.f("inspection_batch_min_right_check")),
        sa.CheckConstraint(
            "n_sampled BETWEEN 1 AND n_answers", name=op.f("inspection_batch_n_sampled_check")
        ),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["user_account.id"], name=op.f("inspection_batch_annotator_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("inspection_batch_created_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("inspection_batch_decided_by_fkey")
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("inspection_batch_queue_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("inspection_batch_pkey")),
    )
    op.create_index(op.f("inspection_batch_queue_id_idx"), "inspection_batch", ["queue_id"], unique=False)
    op.create_table(
        "quality_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("collector", sa.Text(), nullable=False),
        sa.Column("answer_window", sa.Integer(), nullable=True),
        sa.Column("min_n", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bound", sa.Text(), nullable=False),
        sa.Column("is_below", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("action IN ('notify', 'pause')", name=op.f("quality_rule_action_check")),
        sa.CheckConstraint("bound IN ('lower', 'upper', 'figure')", name=op.f("quality_rule_bound_check")),
        sa.CheckConstraint("answer_window > 0 AND min_n >= 0", name=op.f("quality_rule_counts_check")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("quality_rule_created_by_fkey")
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("quality_rule_queue_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("quality_rule_pkey")),
    )
    op.create_index(op.f("quality_rule_queue_id_idx"), "quality_rule", ["queue_id"], unique=False)
    op.create_table(
        "trust_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("n_answers", sa.Integer(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("trust_report_queue_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("trust_report_pkey")),
    )
    op.create_index("trust_report_queue_idx", "trust_report", ["queue_id", "id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("annotator_id", sa.BigInteger(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("figure", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("has_paused", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.BigInteger(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolution IS NULL)", name=op.f("alert_resolution_check")
        ),
        sa.ForeignKeyConstraint(["annotator_id"], ["user_account.id"], name=op.f("alert_annotator_id_fkey")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("alert_queue_id_fkey")),
        sa.ForeignKeyConstraint(["resolved_by"], ["user_account.id"], name=op.f("alert_resolved_by_fkey")),
        sa.ForeignKeyConstraint(["rule_id"], ["quality_rule.id"], name=op.f("alert_rule_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("alert_pkey")),
    )
    op.create_index(
        "alert_open_idx",
        "alert",
        ["queue_id", "annotator_id", "finding", "rule_id"],
        unique=True,
        postgresql_where="resolved_at IS NULL",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "adjudication_case",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("n_needed", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("held_by", sa.BigInteger(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'decided' OR outcome IS NOT NULL", name=op.f("adjudication_case_outcome_check")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'decided', 'withdrawn')", name=op.f("adjudication_case_state_check")
        ),
        sa.CheckConstraint("n_needed BETWEEN 1 AND 9", name=op.f("adjudication_case_n_needed_check")),
        sa.ForeignKeyConstraint(
            ["held_by"], ["user_account.id"], name=op.f("adjudication_case_held_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["queue_id", "item_id"],
            ["queue_item.queue_id", "queue_item.item_id"],
            name=op.f("adjudication_case_queue_id_item_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("adjudication_case_pkey")),
        sa.UniqueConstraint("queue_id", "item_id", name=op.f("adjudication_case_queue_id_item_id_key")),
    )
    op.create_index("adjudication_case_item_idx", "adjudication_case", ["item_id"], unique=False)
    op.create_index(
        "adjudication_case_open_idx",
        "adjudication_case",
        ["queue_id", "id"],
        unique=False,
        postgresql_where="state = 'open'",
    )
    op.create_table(
        "gold_item",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="gold", nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("explanation", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("suspended_for", sa.Text(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(state = 'suspended') = (suspended_for IS NOT NULL)", name=op.f("gold_item_suspended_for_check")
        ),
        sa.CheckConstraint("purpose IN ('gold', 'attention')", name=op.f("gold_item_purpose_check")),
        sa.CheckConstraint("source IN ('made', 'imported', 'promoted')", name=op.f("gold_item_source_check")),
        sa.CheckConstraint("state IN ('active', 'suspended', 'retired')", name=op.f("gold_item_state_check")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("gold_item_created_by_fkey")),
        sa.ForeignKeyConstraint(
            ["queue_id", "item_id"],
            ["queue_item.queue_id", "queue_item.item_id"],
            name=op.f("gold_item_queue_id_item_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("queue_id", "item_id", name=op.f("gold_item_pkey")),
    )
    op.create_index(op.f("gold_item_item_id_idx"), "gold_item", ["item_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("adjudicator_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("is_third", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "cause IN ('guidelines_unclear', 'guidelines_silent', 'item_ambiguous', 'text_misread', 'careless', 'taste')",
            name=op.f("decision_cause_check"),
        ),
        sa.ForeignKeyConstraint(
            ["adjudicator_id"], ["user_account.id"], name=op.f("decision_adjudicator_id_fkey")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["adjudication_case.id"], name=op.f("decision_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("decision_pkey")),
        sa.UniqueConstraint(
            "case_id",
            "adjudicator_id",
            "superseded_at",
            name=op.f("decision_case_id_adjudicator_id_superseded_at_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "gold_result",
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("annotator_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=True),
        sa.Column("expected", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("dispute_state", sa.Text(), nullable=True),
        sa.Column("dispute_reason", sa.Text(), nullable=True),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "dimension IN ('safety', 'helpfulness', 'harmlessness', 'single')",
            name=op.f("gold_result_dimension_check"),
        ),
        sa.CheckConstraint(
            "dispute_state IN ('open', 'upheld', 'dismissed')", name=op.f("gold_result_dispute_state_check")
        ),
        sa.CheckConstraint(
            "(dispute_state IS NULL) = (dispute_reason IS NULL)",
            name=op.f("gold_result_dispute_reason_check"),
        ),
        sa.ForeignKeyConstraint(
            ["annotator_id"], ["user_account.id"], name=op.f("gold_result_annotator_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("gold_result_assignment_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["exam_attempt.id"], name=op.f("gold_result_attempt_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("gold_result_decided_by_fkey")
        ),
        sa.PrimaryKeyConstraint("assignment_id", "dimension", name=op.f("gold_result_pkey")),
    )
    op.create_index(
        "gold_result_annotator_idx", "gold_result", ["annotator_id", "queue_id", "scored_at"], unique=False
    )
    op.create_index(
        "gold_result_dispute_idx",
        "gold_result",
        ["queue_id"],
        unique=False,
        postgresql_where="dispute_state = 'open'",
    )
    op.create_index("gold_result_item_idx", "gold_result", ["queue_id", "item_id"], unique=False)
    op.create_table(
        "inspected_answer",
        sa.Column("assignment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("is_sampled", sa.Boolean(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("inspected_by", sa.BigInteger(), nullable=True),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(is_right IS NULL) = (inspected_at IS NULL)", name=op.f("inspected_answer_inspected_at_check")
        ),
        sa.CheckConstraint("is_sampled OR is_right IS NULL", name=op.f("inspected_answer_is_right_check")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("inspected_answer_assignment_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["inspection_batch.id"], name=op.f("inspected_answer_batch_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["inspected_by"], ["user_account.id"], name=op.f("inspected_answer_inspected_by_fkey")
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("inspected_answer_pkey")),
    )
    op.create_index(
        "inspected_answer_batch_idx", "inspected_answer", ["batch_id", "is_sampled"], unique=False
    )


def downgrade() -> None:
    for name, _condition in CHECKS:
        op.drop_constraint(op.f(f"queue_{name}_check"), "queue", type_="check")
    op.drop_column("user_account", "cleared")
    op.drop_column("queue_member", "paused_at")
    op.drop_column("queue_member", "pause_reason")
    op.drop_column("queue", "is_blind")
    op.drop_column("queue", "adjudicates_below")
    op.drop_column("queue", "adjudicates")
    op.drop_column("queue", "valid_days")
    op.drop_column("queue", "cooldown_hours")
    op.drop_column("queue", "max_attempts")
    op.drop_column("queue", "n_exam_items")
    op.drop_column("queue", "pass_mark")
    op.drop_column("queue", "grants")
    op.drop_column("queue", "gold_rate")
    op.drop_column("queue", "gold_every")
    op.drop_column("queue", "purpose")
    op.drop_column("project", "restricted")
    op.drop_column("assignment", "voided_at")
    op.drop_index("inspected_answer_batch_idx", table_name="inspected_answer")
    op.drop_table("inspected_answer")
    op.drop_index("gold_result_item_idx", table_name="gold_result")
    op.drop_index(
        "gold_result_dispute_idx", table_name="gold_result", postgresql_where="dispute_state = 'open'"
    )
    op.drop_index("gold_result_annotator_idx", table_name="gold_result")
    op.drop_table("gold_result")
    op.drop_table("decision")
    op.drop_index(op.f("gold_item_item_id_idx"), table_name="gold_item")
    op.drop_table("gold_item")
    op.drop_index(
        "adjudication_case_open_idx", table_name="adjudication_case", postgresql_where="state = 'open'"
    )
    op.drop_index("adjudication_case_item_idx", table_name="adjudication_case")
    op.drop_table("adjudication_case")
    op.drop_index(
        "alert_open_idx",
        table_name="alert",
        postgresql_where="resolved_at IS NULL",
        postgresql_nulls_not_distinct=True,
    )
    op.drop_table("alert")
    op.drop_index("trust_report_queue_idx", table_name="trust_report")
    op.drop_table("trust_report")
    op.drop_index(op.f("quality_rule_queue_id_idx"), table_name="quality_rule")
    op.drop_table("quality_rule")
    op.drop_index(op.f("inspection_batch_queue_id_idx"), table_name="inspection_batch")
    op.drop_table("inspection_batch")
    op.drop_index(op.f("exam_attempt_queue_id_idx"), table_name="exam_attempt")
    op.drop_index("exam_attempt_open_idx", table_name="exam_attempt", postgresql_where="ended_at IS NULL")
    op.drop_index(op.f("exam_attempt_annotator_id_idx"), table_name="exam_attempt")
    op.drop_table("exam_attempt")
    op.drop_index("audit_entry_user_idx", table_name="audit_entry", postgresql_where="user_id IS NOT NULL")
    op.drop_index("audit_entry_queue_idx", table_name="audit_entry", postgresql_where="queue_id IS NOT NULL")
    op.drop_index("audit_entry_item_idx", table_name="audit_entry", postgresql_where="item_id IS NOT NULL")
    op.drop_index("audit_entry_at_idx", table_name="audit_entry")
    op.drop_index("audit_entry_actor_idx", table_name="audit_entry")
    op.drop_table("audit_entry")
