"""How many items a project has, and how far each queue is, as sums that follow their rows.

The triggers take locks on both tables, whose rows are counted under them: three seconds for two million.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
needs_downtime = True

# What one item adds to each sum.
FIGURES = {
    "n_items": "({0}.held_for IS DISTINCT FROM 'broken' AND {0}.overlap > 0)::int",
    "n_done": "({0}.held_for IS DISTINCT FROM 'broken' AND {0}.n_submitted >= {0}.overlap"
    " AND {0}.overlap > 0)::int",
    "n_submitted": "CASE WHEN {0}.held_for = 'broken' THEN 0 ELSE {0}.n_submitted END",
    "n_leased": "{0}.n_assigned - {0}.n_submitted",
    "n_wanted": "CASE WHEN {0}.held_for = 'broken' THEN 0 ELSE {0}.overlap END",
    "n_surplus": "{0}.n_surplus",
    "n_broken": "({0}.held_for IS NOT DISTINCT FROM 'broken')::int",
    "n_waiting": "({0}.held_for IS NOT DISTINCT FROM 'safety')::int",
}
COUNTED = "n_assigned, n_submitted, overlap, n_surplus, held_for"
ADD = f"INSERT INTO queue_progress (queue_id, {', '.join(FIGURES)})"
FUNCTION = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {statement};
        RETURN NULL;
    END $$
"""
# Many come, and go, in one statement. They change one by one, and a statement's own tables of what has
# changed would cost a claim three times as much as this.
TRIGGERS = {
    "queue_items_added": "AFTER INSERT ON queue_item REFERENCING NEW TABLE AS item FOR EACH STATEMENT",
    "queue_items_removed": "AFTER DELETE ON queue_item REFERENCING OLD TABLE AS item FOR EACH STATEMENT",
    "queue_item_changed": f"AFTER UPDATE OF {COUNTED} ON queue_item FOR EACH ROW"
    f" WHEN ((OLD.{COUNTED.replace(', ', ', OLD.')}) IS DISTINCT FROM"
    f" (NEW.{COUNTED.replace(', ', ', NEW.')}))",
}


def sums(rows: str, sign: str = "") -> str:
    figures = ", ".join(f"{sign}sum({figure.format('item')})" for figure in FIGURES.values())
    return f"SELECT queue_id, {figures} FROM {rows} GROUP BY queue_id"  # noqa: S608 - constants


def difference() -> str:
    figures = (f"({figure.format('NEW')}) - ({figure.format('OLD')})" for figure in FIGURES.values())
    return f"VALUES (NEW.queue_id, {', '.join(figures)})"


ITEMS = "INSERT INTO item_count (project_id, kind, n_items) SELECT project_id, kind, count(*)"


def upgrade() -> None:
    count_items()
    op.create_index(
        "assignment_surplus_idx",
        "assignment",
        ["queue_id", "closed_at"],
        postgresql_where=sa.text("status = 'surplus'"),
    )
    op.create_index(
        "assignment_gold_idx", "assignment", ["queue_id"], postgresql_where=sa.text("NOT takes_place")
    )
    op.create_table(
        "queue_progress",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in FIGURES),
    )
    changes = (sums("item"), sums("item", "-"), difference())
    for (name, event), change in zip(TRIGGERS.items(), changes, strict=True):
        op.execute(FUNCTION.format(name=name, statement=f"{ADD} {change}"))
        op.execute(f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION {name}()")
    op.execute(f"{ADD} {sums('queue_item AS item')}")


def count_items() -> None:
    """Only ever added, so one trigger does."""
    op.create_table(
        "item_count",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("n_items", sa.BigInteger(), nullable=False),
    )
    of_statement = f"{ITEMS} FROM added GROUP BY project_id, kind"
    op.execute(FUNCTION.format(name="items_added", statement=of_statement))
    op.execute(
        "CREATE TRIGGER items_added AFTER INSERT ON item REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION items_added()"
    )
    op.execute(f"{ITEMS} FROM item GROUP BY project_id, kind")


def downgrade() -> None:
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON queue_item")
        op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("assignment_gold_idx", table_name="assignment")
    op.drop_index("assignment_surplus_idx", table_name="assignment")
    op.execute("DROP TRIGGER items_added ON item")
    op.execute("DROP FUNCTION items_added()")
    op.drop_table("queue_progress")
    op.drop_table("item_count")
