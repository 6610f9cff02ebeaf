"""People: links by which they come in, and what each has done, day by day, as sums that follow the answers.

The triggers take locks on the largest tables, and the sums so far are counted under them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
needs_downtime = True

# An item counts with its last step, an answer with its first version.
SUMS = """
    WITH counted AS MATERIALIZED (
        SELECT queue_id, CAST(given.created_at AT TIME ZONE 'UTC' AS date) AS day, annotator_id, active_ms,
               status = 'voided' AS is_voided,
               kind <> 'dual' OR dimension = 'harmlessness' AS is_last_step,
               NOT EXISTS (
                   SELECT FROM annotation AS earlier
                   WHERE earlier.assignment_id = given.assignment_id
                     AND earlier.dimension = given.dimension AND earlier.id < given.id) AS is_first
        FROM {given} AS given
        JOIN assignment ON assignment.id = given.assignment_id
        JOIN queue ON queue.id = queue_id
    )
    SELECT queue_id, day, annotator_id, count(*) FILTER (WHERE is_first AND is_last_step),
           count(*) FILTER (WHERE is_first), coalesce(sum(active_ms), 0),
           count(*) FILTER (WHERE is_first AND is_last_step AND is_voided),
           count(*) FILTER (WHERE is_first AND is_voided),
           coalesce(sum(active_ms) FILTER (WHERE is_voided), 0)
    FROM counted GROUP BY queue_id, day, annotator_id ORDER BY queue_id, day, annotator_id
"""
ADD = """
    INSERT INTO work_day AS known (queue_id, day, annotator_id, n_items, n_answers, active_ms,
                                   n_items_voided, n_answers_voided, active_ms_voided)
"""
# The plan is kept: one that was made for a file of answers would read whole tables for the next single one.
COUNT_WORK = f"""
    CREATE FUNCTION count_work() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
    AS $$ BEGIN
        {ADD} {SUMS.format(given="added")}
        ON CONFLICT (queue_id, day, annotator_id) DO UPDATE SET
            n_items = known.n_items + excluded.n_items, n_answers = known.n_answers + excluded.n_answers,
            active_ms = known.active_ms + excluded.active_ms;
        RETURN NULL;
    END $$
"""
COUNT_VOIDED = """
    CREATE FUNCTION count_voided_work() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE work_day SET
            n_items_voided = n_items_voided + lost.n_items,
            n_answers_voided = n_answers_voided + lost.n_answers,
            active_ms_voided = active_ms_voided + lost.active_ms
        FROM (
            SELECT day, count(*) FILTER (WHERE is_first AND is_last_step) AS n_items,
                   count(*) FILTER (WHERE is_first) AS n_answers, coalesce(sum(active_ms), 0) AS active_ms
            FROM (
                SELECT CAST(given.created_at AT TIME ZONE 'UTC' AS date) AS day, active_ms,
                       kind <> 'dual' OR dimension = 'harmlessness' AS is_last_step,
                       NOT EXISTS (
                           SELECT FROM annotation AS earlier
                           WHERE earlier.assignment_id = given.assignment_id
                             AND earlier.dimension = given.dimension AND earlier.id < given.id) AS is_first
                FROM annotation AS given JOIN queue ON queue.id = NEW.queue_id
                WHERE given.assignment_id = NEW.id
            ) AS counted GROUP BY day
        ) AS lost
        WHERE queue_id = NEW.queue_id AND work_day.day = lost.day AND annotator_id = NEW.annotator_id;
        RETURN NULL;
    END $$
"""
TRIGGERS = (
    """
    CREATE TRIGGER annotations_counted AFTER INSERT ON annotation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_work()
    """,
    """
    CREATE TRIGGER assignment_voided AFTER UPDATE OF status ON assignment
    FOR EACH ROW WHEN (NEW.status = 'voided' AND OLD.status <> 'voided')
    EXECUTE FUNCTION count_voided_work()
    """,
)


def upgrade() -> None:
    op.create_table(
        "work_day",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("annotator_id", sa.BigInteger(), nullable=False),
        sa.Column("n_items", sa.Integer(), nullable=False),
        sa.Column("n_answers", sa.Integer(), nullable=False),
        sa.Column("active_ms", sa.BigInteger(), nullable=False),
        sa.Column("n_items_voided", sa.Integer(), nullable=False),
        sa.Column("n_answers_voided", sa.Integer(), nullable=False),
        sa.Column("active_ms_voided", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id", "annotator_id"],
            ["queue_member.queue_id", "queue_member.annotator_id"],
            name=op.f("work_day_queue_id_annotator_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("queue_id", "day", "annotator_id", name=op.f("work_day_pkey")),
    )
    op.create_index("work_day_annotator_idx", "work_day", ["annotator_id", "day"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("queue_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("n_uses", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("max_uses", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('annotator', 'adjudicator', 'admin')", name=op.f("invitation_role_check")
        ),
        sa.CheckConstraint("(user_id IS NULL) = (role IS NOT NULL)", name=op.f("invitation_whom_check")),
        sa.CheckConstraint(
            "max_uses BETWEEN 1 AND 500 AND (user_id IS NULL OR max_uses = 1)",
            name=op.f("invitation_max_uses_check"),
        ),
        sa.CheckConstraint("n_uses BETWEEN 0 AND max_uses", name=op.f("invitation_n_uses_check")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("invitation_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("invitation_created_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("invitation_pkey")),
        sa.UniqueConstraint("token_sha256", name=op.f("invitation_token_sha256_key")),
    )
    op.create_index(op.f("invitation_user_id_idx"), "invitation", ["user_id"])
    for statement in (COUNT_WORK, COUNT_VOIDED, *TRIGGERS, f"{ADD} {SUMS.format(given='annotation')}"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER annotations_counted ON annotation")
    op.execute("DROP TRIGGER assignment_voided ON assignment")
    op.execute("DROP FUNCTION count_work()")
    op.execute("DROP FUNCTION count_voided_work()")
    op.drop_table("invitation")
    op.drop_table("work_day")
