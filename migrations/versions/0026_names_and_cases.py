"""No two groups have names that differ in letter case alone: nobody could tell which one is meant.
And a case says when it was withdrawn, for the story of its item.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAMESAKES = """
    SELECT string_agg(format('“%s”', name), ' and ' ORDER BY name)
    FROM person_group GROUP BY lower(name) HAVING count(*) > 1
"""


def upgrade() -> None:
    if not context.is_offline_mode():
        refuse_namesakes()
    op.add_column(
        "adjudication_case",
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        if_not_exists=True,
    )
    with op.get_context().autocommit_block():
        op.create_index(
            "person_group_lower_name_key",
            "person_group",
            [sa.text("lower(name)")],
            unique=True,
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def refuse_namesakes() -> None:
    found = list(op.get_bind().scalars(sa.text(NAMESAKES)))
    if found:
        raise RuntimeError(
            f"Groups may not differ in letter case alone, as {', '.join(found)} do: rename or delete one of"
            " them on the page of groups, then migrate again."
        )


def downgrade() -> None:
    op.drop_index("person_group_lower_name_key", "person_group")
    op.drop_column("adjudication_case", "withdrawn_at")
