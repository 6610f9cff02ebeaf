"""The statements that hand out items and end leases; each step is one.

The places of an item are counted on its own row under its lock, so no race can give it more annotators
than its overlap. Locks are taken in one order everywhere: the member's row, the item's, the assignment's,
last the queue's. Whoever can't know which items a request needs skips what is locked.
"""

from sqlalchemy import TextClause, text

from app.assignments.models import REOPENABLE
from app.queues.models import Lane


def compact(statement: str) -> TextClause:
    """Without indentation: psycopg reads a statement of more than 4,096 characters anew at each execution."""
    return text(" ".join(statement.split()))


# Is the queue that comes before this one done, where there is one? All its items have their answers, but for
# broken ones; or it was closed.
IS_STAGE_OPEN = """CASE WHEN queue.after_queue_id IS NULL THEN true ELSE
                   EXISTS (SELECT FROM queue AS prior
                           WHERE prior.id = queue.after_queue_id AND prior.state = 'closed')
                   OR NOT EXISTS (
                       SELECT FROM queue_item WHERE queue_id = queue.after_queue_id AND is_open
                       UNION ALL
                       SELECT FROM queue_item WHERE queue_id = queue.after_queue_id AND held_for = 'safety'
                       UNION ALL
                       SELECT FROM assignment AS live WHERE live.queue_id = queue.after_queue_id
                         AND live.status = 'open' AND live.takes_place) END"""


def lock_member_statement(assignment: str, which: str, is_covered: str, is_gold: str) -> TextClause:
    """Everything about one annotator in one queue that decides what they may get, with their lock.

    After waiting for the lock PostgreSQL reads this row anew, and no other: what must fit the cursors stands
    on it. The queue's part may be as old as the wait. `assignment`: a join of the one that the request is
    about, or of nothing; `is_covered`: whether its texts are; `is_gold`: whether its answer is
    known.
    """
    return compact(f"""
        SELECT member.queue_id, member.annotator_id, queue.kind, queue.state, queue.opens_at,
               queue.closes_at, queue.weekdays, queue.hours_from, queue.hours_until, queue.time_zone,
               member.is_active, member.pause_reason, member.cursors, member.resume_cursors,
               member.n_submitted, member.n_skips_in_row,
               CASE WHEN day = current_date THEN n_today ELSE 0 END AS n_today,
               CASE WHEN day = current_date THEN n_severe_today ELSE 0 END AS n_severe_today,
               member.n_severe_in_row, member.severe_at,
               coalesce(member.max_total, queue.max_total) AS max_total,
               coalesce(member.max_a_day, queue.max_a_day) AS max_a_day,
               queue.max_severe_a_day, queue.max_severe_in_row, queue.max_at_once, queue.max_skips_in_row,
               queue.lease_minutes, queue.not_by_queue_id, queue.qualification, member.avoided,
               queue.qualification IS NULL OR EXISTS (
                   SELECT FROM qualification WHERE user_id = member.annotator_id
                     AND name = queue.qualification AND (expires_at IS NULL OR expires_at > now())
               ) AS is_qualified,
               (SELECT count(*) FROM assignment AS live WHERE live.annotator_id = member.annotator_id
                  AND live.status = 'open' AND NOT live.is_ahead
                  AND live.queue_id <> member.queue_id) AS n_held_elsewhere,
               (SELECT max(version) FROM guideline WHERE guideline.project_id = queue.project_id)
                  AS guideline_version,
               {IS_STAGE_OPEN} AS is_stage_open,
               queue.purpose, queue.gold_every, queue.gold_rate, queue.seed,
               {is_covered} AS is_covered, {is_gold} AS is_gold,
               (SELECT key FROM taxonomy_version AS version
                WHERE version.project_id = queue.project_id ORDER BY number DESC LIMIT 1) AS taxonomy_key
        FROM queue_member AS member
        JOIN queue ON queue.id = member.queue_id
        {assignment}
        WHERE {which} AND member.annotator_id = :annotator_id
        FOR NO KEY UPDATE OF member
    """)


LOCK_MEMBER = lock_member_statement("", "member.queue_id = :queue_id", "false", "false")
LOCK_MEMBER_OF = lock_member_statement(
    "JOIN assignment USING (queue_id, annotator_id)",
    "assignment.id = :assignment_id",
    """CASE WHEN blur_from IS NULL THEN false ELSE blur_from <= (
                   SELECT severity_prior FROM queue_item AS given
                   WHERE given.queue_id = assignment.queue_id AND given.item_id = assignment.item_id) END""",
    "NOT assignment.takes_place",
)

LOCK_ALL_MEMBERS = compact("""
    SELECT FROM queue_member WHERE queue_id = :queue_id ORDER BY annotator_id FOR NO KEY UPDATE
""")

# An open item that this annotator never had and may have. Used for `item`, an alias of queue_item. One CASE
# with scalar subqueries leaves the planner no choice: it walks the index and looks each item up by itself.
# Single conditions look rarer to it than they are, and it then reads and sorts the whole open queue; an anti
# join, or an EXISTS, reads all that the annotator ever had.
IS_FOR_ME = f"""item.queue_id = :queue_id AND item.is_open AND CASE
              WHEN item.harm_mask & :avoided <> 0 OR item.severity_prior >= :severe_from THEN false
              WHEN (SELECT mine.id FROM assignment AS mine WHERE mine.queue_id = :queue_id
                      AND mine.item_id = item.item_id AND mine.annotator_id = :annotator_id
                      AND mine.status NOT IN {REOPENABLE}) IS NOT NULL THEN false
              WHEN CAST(:not_by_queue_id AS bigint) IS NULL THEN true
              ELSE (SELECT had.id FROM assignment AS had WHERE had.queue_id = :not_by_queue_id
                      AND had.item_id = item.item_id AND had.annotator_id = :annotator_id
                      AND had.status IN ('submitted', 'surplus')) IS NULL END"""

# As the queue is once the member's lock is held: it may have been closed while the request waited.
IS_RUNNING = "(SELECT state = 'running' FROM queue WHERE id = :queue_id)"

# A count of the member's row, which begins anew each day (UTC).
OF_TODAY = "CASE WHEN day = current_date THEN {0} ELSE 0 END"

CURSORS = "CAST(:cursors AS bigint[])"
# Numbered by ordinality, so already in order: a search of them ends at the first lane that has an item.
LANES = f"unnest({CURSORS}) WITH ORDINALITY AS searched (cursor, lane)"
# The cursors once an item is taken: its lane's stops before the first item that was passed over because it
# was locked, so nothing is missed.
REACHED = f"""({CURSORS})[1:place.lane - 1] || coalesce((SELECT pos - 1 FROM passed_over), place.pos)
            || ({CURSORS})[place.lane + 1:]"""


# The lease held already, the one held ahead, or a new one: search the lanes, insert, count, move the cursor.
CLAIM = compact(f"""
        WITH held AS (
            SELECT id FROM assignment
            WHERE annotator_id = :annotator_id AND queue_id = :queue_id AND status = 'open'
              AND is_ahead = :is_ahead
        ), brought AS (
            UPDATE assignment SET is_ahead = false,
                expires_at = now() + make_interval(mins => :lease_minutes)
            WHERE annotator_id = :annotator_id AND queue_id = :queue_id AND status = 'open'
              AND is_ahead AND NOT :is_ahead AND NOT EXISTS (SELECT FROM held)
            RETURNING id
        ), place AS (
            SELECT found.* FROM {LANES}, LATERAL (
                SELECT item.item_id, item.lane, item.pos, item.severity_prior FROM queue_item AS item
                WHERE item.lane = searched.lane AND item.pos > searched.cursor AND {IS_FOR_ME}
                ORDER BY item.pos LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
            ) AS found
            WHERE {IS_RUNNING} AND NOT EXISTS (SELECT FROM held UNION ALL SELECT FROM brought)
            ORDER BY searched.lane LIMIT 1
        ), passed_over AS (
            SELECT missed.pos FROM place, LATERAL (
                SELECT item.pos FROM queue_item AS item
                WHERE item.lane = place.lane AND item.pos > ({CURSORS})[place.lane] AND item.pos < place.pos
                  AND {IS_FOR_ME}
                ORDER BY item.pos LIMIT 1
            ) AS missed
        ), taken AS (
            INSERT INTO assignment (queue_id, item_id, annotator_id, is_ahead, expires_at)
            SELECT :queue_id, item_id, :annotator_id, :is_ahead,
                now() + make_interval(mins => :lease_minutes) FROM place
            ON CONFLICT (queue_id, item_id, annotator_id) DO UPDATE
                SET status = 'open', takes_place = true, is_ahead = excluded.is_ahead,
                    expires_at = excluded.expires_at, closed_at = NULL
                WHERE assignment.status IN {REOPENABLE}
            RETURNING id, item_id
        ), counted AS (
            UPDATE queue_item SET n_assigned = n_assigned + 1 FROM taken
            WHERE queue_item.queue_id = :queue_id AND queue_item.item_id = taken.item_id
        ), moved AS (
            UPDATE queue_member SET
                cursors = CASE WHEN :is_behind THEN cursors ELSE reached END,
                resume_cursors = CASE WHEN :is_behind THEN reached ELSE CAST(:resume_cursors AS bigint[]) END,
                n_severe_today = {OF_TODAY.format("n_severe_today")} + CAST(is_severe AS int),
                n_severe_in_row = CASE WHEN is_severe
                    THEN 1 + CASE WHEN :has_rested THEN 0 ELSE n_severe_in_row END ELSE 0 END,
                severe_at = CASE WHEN is_severe THEN now() ELSE severe_at END,
                n_today = {OF_TODAY.format("n_today")}, day = current_date
            FROM (SELECT {REACHED} AS reached, severity_prior >= :severe AS is_severe FROM place) AS step
            WHERE queue_id = :queue_id AND annotator_id = :annotator_id
        )
        SELECT id FROM held UNION ALL SELECT id FROM brought UNION ALL SELECT id FROM taken
    """)

# A gold item that can be asked, but for a cap on severe items. Used for `gold` and its `queue_item`.
IS_GOLD_FOR_ME = f"""gold.queue_id = :queue_id AND gold.state = 'active' AND held_for IS NULL
          AND harm_mask & :avoided = 0
          AND NOT EXISTS (
              SELECT FROM queue_item AS place JOIN assignment AS had USING (queue_id, item_id)
              WHERE place.item_id = gold.item_id AND had.annotator_id = :annotator_id
                AND NOT (had.queue_id = :queue_id AND had.status IN {REOPENABLE} AND NOT had.takes_place))"""

COUNT_GOLD = compact(f"""
    SELECT count(*) FROM gold_item AS gold JOIN queue_item USING (queue_id, item_id) WHERE {IS_GOLD_FOR_ME}
""")

# Beside an item that is held nothing but one ahead; the item is one of the queue's gold items that this
# annotator has met in no queue, another for each, and counts as severe where it may be.
ASK_GOLD = compact(f"""
    WITH drawn AS (
        SELECT gold.item_id, severity_prior >= :severe AS is_severe
        FROM gold_item AS gold JOIN queue_item USING (queue_id, item_id)
        WHERE {IS_GOLD_FOR_ME} AND severity_prior < :severe_from
        ORDER BY md5(CAST(:seed AS text) || ':' || CAST(:annotator_id AS text) || ':' || gold.item_id) LIMIT 1
    ), taken AS (
        INSERT INTO assignment (queue_id, item_id, annotator_id, takes_place, is_ahead, expires_at)
        SELECT :queue_id, item_id, :annotator_id, false, :is_ahead,
            now() + make_interval(mins => :lease_minutes) FROM drawn
        WHERE {IS_RUNNING} AND NOT EXISTS (
            SELECT FROM assignment AS held WHERE held.annotator_id = :annotator_id
              AND held.queue_id = :queue_id AND held.status = 'open' AND (held.is_ahead OR NOT :is_ahead))
        ON CONFLICT (queue_id, item_id, annotator_id) DO UPDATE
            SET status = 'open', is_ahead = excluded.is_ahead, expires_at = excluded.expires_at,
                closed_at = NULL
            WHERE assignment.status IN {REOPENABLE} AND NOT assignment.takes_place
        RETURNING id
    ), noted AS (
        UPDATE queue_member SET
            n_severe_today = {OF_TODAY.format("n_severe_today")} + CAST(is_severe AS int),
            n_severe_in_row = CASE WHEN is_severe
                THEN 1 + CASE WHEN :has_rested THEN 0 ELSE n_severe_in_row END ELSE 0 END,
            severe_at = CASE WHEN is_severe THEN now() ELSE severe_at END,
            n_today = {OF_TODAY.format("n_today")}, day = current_date
        FROM drawn, taken WHERE queue_id = :queue_id AND annotator_id = :annotator_id
    )
    SELECT id FROM taken
""")

# Is there anything for this annotator that is only locked by others just now?
IS_BUSY = compact(f"""
    SELECT EXISTS (
        SELECT FROM {LANES} CROSS JOIN LATERAL (
            SELECT FROM queue_item AS item
            WHERE item.lane = searched.lane AND item.pos > searched.cursor AND {IS_FOR_ME}
            ORDER BY item.pos LIMIT 1
        ) AS found)
""")

# What the end of a lease changes in the member's row. A rest from severe items begins with its end.
NOTED = f"""noted AS (
        UPDATE queue_member SET n_submitted = n_submitted + :n_submitted,
            n_skips_in_row = CASE :n_submitted WHEN 0 THEN n_skips_in_row + :n_skipped ELSE 0 END,
            n_today = {OF_TODAY.format("n_today")} + :n_submitted,
            n_severe_today = {OF_TODAY.format("n_severe_today")}, day = current_date,
            severe_at = CASE WHEN n_severe_in_row > 0 THEN now() ELSE severe_at END
        FROM ended WHERE queue_member.queue_id = ended.queue_id AND annotator_id = :annotator_id
    )"""

# Submit, skip or release: the end of an open lease, in the assignment, the item and the member.
CLOSE = compact(f"""
    WITH ended AS (
        UPDATE assignment SET status = :status, skip_reason = :skip_reason, closed_at = now()
        WHERE id = :assignment_id AND annotator_id = :annotator_id AND status = 'open'
        RETURNING queue_id, item_id, takes_place
    ), counted AS (
        UPDATE queue_item SET n_submitted = n_submitted + :n_submitted,
            n_assigned = n_assigned - CASE WHEN takes_place THEN :n_freed ELSE 0 END,
            held_for = coalesce(CAST(:held_for AS text), held_for)
        FROM ended WHERE queue_item.queue_id = ended.queue_id AND queue_item.item_id = ended.item_id
          AND (takes_place OR CAST(:held_for AS text) IS NOT NULL)
    ), {NOTED}
    SELECT item_id FROM ended
""")

# Before the two statements below, which must see the item's places as they are under its lock.
LOCK_ITEM_OF = compact("""
    SELECT FROM queue_item JOIN assignment USING (queue_id, item_id)
    WHERE assignment.id = :assignment_id FOR NO KEY UPDATE OF queue_item
""")

# A queue that is closed takes no answers, and gives no lease back.
IS_NOT_CLOSED = "NOT EXISTS (SELECT FROM queue WHERE id = assignment.queue_id AND state = 'closed')"

# An answer after the lease has ended: it takes a place if one is free, else it is surplus.
SUBMIT_LATE = compact(f"""
    WITH late AS (
        SELECT queue_id, item_id, takes_place FROM assignment
        WHERE id = :assignment_id AND annotator_id = :annotator_id AND status IN {REOPENABLE}
          AND {IS_NOT_CLOSED}
    ), item AS (
        SELECT item_id, takes_place, n_assigned < overlap OR NOT takes_place AS counts
        FROM queue_item JOIN late USING (queue_id, item_id)
    ), ended AS (
        UPDATE assignment SET status = CASE WHEN item.counts THEN 'submitted' ELSE 'surplus' END,
            closed_at = now()
        FROM item WHERE id = :assignment_id AND status IN {REOPENABLE}
        RETURNING assignment.queue_id, assignment.item_id, assignment.status
    ), counted AS (
        UPDATE queue_item SET n_assigned = n_assigned + CAST(item.counts AS int),
            n_submitted = n_submitted + CAST(item.counts AS int),
            n_surplus = n_surplus + CAST(NOT item.counts AS int)
        FROM ended JOIN item USING (item_id)
        WHERE queue_item.queue_id = ended.queue_id AND queue_item.item_id = ended.item_id AND takes_place
    ), {NOTED}
    SELECT item_id FROM ended
""")

# A place that was given up, taken again by the same annotator where it is still free.
REOPEN = compact(f"""
    WITH late AS (
        SELECT queue_id, item_id, takes_place FROM assignment
        WHERE id = :assignment_id AND annotator_id = :annotator_id AND status IN {REOPENABLE}
          AND {IS_NOT_CLOSED}
          AND NOT EXISTS (SELECT FROM assignment AS held WHERE held.annotator_id = :annotator_id
                            AND held.queue_id = assignment.queue_id AND held.status = 'open'
                            AND NOT held.is_ahead)
    ), item AS (
        SELECT item_id, takes_place FROM queue_item JOIN late USING (queue_id, item_id)
        WHERE (is_open OR NOT takes_place) AND harm_mask & :avoided = 0
    ), opened AS (
        UPDATE assignment SET status = 'open', is_ahead = false, closed_at = NULL,
            expires_at = now() + make_interval(mins => :lease_minutes)
        FROM item WHERE id = :assignment_id AND status IN {REOPENABLE}
        RETURNING id, assignment.queue_id, assignment.item_id, assignment.takes_place
    ), counted AS (
        UPDATE queue_item SET n_assigned = n_assigned + 1 FROM opened
        WHERE queue_item.queue_id = opened.queue_id AND queue_item.item_id = opened.item_id
          AND opened.takes_place
    )
    SELECT id FROM opened
""")

EXPIRE = compact("""
    WITH overdue AS (
        SELECT assignment.id FROM assignment JOIN queue_item USING (queue_id, item_id)
        WHERE queue_id = :queue_id AND assignment.status = 'open' AND assignment.expires_at <= now()
        FOR NO KEY UPDATE SKIP LOCKED
    ), expired AS (
        UPDATE assignment SET status = 'expired', closed_at = now() FROM overdue
        WHERE assignment.id = overdue.id RETURNING assignment.item_id, assignment.takes_place
    ), freed AS (
        SELECT item_id, count(*) FILTER (WHERE takes_place) AS n FROM expired GROUP BY item_id
    ), counted AS (
        UPDATE queue_item SET n_assigned = n_assigned - n FROM freed
        WHERE queue_id = :queue_id AND queue_item.item_id = freed.item_id
    )
    SELECT item_id FROM expired ORDER BY item_id
""")

# Of items that this transaction has locked: kept answers take the places that came free, oldest first.
COUNT_SURPLUS = compact("""
    WITH free AS (
        SELECT item_id, overlap - n_assigned AS n FROM queue_item
        WHERE queue_id = :queue_id AND item_id = ANY(:item_ids) AND n_surplus > 0 AND n_assigned < overlap
    ), waiting AS (
        SELECT id, n, row_number() OVER (PARTITION BY item_id ORDER BY closed_at, id) AS turn
        FROM assignment JOIN free USING (item_id) WHERE queue_id = :queue_id AND status = 'surplus'
    ), promoted AS (
        UPDATE assignment SET status = 'submitted' FROM waiting
        WHERE assignment.id = waiting.id AND turn <= n RETURNING assignment.item_id
    ), promoted_of AS (
        SELECT item_id, count(*) AS n FROM promoted GROUP BY item_id
    )
    UPDATE queue_item SET n_assigned = n_assigned + n, n_submitted = n_submitted + n,
        n_surplus = n_surplus - n
    FROM promoted_of WHERE queue_id = :queue_id AND queue_item.item_id = promoted_of.item_id
""")

# Those that are open get a new position, ahead of every cursor: in the order given, in front of all lanes
# or at the end of their own. The queue's row is the last lock.
MOVE_AHEAD = compact(f"""
    WITH back AS (
        SELECT item_id, row_number() OVER (ORDER BY ordinality) AS turn
        FROM queue_item
        JOIN unnest(CAST(:item_ids AS bigint[])) WITH ORDINALITY AS given (item_id, ordinality)
            USING (item_id)
        WHERE queue_id = :queue_id AND is_open
    ), numbered AS (
        UPDATE queue SET last_pos = last_pos + (SELECT count(*) FROM back)
        WHERE id = :queue_id RETURNING last_pos - (SELECT count(*) FROM back) AS base
    )
    UPDATE queue_item SET pos = base + turn, lane = CASE WHEN :is_first THEN {Lane.FRONT:d} ELSE lane END
    FROM back, numbered WHERE queue_id = :queue_id AND queue_item.item_id = back.item_id
""")
