"""The end of a queue: draining and closed; when it starts and ends, and after which other one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("drains_to", sa.Text(), nullable=True))
    # Any state that the code before this gives a queue is one of the new ones too.
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE queue DROP CONSTRAINT queue_state_check")
    add("state_check", "CHECK (state IN ('paused', 'running', 'draining', 'closed'))")
    add(
        "drains_to_check",
        "CHECK (drains_to IN ('paused', 'closed') AND (state = 'draining') = (drains_to IS NOT NULL))",
    )
    for name in ("opens_at", "closes_at"):
        op.add_column("queue", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    add("schedule_check", "CHECK (opens_at < closes_at)")
    op.add_column("queue", sa.Column("after_queue_id", sa.BigInteger(), nullable=True))
    add("after_queue_id_fkey", "FOREIGN KEY (after_queue_id) REFERENCES queue (id)")


def add(name: str, constraint: str) -> None:
    """The table has dozens of rows, a queue each: its locks are held for milliseconds."""
    ignored = "-- squawk-ignore constraint-missing-not-valid, adding-foreign-key-constraint"
    op.execute(f"{ignored}\nALTER TABLE queue ADD CONSTRAINT queue_{name} {constraint}")


def downgrade() -> None:
    """A queue that was draining or closed is paused."""
    op.drop_column("queue", "after_queue_id")
    op.drop_constraint(op.f("queue_schedule_check"), "queue", type_="check")
    op.drop_column("queue", "closes_at")
    op.drop_column("queue", "opens_at")
    op.drop_constraint(op.f("queue_drains_to_check"), "queue", type_="check")
    op.drop_constraint(op.f("queue_state_check"), "queue", type_="check")
    op.execute("UPDATE queue SET state = 'paused' WHERE state IN ('draining', 'closed')")
    op.create_check_constraint(op.f("queue_state_check"), "queue", "state IN ('paused', 'running')")
    op.drop_column("queue", "drains_to")
