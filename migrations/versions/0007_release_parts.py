"""How far a release is, and that it can be cancelled.

The check on its states is dropped and made anew, in which the code before this one could store any state.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
needs_downtime = True


def upgrade() -> None:
    op.add_column("release", sa.Column("n_items", sa.BigInteger(), nullable=True))
    op.add_column("release", sa.Column("n_items_done", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("release", sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True))
    allow_states("waiting", "running", "done", "failed", "cancelled")


def downgrade() -> None:
    op.execute("UPDATE release SET state = 'failed', error = 'Cancelled.' WHERE state = 'cancelled'")
    allow_states("waiting", "running", "done", "failed")
    for column in ("planned_at", "n_items_done", "n_items"):
        op.drop_column("release", column)


def allow_states(*states: str) -> None:
    named = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint(op.f("release_state_check"), "release")
    op.create_check_constraint(op.f("release_state_check"), "release", f"state IN ({named})")
