"""The hours of a queue: on which weekdays, and when by the clock of which time zone, it hands out items."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """By default at all hours, as before."""
    smallints = postgresql.ARRAY(sa.SmallInteger())
    op.add_column("queue", sa.Column("weekdays", smallints, server_default="{1,2,3,4,5,6,7}", nullable=False))
    for name in ("hours_from", "hours_until"):
        op.add_column("queue", sa.Column(name, sa.Time(), nullable=True))
    op.add_column("queue", sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False))
    add("weekdays", "cardinality(weekdays) > 0 AND weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]")
    add("hours", "num_nulls(hours_from, hours_until) <> 1 AND hours_from <> hours_until")


def add(name: str, rule: str) -> None:
    """The table has dozens of rows, a queue each: its locks are held for milliseconds."""
    ignored = "-- squawk-ignore constraint-missing-not-valid"
    op.execute(f"{ignored}\nALTER TABLE queue ADD CONSTRAINT queue_{name}_check CHECK ({rule})")


def downgrade() -> None:
    op.drop_constraint(op.f("queue_hours_check"), "queue", type_="check")
    op.drop_constraint(op.f("queue_weekdays_check"), "queue", type_="check")
    op.drop_column("queue", "time_zone")
    op.drop_column("queue", "hours_until")
    op.drop_column("queue", "hours_from")
    op.drop_column("queue", "weekdays")
