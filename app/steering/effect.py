"""What another overlap would do to a queue's items, counted by the rules of the change itself.

As `app.assignments.interventions.apply_overlap` does it to each item: where there is too much, leases go
before answers; where there is more room, kept answers count first.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.queues.forms import QueueSettings
from app.queues.models import Queue


@dataclass(frozen=True, slots=True)
class Effect:
    """`n_items`: that want answers at all; places: what their overlaps add up to.

    `n_reopened`: items that were full and are handed out again; `n_filled`: that were open and are full then.
    `n_released`: leases taken back; `n_kept`: answers that become surplus; `n_counted`: surplus that counts
    then. `n_done` have all their answers, `n_left` answers are still to come; `_before`: as it is now. With
    a threshold `n_doubtful` of the items that are done get one more place within ten minutes, and at most
    `n_most_left` answers are to come.
    """

    n_items: int
    n_places_more: int
    n_places_fewer: int
    n_reopened: int
    n_filled: int
    n_released: int
    n_kept: int
    n_counted: int
    n_done_before: int
    n_done: int
    n_left_before: int
    n_left: int
    n_most_left: int
    n_doubtful: int


# Items that stand alike are counted together: there are few ways to stand. One that is held is handed to
# nobody, whatever its overlap; a broken one is waited for by nobody.
EFFECT = text("""
    WITH certain AS (
        SELECT item_id, min(certainty) AS certainty FROM item_consensus
        WHERE queue_id = :queue_id AND CAST(:threshold AS double precision) IS NOT NULL GROUP BY item_id
    ), alike AS (
        SELECT overlap, n_assigned, n_submitted, n_surplus, held_for, is_open,
               certainty < CAST(:threshold AS double precision) AS is_doubtful, count(*) AS n,
               least(greatest(overlap, :overlap), :max_overlap) AS wanted
        FROM queue_item LEFT JOIN certain USING (item_id)
        WHERE queue_id = :queue_id AND overlap > 0
        GROUP BY overlap, n_assigned, n_submitted, n_surplus, held_for, is_open, is_doubtful
    ), changed AS (
        SELECT *, greatest(n_assigned - wanted, 0) AS excess,
               least(n_surplus, greatest(wanted - n_assigned, 0)) AS counted
        FROM alike
    ), split AS (
        SELECT *, least(excess, n_assigned - n_submitted) AS released,
               greatest(excess - (n_assigned - n_submitted), 0) AS kept
        FROM changed
    ), after AS (
        SELECT *, n_submitted - kept + counted AS submitted,
               held_for IS NULL AND n_assigned - excess + counted < wanted AS opens,
               held_for IS DISTINCT FROM 'broken' AS is_wanted
        FROM split
    )
    SELECT sum(n) AS n_items,
        sum(n * greatest(wanted - overlap, 0)) AS n_places_more,
        sum(n * greatest(overlap - wanted, 0)) AS n_places_fewer,
        sum(n) FILTER (WHERE opens AND NOT is_open) AS n_reopened,
        sum(n) FILTER (WHERE is_open AND NOT opens) AS n_filled,
        sum(n * released) AS n_released, sum(n * kept) AS n_kept, sum(n * counted) AS n_counted,
        sum(n) FILTER (WHERE is_wanted AND n_submitted >= overlap) AS n_done_before,
        sum(n) FILTER (WHERE is_wanted AND submitted >= wanted) AS n_done,
        sum(n * (overlap - n_submitted)) FILTER (WHERE is_wanted) AS n_left_before,
        sum(n * (wanted - submitted)) FILTER (WHERE is_wanted) AS n_left,
        sum(n * (:max_overlap - submitted)) FILTER (WHERE is_wanted) AS n_most_left,
        sum(n) FILTER (WHERE is_doubtful AND held_for IS NULL AND submitted >= wanted
            AND wanted < :max_overlap) AS n_doubtful
    FROM after
""")


def effect_of(session: Session, queue_id: int, changed: QueueSettings) -> Effect:
    """If the queue had these settings from now on."""
    values = changed.model_dump(include={"overlap", "max_overlap", "threshold"})
    row = session.execute(EFFECT, {"queue_id": queue_id, **values}).one()
    return Effect(**{name: int(figure or 0) for name, figure in row._mapping.items()})


def asks_other_overlap(queue: Queue, changed: QueueSettings) -> bool:
    """Would the items that are there be asked of more or fewer people?"""
    return (changed.overlap, changed.max_overlap, changed.threshold) != (
        queue.overlap,
        queue.max_overlap,
        queue.threshold,
    )
