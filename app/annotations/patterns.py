"""The patterns of items: how many items of a queue have exactly which answers, whoever gave them."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from app.annotations.models import ItemPattern, PatternCount, pattern_change
from app.queues.models import Dimension

# Counted anew from the answers, as the triggers do it.
RECOUNTED = """
    SELECT dimension, item_id, array_agg(answer ORDER BY answer) AS answers
    FROM (SELECT dimension, item_id,
              CASE dimension WHEN 'safety' THEN ARRAY[severity, harm_mask] ELSE CAST(ranks AS integer[]) END
          FROM assignment JOIN annotation ON assignment_id = assignment.id
          WHERE queue_id = :queue_id AND status = 'submitted' AND takes_place AND superseded_at IS NULL
         ) AS counted (dimension, item_id, answer)
    WHERE answer IS NOT NULL
    GROUP BY dimension, item_id
"""
STRAY_ITEMS = text(f"""
    SELECT DISTINCT item_id FROM ({RECOUNTED}) AS recounted
    FULL JOIN (SELECT * FROM item_pattern WHERE queue_id = :queue_id AND answers <> '{{}}') AS stored
        USING (dimension, item_id)
    WHERE recounted.answers IS DISTINCT FROM stored.answers
""")
# By pattern, what the counters and the changes that are not in them yet say against what the items say.
STRAY_COUNTS = text("""
    SELECT count(*) FROM (
        SELECT dimension, answers, n_items FROM pattern_count WHERE queue_id = :queue_id
        UNION ALL SELECT dimension, answers, n_items FROM pattern_change WHERE queue_id = :queue_id
        UNION ALL SELECT dimension, answers, -1 FROM item_pattern
        WHERE queue_id = :queue_id AND answers <> '{}') AS said
    GROUP BY dimension, answers HAVING sum(n_items) <> 0
""")
REBUILD_ITEMS = text(f"""
    INSERT INTO item_pattern (queue_id, dimension, item_id, answers)
    SELECT :queue_id, dimension, item_id, answers FROM ({RECOUNTED}) AS recounted
""")
REBUILD_COUNTS = text("""
    INSERT INTO pattern_change (queue_id, dimension, item_id, answers, n_items)
    SELECT queue_id, dimension, item_id, answers, 1 FROM item_pattern WHERE queue_id = :queue_id
""")
# One at a time: the counters that one fold has raised the next must see.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('patterns'), CAST(:queue_id AS integer))")
FOLD = text("""
    WITH taken AS (
        DELETE FROM pattern_change WHERE queue_id = :queue_id RETURNING dimension, item_id, answers, n_items
    ), changes AS (
        SELECT dimension, answers, sum(n_items) AS n
        FROM taken GROUP BY dimension, answers HAVING sum(n_items) <> 0
    ), changed AS (
        UPDATE pattern_count SET n_items = n_items + n FROM changes
        WHERE queue_id = :queue_id AND pattern_count.dimension = changes.dimension
          AND pattern_count.answers = changes.answers
        RETURNING pattern_count.dimension, pattern_count.answers
    ), added AS (
        INSERT INTO pattern_count (queue_id, dimension, answers, n_items)
        SELECT :queue_id, dimension, answers, n FROM changes
        WHERE NOT EXISTS (
            SELECT FROM changed
            WHERE changed.dimension = changes.dimension AND changed.answers = changes.answers)
    )
    SELECT DISTINCT dimension, item_id FROM taken ORDER BY dimension, item_id
""")


def stray_patterns(session: Session, queue_id: int) -> list[int]:
    """Items whose pattern is not that of their answers; all items' ids where a counter is wrong."""
    strays = list(session.scalars(STRAY_ITEMS, {"queue_id": queue_id}))
    if not strays and session.scalars(STRAY_COUNTS, {"queue_id": queue_id}).first() is not None:
        strays = list(session.scalars(select(ItemPattern.item_id).where(ItemPattern.queue_id == queue_id)))
    return sorted(set(strays))


def fold_changes(session: Session, queue_id: int) -> dict[Dimension, list[int]]:
    """Bring the counters up to date. Returns the items whose answers have changed, by dimension."""
    values = {"queue_id": queue_id}
    session.execute(LOCK, values)
    items: dict[Dimension, list[int]] = defaultdict(list)
    for dimension, item_id in session.execute(FOLD, values):
        items[Dimension(dimension)].append(item_id)
    session.execute(delete(PatternCount).where(PatternCount.queue_id == queue_id, PatternCount.n_items == 0))
    return dict(items)


def item_patterns(
    session: Session, queue_id: int, dimension: Dimension
) -> Iterator[tuple[int, list[list[int]]]]:
    """(item id, its answers as in `ItemPattern`) of each item that has any."""
    rows = session.execute(
        select(ItemPattern.item_id, ItemPattern.answers).where(
            ItemPattern.queue_id == queue_id,
            ItemPattern.dimension == dimension,
            func.cardinality(ItemPattern.answers) > 0,
        )
    )
    return ((row.item_id, row.answers) for row in rows)


def rebuild_patterns(session: Session, queue_id: int) -> None:
    """From the answers; the queue's items are locked, so that none changes meanwhile."""
    session.execute(LOCK, {"queue_id": queue_id})
    session.execute(delete(pattern_change).where(pattern_change.c.queue_id == queue_id))
    for table in (PatternCount, ItemPattern):
        session.execute(delete(table).where(table.queue_id == queue_id))
    session.execute(REBUILD_ITEMS, {"queue_id": queue_id})
    session.execute(REBUILD_COUNTS, {"queue_id": queue_id})
