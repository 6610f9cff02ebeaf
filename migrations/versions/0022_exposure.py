"""How much harm each person was shown, day by day, as sums that a job keeps.

The job counts what was before, the first time it runs. The indexes lock assignments against writing for a
second where there are 800,000.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
needs_downtime = True

SUMS = ("n_items", "n_severity_0", "n_severity_1", "n_severity_2", "n_severity_3", "n_reveals")
FUNCTION = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO exposure_change (queue_id, item_id) {change};
        RETURN NULL;
    END $$
"""
# What makes a day that is over another one than was counted, but for answers, which the job finds itself.
CHANGES = {
    "exposure_uncovered": (
        "SELECT queue_id, item_id FROM assignment WHERE id = NEW.assignment_id",
        "AFTER INSERT ON reveal FOR EACH ROW",
    ),
    "exposure_expected": (
        "VALUES (NEW.queue_id, NEW.item_id)",
        "AFTER UPDATE OF severity_prior ON queue_item FOR EACH ROW"
        " WHEN (OLD.severity_prior <> NEW.severity_prior)",
    ),
    "exposure_covered": (
        "VALUES (NEW.id, NULL)",
        "AFTER UPDATE OF blur_from ON queue FOR EACH ROW WHEN (OLD.blur_from IS DISTINCT FROM NEW.blur_from)",
    ),
}


def upgrade() -> None:
    op.create_index("assignment_given_idx", "assignment", ["annotator_id", "created_at"])
    op.create_index(
        "assignment_skipped_idx",
        "assignment",
        ["queue_id", "closed_at"],
        postgresql_where=sa.text("status = 'skipped'"),
    )
    op.create_table(
        "exposure_day",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("annotator_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
        sa.ForeignKeyConstraint(
            ["queue_id", "annotator_id"],
            ["queue_member.queue_id", "queue_member.annotator_id"],
            name=op.f("exposure_day_queue_id_annotator_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("queue_id", "day", "annotator_id", name=op.f("exposure_day_pkey")),
    )
    op.create_index("exposure_day_annotator_idx", "exposure_day", ["annotator_id", "day"])
    op.create_table(
        "exposure_count",
        sa.Column("is_only", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("up_to_answer_id", sa.BigInteger(), nullable=False),
        sa.Column("marked_answer_id", sa.BigInteger(), nullable=False),
        sa.Column("marked_xid", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("is_only", name=op.f("exposure_count_is_only_check")),
        sa.PrimaryKeyConstraint("is_only", name=op.f("exposure_count_pkey")),
    )
    op.create_table(
        "exposure_change",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
    )
    for name, (change, event) in CHANGES.items():
        op.execute(FUNCTION.format(name=name, change=change))
        op.execute(f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for name, (_, event) in CHANGES.items():
        table = event.partition(" ON ")[2].split()[0]
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("exposure_change")
    op.drop_table("exposure_count")
    op.drop_table("exposure_day")
    op.drop_index("assignment_skipped_idx", table_name="assignment")
    op.drop_index("assignment_given_idx", table_name="assignment")
