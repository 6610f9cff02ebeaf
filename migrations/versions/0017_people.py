"""People: what each has done, day by day, as sums that follow the answers.

The triggers take locks on the largest tables, and the sums so far are counted under them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0011"
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
    for statement in (COUNT_WORK, COUNT_VOIDED, *TRIGGERS, f"{ADD} {SUMS.format(given='annotation')}"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER annotations_counted ON annotation")
    op.execute("DROP TRIGGER assignment_voided ON assignment")
    op.execute("DROP FUNCTION count_work()")
    op.execute("DROP FUNCTION count_voided_work()")
    op.drop_table("work_day")
