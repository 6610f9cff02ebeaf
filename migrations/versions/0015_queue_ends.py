"""The end of a queue: draining and closed; when it starts and ends, and after which other one."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("drains_to", sa.Text(), nullable=True))
    op.drop_constraint(op.f("queue_state_check"), "queue", type_="check")
    make_check("state", "state IN ('paused', 'running', 'draining', 'closed')")
    make_check(
        "drains_to", "drains_to IN ('paused', 'closed') AND (state = 'draining') = (drains_to IS NOT NULL)"
    )
    for name in ("opens_at", "closes_at"):
        op.add_column("queue", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    make_check("schedule", "opens_at < closes_at")
    op.add_column("queue", sa.Column("after_queue_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("queue_after_queue_id_fkey"), "queue", "queue", ["after_queue_id"], ["id"])


def make_check(name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"queue_{name}_check"), "queue", condition)


def downgrade() -> None:
    """A queue that was draining or closed is paused."""
    op.drop_column("queue", "after_queue_id")
    op.drop_constraint(op.f("queue_schedule_check"), "queue", type_="check")
    op.drop_column("queue", "closes_at")
    op.drop_column("queue", "opens_at")
    op.drop_constraint(op.f("queue_drains_to_check"), "queue", type_="check")
    op.drop_constraint(op.f("queue_state_check"), "queue", type_="check")
    op.execute("UPDATE queue SET state = 'paused' WHERE state IN ('draining', 'closed')")
    make_check("state", "state IN ('paused', 'running')")
    op.drop_column("queue", "drains_to")
