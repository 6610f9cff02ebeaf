"""Keeping the sums of what people were shown: which days of whom are to be counted again, and counting them.

A day of a person is stale while it is today, when an answer that is new says how severe a response is that
they were shown then, and when a trigger says so. All else is left as it is, so a count costs as much as the
work of one day, whatever came before.
"""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import TextClause, func, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.db import now
from app.people.models import ExposureCount, exposure_change

# So many days are counted again by the first count of a day, so that nothing stays wrong for long.
DAYS_ONCE_A_DAY = 14

FIGURES = ("n_items", "n_severity_0", "n_severity_1", "n_severity_2", "n_severity_3", "n_reveals")
DAY = "CAST({0}.created_at AT TIME ZONE 'UTC' AS date)"

LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('exposure', 0))")
MARKS = text("""
    SELECT coalesce((SELECT max(id) FROM annotation), 0),
           CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint),
           CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)
""")
PLAN_EACH = text("SET LOCAL plan_cache_mode = force_custom_plan")

CREATE_STALE = text("""
    CREATE TEMPORARY TABLE IF NOT EXISTS stale_day
        (annotator_id bigint, day date, PRIMARY KEY (annotator_id, day)) ON COMMIT DROP
""")
EMPTY_STALE = text("DELETE FROM stale_day")
SINCE = text(f"""
    INSERT INTO stale_day
    SELECT DISTINCT annotator_id, {DAY.format("assignment")} FROM assignment WHERE created_at >= :since
""")  # noqa: S608 - constants
# All items of the same person with the same response, in whichever queue.
BY_ANSWERS = text(f"""
    INSERT INTO stale_day
    SELECT DISTINCT given.annotator_id, {DAY.format("given")}
    FROM annotation JOIN assignment AS answered ON answered.id = assignment_id
    JOIN item_response AS judged ON judged.item_id = answered.item_id
    JOIN item_response AS shown ON shown.response_id = judged.response_id
    JOIN queue_item AS place ON place.item_id = shown.item_id
    JOIN assignment AS given ON given.queue_id = place.queue_id AND given.item_id = place.item_id
        AND given.annotator_id = answered.annotator_id
    WHERE annotation.id > :up_to_answer_id
    ON CONFLICT DO NOTHING
""")  # noqa: S608 - constants
BY_CHANGES = f"""
    WITH change AS ({{changes}})
    INSERT INTO stale_day
    SELECT annotator_id, {DAY.format("assignment")} FROM change JOIN assignment USING (queue_id, item_id)
    UNION
    SELECT annotator_id, {DAY.format("assignment")}
    FROM (SELECT DISTINCT queue_id FROM change WHERE item_id IS NULL) AS whole
    JOIN assignment USING (queue_id)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants
LOOK_AT_CHANGES = text(BY_CHANGES.format(changes="SELECT * FROM exposure_change"))
TAKE_CHANGES = text(BY_CHANGES.format(changes="DELETE FROM exposure_change RETURNING *"))

CREATE_SHOWN = text("""
    CREATE TEMPORARY TABLE IF NOT EXISTS shown_item
        (assignment_id bigint, queue_id bigint, annotator_id bigint, item_id bigint, day date,
         severity_prior smallint, is_covered boolean) ON COMMIT DROP
""")
EMPTY_SHOWN = text("DELETE FROM shown_item")
SHOWN = f"""
    INSERT INTO shown_item
    SELECT assignment.id, assignment.queue_id, assignment.annotator_id, assignment.item_id,
           {DAY.format("assignment")}, severity_prior, severity_prior >= coalesce(blur_from, 4)
    FROM {{assignments}}
    JOIN queue ON queue.id = assignment.queue_id
    JOIN queue_item ON queue_item.queue_id = assignment.queue_id AND queue_item.item_id = assignment.item_id
    WHERE NOT is_ahead AND {{which}}
"""  # noqa: S608 - constants
ON_STALE_DAYS = text(
    SHOWN.format(
        assignments="""stale_day JOIN assignment ON assignment.annotator_id = stale_day.annotator_id
            AND created_at >= CAST(stale_day.day AS timestamp) AT TIME ZONE 'UTC'
            AND created_at < CAST(stale_day.day + 1 AS timestamp) AT TIME ZONE 'UTC'""",
        which="true",
    )
)
IN_QUEUE = text(SHOWN.format(assignments="assignment", which="assignment.queue_id = :queue_id"))

# Of `shown_item`. A response counts with the severity that this person gave it last, in whichever queue; else
# with what is expected of the item. Covered, never asked for and not answered: not seen.
COUNTED = f"""
    WITH shown AS MATERIALIZED (
        SELECT shown_item.*, response_id, position FROM shown_item JOIN item_response USING (item_id)
    ), own AS (
        SELECT DISTINCT ON (annotator_id, response_id) annotator_id, response_id, severity
        FROM (SELECT DISTINCT annotator_id, response_id FROM shown) AS shown
        JOIN item_response AS other USING (response_id)
        JOIN queue_item AS place ON place.item_id = other.item_id
        JOIN assignment AS had USING (annotator_id)
        JOIN annotation ON assignment_id = had.id AND dimension = 'safety' AND superseded_at IS NULL
        WHERE had.queue_id = place.queue_id AND had.item_id = place.item_id
        ORDER BY annotator_id, response_id, annotation.created_at DESC, annotation.id DESC
    ), seen AS (
        SELECT assignment_id, queue_id, day, annotator_id, coalesce(own.severity, severity_prior) AS severity
        FROM shown LEFT JOIN own USING (annotator_id, response_id)
        WHERE NOT is_covered
           OR EXISTS (SELECT FROM reveal WHERE reveal.assignment_id = shown.assignment_id
                        AND reveal.position = shown.position)
           OR EXISTS (SELECT FROM annotation WHERE annotation.assignment_id = shown.assignment_id)
    ), responses AS (
        SELECT queue_id, day, annotator_id, count(DISTINCT assignment_id) AS n_items,
               count(*) FILTER (WHERE severity = 0) AS n_severity_0,
               count(*) FILTER (WHERE severity = 1) AS n_severity_1,
               count(*) FILTER (WHERE severity = 2) AS n_severity_2,
               count(*) FILTER (WHERE severity = 3) AS n_severity_3
        FROM seen GROUP BY queue_id, day, annotator_id
    ), reveals AS (
        SELECT queue_id, day, annotator_id, count(*) AS n_reveals
        FROM shown_item JOIN reveal USING (assignment_id) GROUP BY queue_id, day, annotator_id
    )
    SELECT queue_id, day, annotator_id, {", ".join(f"coalesce({name}, 0) AS {name}" for name in FIGURES)}
    FROM responses FULL JOIN reveals USING (queue_id, day, annotator_id)
"""  # noqa: S608 - constants
REMOVE_STALE = text("""
    DELETE FROM exposure_day AS kept USING stale_day
    WHERE kept.annotator_id = stale_day.annotator_id AND kept.day = stale_day.day
""")
ADD_COUNTED = text(f"INSERT INTO exposure_day (queue_id, day, annotator_id, {', '.join(FIGURES)}) {COUNTED}")
STRAY = text(f"""
    SELECT DISTINCT annotator_id FROM ({COUNTED}) AS counted
    FULL JOIN (SELECT * FROM exposure_day WHERE queue_id = :queue_id) AS kept
        USING (queue_id, day, annotator_id)
    WHERE ({", ".join(f"counted.{name}" for name in FIGURES)})
        IS DISTINCT FROM ({", ".join(f"kept.{name}" for name in FIGURES)})
      AND NOT EXISTS (SELECT FROM stale_day WHERE stale_day.annotator_id = coalesce(
            counted.annotator_id, kept.annotator_id) AND stale_day.day = coalesce(counted.day, kept.day))
    ORDER BY annotator_id
""")  # noqa: S608 - constants


def count_exposure(session: Session) -> bool:
    """Bring the sums up to date; False where somebody else is doing so."""
    if not session.scalar(LOCK):
        return False
    known = session.get(ExposureCount, True, populate_existing=True)
    newest_answer_id, oldest_open_xid, next_xid = session.execute(MARKS).one()
    collect_stale(session, known, recounted_since(known), TAKE_CHANGES)
    collect_shown(session, ON_STALE_DAYS)
    session.execute(REMOVE_STALE)
    session.execute(ADD_COUNTED)
    up_to_answer_id = known.up_to_answer_id if known else 0
    mark = (known.marked_answer_id, known.marked_xid) if known else (newest_answer_id, next_xid)
    if oldest_open_xid >= mark[1]:
        up_to_answer_id, mark = mark[0], (newest_answer_id, next_xid)
    note_count(session, up_to_answer_id, *mark)
    return True


def collect_stale(
    session: Session, known: ExposureCount | None, since: datetime, changes: TextClause
) -> None:
    """Into a table of the transaction's own. What is stale may be a day or all there are, so each statement
    is planned for what it asks."""
    for statement in (PLAN_EACH, CREATE_STALE, EMPTY_STALE):
        session.execute(statement)
    session.execute(SINCE, {"since": since})
    if known is not None:
        session.execute(BY_ANSWERS, {"up_to_answer_id": known.up_to_answer_id})
    session.execute(changes)
    session.execute(text("ANALYZE stale_day"))


def collect_shown(session: Session, which: TextClause, **values: int) -> None:
    """Into another one."""
    session.execute(CREATE_SHOWN)
    session.execute(EMPTY_SHOWN)
    session.execute(which, values)
    session.execute(text("ANALYZE shown_item"))


def recounted_since(known: ExposureCount | None) -> datetime:
    """From when on all that was handed out is counted again, whatever is known of it."""
    if known is None:
        return datetime.min.replace(tzinfo=UTC)
    begun = day_of_count(known)
    return begun if begun.date() == now().date() else begun - timedelta(days=DAYS_ONCE_A_DAY)


def day_of_count(known: ExposureCount) -> datetime:
    """Its midnight: what was handed out from then on may not be counted yet."""
    return datetime.combine(known.counted_at.astimezone(UTC).date(), time.min, UTC)


def note_count(session: Session, up_to_answer_id: int, marked_answer_id: int, marked_xid: int) -> None:
    values = {
        "counted_at": func.now(),
        "up_to_answer_id": up_to_answer_id,
        "marked_answer_id": marked_answer_id,
        "marked_xid": marked_xid,
    }
    noted = upsert(ExposureCount).values(values)
    session.execute(noted.on_conflict_do_update(index_elements=["is_only"], set_=values))


def stray_exposure(session: Session, queue_id: int) -> list[int]:
    """Ids of members of whom a day's sums are not what they were shown, but for days that the next count
    takes anyway. All must be seen at one moment: use a snapshot."""
    known = session.get(ExposureCount, True, populate_existing=True)
    if known is None:
        return []
    collect_stale(session, known, day_of_count(known), LOOK_AT_CHANGES)
    collect_shown(session, IN_QUEUE, queue_id=queue_id)
    return list(session.scalars(STRAY, {"queue_id": queue_id}))


def recount_exposure(session: Session, queue_id: int) -> None:
    """Of all days; by whoever is counting, where somebody is."""
    session.execute(insert(exposure_change).values(queue_id=queue_id))
    count_exposure(session)
