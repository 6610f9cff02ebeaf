"""How many items projects have: sums that follow the items, folded."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# What one fold takes another one that waits for it finds gone, and what it makes is not there for that yet.
FOLD = text("""
    WITH taken AS (
        DELETE FROM item_count WHERE (project_id, kind) IN (
            SELECT project_id, kind FROM item_count GROUP BY project_id, kind HAVING count(*) > 1)
        RETURNING *
    )
    INSERT INTO item_count (project_id, kind, n_items)
    SELECT project_id, kind, sum(n_items) FROM taken GROUP BY project_id, kind
""")


def fold_item_counts(session: Session) -> None:
    """Of each project and kind the rows into one."""
    session.execute(FOLD)
