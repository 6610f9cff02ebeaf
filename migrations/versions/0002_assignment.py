"""Assignment: lanes, surplus, caps, what is expected of an item, adaptive overlap, stages.

It rewrites `queue_item` (a few seconds a million items), and the code before it can't claim after it, so
the site must stand still meanwhile, as it does when `evenhand up` starts.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
needs_downtime = True

STATUSES = "'open', 'submitted', 'surplus', 'skipped', 'expired', 'released', 'voided'"
OLD_STATUSES = "'open', 'submitted', 'skipped', 'expired'"


def upgrade() -> None:
    op.create_table(
        "qualification",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("qualification_user_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", "name", name=op.f("qualification_pkey")),
    )
    op.create_table(
        "overlap_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("n_finished", "n_confident", "n_raised", "n_at_most", "n_saved")
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("overlap_report_queue_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("overlap_report_pkey")),
    )
    op.create_index(
        op.f("overlap_report_queue_id_computed_at_idx"), "overlap_report", ["queue_id", "computed_at"]
    )
    op.add_column(
        "user_account",
        sa.Column("opted_out", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
    )
    op.add_column("annotation", sa.Column("submission_key", sa.Text(), nullable=True))
    change_queue()
    change_members()
    change_items()
    change_assignments()


def change_queue() -> None:
    for column in (
        sa.Column("max_overlap", sa.SmallInteger(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("item_order", sa.Text(), server_default="random", nullable=False),
        sa.Column("returned_first", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("uncertain_first", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("max_total", sa.Integer(), nullable=True),
        sa.Column("max_a_day", sa.Integer(), nullable=True),
        sa.Column("max_severe_a_day", sa.Integer(), nullable=True),
        sa.Column("max_at_once", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("max_skips_in_row", sa.SmallInteger(), server_default="10", nullable=False),
        sa.Column("qualification", sa.Text(), nullable=True),
        sa.Column("not_by_queue_id", sa.BigInteger(), nullable=True),
        sa.Column("waits_for_safety", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("last_pos", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("n_breaks", sa.Integer(), nullable=True),
    ):
        op.add_column("queue", column)
    op.execute(
        "UPDATE queue SET max_overlap = overlap, last_pos = coalesce("
        "(SELECT max(pos) FROM queue_item WHERE queue_id = queue.id), 0)"
    )
    op.alter_column("queue", "max_overlap", nullable=False)
    op.create_foreign_key(op.f("queue_not_by_queue_id_fkey"), "queue", "queue", ["not_by_queue_id"], ["id"])
    for name, condition in (
        ("item_order", "item_order IN ('random', 'stratified', 'imported')"),
        ("max_overlap", "max_overlap BETWEEN overlap AND 50"),
        ("threshold", "threshold > 0.5 AND threshold < 1"),
        ("caps", "max_total > 0 AND max_a_day > 0 AND max_at_once > 0 AND max_skips_in_row > 0"),
        ("max_severe_a_day", "max_severe_a_day >= 0"),
    ):
        op.create_check_constraint(op.f(f"queue_{name}_check"), "queue", condition)


def change_members() -> None:
    """Everyone begins the order again: what they had is passed over once."""
    for column in (
        sa.Column("cursors", postgresql.ARRAY(sa.BigInteger()), server_default="{0,0,0,0}", nullable=False),
        sa.Column("resume_cursors", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("avoided", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_total", sa.Integer(), nullable=True),
        sa.Column("max_a_day", sa.Integer(), nullable=True),
        sa.Column("n_submitted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_skips_in_row", sa.Integer(), server_default="0", nullable=False),
        sa.Column("day", sa.Date(), server_default="epoch", nullable=False),
        sa.Column("n_today", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_severe_today", sa.Integer(), server_default="0", nullable=False),
    ):
        op.add_column("queue_member", column)
    op.drop_column("queue_member", "cursor")
    op.execute("""
        UPDATE queue_member SET n_submitted = n, n_today = today, day = current_date FROM (
            SELECT queue_id, annotator_id, count(*) AS n,
                   count(*) FILTER (WHERE closed_at >= current_date) AS today
            FROM assignment WHERE status = 'submitted' GROUP BY queue_id, annotator_id
        ) AS done
        WHERE queue_member.queue_id = done.queue_id AND queue_member.annotator_id = done.annotator_id
    """)


def change_items() -> None:
    for column in (
        sa.Column("lane", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("n_surplus", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("severity_prior", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("harm_mask", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held_for", sa.Text(), nullable=True),
    ):
        op.add_column("queue_item", column)
    op.drop_constraint(op.f("queue_item_queue_id_pos_key"), "queue_item", type_="unique")
    make_openness("n_assigned < overlap AND held_for IS NULL")
    op.create_index(
        "queue_item_open_idx",
        "queue_item",
        ["queue_id", "lane", "pos"],
        unique=True,
        postgresql_where="is_open",
    )
    op.create_index(
        "queue_item_held_idx",
        "queue_item",
        ["queue_id", "held_for"],
        unique=False,
        postgresql_where="held_for IS NOT NULL",
    )
    for name, condition in (
        ("lane", "lane BETWEEN 1 AND 4"),
        ("n_surplus", "n_surplus >= 0"),
        ("held_for", "held_for IN ('broken', 'safety')"),
    ):
        op.create_check_constraint(op.f(f"queue_item_{name}_check"), "queue_item", condition)


def make_openness(condition: str) -> None:
    """The index on it goes with the column."""
    op.drop_column("queue_item", "is_open")
    op.add_column(
        "queue_item",
        sa.Column("is_open", sa.Boolean(), sa.Computed(condition, persisted=True), nullable=False),
    )


def change_assignments() -> None:
    op.add_column("assignment", sa.Column("takes_place", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("assignment", sa.Column("void_reason", sa.Text(), nullable=True))
    # A lease that ran out and was given to the same annotator again was a second row; the last one stays.
    op.execute("""
        CREATE TEMPORARY TABLE superseded ON COMMIT DROP AS
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY queue_id, item_id, annotator_id
                                          ORDER BY status = 'expired', id DESC) AS turn
            FROM assignment
        ) AS ranked WHERE turn > 1
    """)
    op.execute("DELETE FROM annotation WHERE assignment_id IN (SELECT id FROM superseded)")
    op.execute("DELETE FROM assignment WHERE id IN (SELECT id FROM superseded)")
    op.drop_index(
        "assignment_never_twice_idx", table_name="assignment", postgresql_where="status <> 'expired'"
    )
    # What an annotator did today stands on the member's row now; each claim wrote this index twice.
    op.drop_index("assignment_of_annotator_idx", table_name="assignment")
    op.drop_index("assignment_one_lease_idx", table_name="assignment", postgresql_where="status = 'open'")
    op.create_index(
        "assignment_one_lease_idx",
        "assignment",
        ["annotator_id", "queue_id"],
        unique=True,
        postgresql_where="status = 'open'",
    )
    op.create_unique_constraint(
        op.f("assignment_queue_id_item_id_annotator_id_key"),
        "assignment",
        ["queue_id", "item_id", "annotator_id"],
    )
    op.drop_constraint(op.f("assignment_status_check"), "assignment", type_="check")
    op.create_check_constraint(op.f("assignment_status_check"), "assignment", f"status IN ({STATUSES})")
    op.create_check_constraint(
        op.f("assignment_void_reason_check"), "assignment", "(status = 'voided') = (void_reason IS NOT NULL)"
    )


def downgrade() -> None:
    """What the tables before can't hold is let go: surplus and voided answers count as skipped."""
    op.drop_constraint(op.f("assignment_void_reason_check"), "assignment", type_="check")
    op.drop_constraint(op.f("assignment_status_check"), "assignment", type_="check")
    op.execute("UPDATE assignment SET status = 'expired' WHERE status = 'released'")
    op.execute(
        "UPDATE assignment SET status = 'skipped', skip_reason = 'cannot_judge'"
        " WHERE status IN ('surplus', 'voided')"
    )
    op.create_check_constraint(op.f("assignment_status_check"), "assignment", f"status IN ({OLD_STATUSES})")
    op.drop_constraint(op.f("assignment_queue_id_item_id_annotator_id_key"), "assignment", type_="unique")
    op.drop_index("assignment_one_lease_idx", table_name="assignment", postgresql_where="status = 'open'")
    op.create_index(
        "assignment_one_lease_idx",
        "assignment",
        ["queue_id", "annotator_id"],
        unique=True,
        postgresql_where="status = 'open'",
    )
    op.create_index("assignment_of_annotator_idx", "assignment", ["annotator_id", "closed_at"])
    op.create_index(
        "assignment_never_twice_idx",
        "assignment",
        ["queue_id", "item_id", "annotator_id"],
        unique=True,
        postgresql_where="status <> 'expired'",
    )
    op.drop_column("assignment", "void_reason")
    op.drop_column("assignment", "takes_place")
    op.drop_index("queue_item_held_idx", table_name="queue_item", postgresql_where="held_for IS NOT NULL")
    make_openness("n_assigned < overlap")
    op.create_index(
        "queue_item_open_idx", "queue_item", ["queue_id", "pos"], unique=False, postgresql_where="is_open"
    )
    op.create_unique_constraint(op.f("queue_item_queue_id_pos_key"), "queue_item", ["queue_id", "pos"])
    drop_columns("queue_item", "held_for", "harm_mask", "severity_prior", "n_surplus", "lane")
    op.add_column("queue_member", sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False))
    drop_columns("queue_member", "n_severe_today", "n_today", "day", "n_skips_in_row", "n_submitted")
    drop_columns("queue_member", "avoided", "max_a_day", "max_total", "resume_cursors", "cursors")
    drop_columns("queue", "n_breaks", "checked_at", "last_pos", "waits_for_safety", "not_by_queue_id")
    drop_columns("queue", "qualification", "max_skips_in_row", "max_at_once", "max_severe_a_day")
    drop_columns("queue", "max_a_day", "max_total", "uncertain_first", "returned_first", "item_order")
    drop_columns("queue", "threshold", "max_overlap")
    op.drop_column("annotation", "submission_key")
    op.drop_column("user_account", "opted_out")
    op.drop_table("overlap_report")
    op.drop_table("qualification")


def drop_columns(table: str, *names: str) -> None:
    """With the constraints that stand on them."""
    for name in names:
        op.drop_column(table, name)
