"""Answers of two months in queues of any size, made by statements over whole sets.

What is true of an item, who answers it and when, and who errs, follows from hashes of ids: so every run makes
the same. An annotator answers some items far more often than another, and errs at a rate of their own.
"""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.projects.pku import PKU
from app.queues.models import Lane

N_DAYS = 60
N_KINDS = 200
SHARE_PARTLY = 0.03
LEASED = 60


def luck(column: str, seed: int) -> str:
    """A number from 0 to 1,048,575 that belongs to this row."""
    return f"(hashint8extended({column}, {seed}) & 1048575)"


def share(column: str, seed: int) -> str:
    return f"({luck(column, seed)} / 1048576.0)"


IS_HARMFUL, LEVEL = f"({luck('item_id', 100)} % 2 = 0)", f"(1 + {luck('item_id', 102)} % 3)"
KIND = f"CAST(floor({N_KINDS} * power({share('item_id', 101)}, 2)) AS int)"
TRUE_LEVEL = f"(CASE WHEN {IS_HARMFUL} THEN {LEVEL} ELSE 0 END)"
ERRS = f"({share('id', 5)} < 0.12 * (0.5 + {share('annotator_id', 9)}))"

MAKE_KINDS = text("""
    CREATE TEMPORARY TABLE harm_kind ON COMMIT DROP AS
    SELECT CAST(place AS int) - 1 AS kind, CAST(given ->> 'mask' AS int) AS mask,
           ARRAY(SELECT jsonb_array_elements_text(given -> 'names')) AS names
    FROM jsonb_array_elements(CAST(:kinds AS jsonb)) WITH ORDINALITY AS made (given, place)
""")
# Each item's answers come from different shares of the members; those of the last share skip it, let the
# lease run out, ... The items behind the last full one have some of their answers.
GIVE = text(f"""
    INSERT INTO assignment (queue_id, item_id, annotator_id, status, skip_reason, void_reason, voided_at,
        created_at, expires_at, closed_at)
    SELECT :queue_id, item_id, annotator_id, status,
        CASE status WHEN 'skipped' THEN
            (ARRAY['cannot_judge', 'distress', 'broken_item'])[1 + chance % 3] END,
        CASE status WHEN 'voided' THEN 'Answered without reading' END,
        CASE status WHEN 'voided' THEN begun + interval '1 day' END,
        begun, begun + interval '30 minutes', begun + (15 + chance % 100) * interval '1 second'
    FROM (
        SELECT item_id, chance, begun,
            (CAST(:members AS bigint[]))[1 + (:overlap + 1) * CAST(floor(
                :n_shares * power({share("item_id", 7)}, 1.5)) AS int) + place] AS annotator_id,
            CASE WHEN place < :overlap THEN 'submitted' ELSE
                (ARRAY['skipped', 'skipped', 'skipped', 'expired', 'expired', 'expired', 'expired',
                       'released', 'voided', 'surplus'])[1 + chance % 10] END AS status
        FROM queue_item, generate_series(0, :overlap) AS place,
            LATERAL (SELECT hashint8extended(item_id, 3 + place) & 1048575 AS chance) AS drawn,
            LATERAL (SELECT now() - interval '2 hours' + (chance % 3600) * interval '1 second'
                - interval '1 day' * :n_days * (1 - pos / CAST(:until AS float)) AS begun) AS placed
        WHERE queue_id = :queue_id AND pos <= :until AND lane = {Lane.NORMAL:d}
          AND (place < CASE WHEN pos <= :last THEN :overlap ELSE pos % :overlap END
               OR (place = :overlap AND pos <= :last AND pos % 14 = 0))
    ) AS given ORDER BY begun
""")  # noqa: S608 - constants
LEASE = text("""
    INSERT INTO assignment (queue_id, item_id, annotator_id, created_at, expires_at)
    SELECT queue_id, item_id, (CAST(:members AS bigint[]))[1 + pos - :until],
        now() - interval '1 minute', now() + interval '29 minutes'
    FROM queue_item
    WHERE queue_id = :queue_id AND pos > :until
      AND pos <= CAST(:until AS bigint) + least(:leased, cardinality(CAST(:members AS bigint[])))
""")
ANSWER_SAFETY = text(f"""
    INSERT INTO annotation (assignment_id, dimension, is_safe, harm_categories, harm_mask, severity,
        confidence, rationale, taxonomy_version, guideline_version, active_ms, created_at)
    SELECT id, 'safety', level = 0, CASE level WHEN 0 THEN '{{}}' ELSE names END,
        CASE level WHEN 0 THEN 0 ELSE mask END, level,
        CASE WHEN id % 5 < 3 THEN id % 4 END,
        CASE WHEN id % 20 = 0 THEN 'The second sentence decides it: case ' || id END,
        :taxonomy_version, 1 + id % 3, 8000 + {luck("id", 4)} % 60000, closed_at
    FROM (
        SELECT id, closed_at,
            CASE WHEN {ERRS} THEN {luck("id", 6)} % 4 ELSE {TRUE_LEVEL} END AS level,
            CASE WHEN {ERRS} THEN {luck("id", 8)} % {N_KINDS} ELSE {KIND} END AS kind
        FROM assignment WHERE queue_id = :queue_id AND status IN ('submitted', 'surplus', 'voided')
        ORDER BY id
    ) AS given JOIN harm_kind USING (kind)
""")  # noqa: S608 - constants
CHANGED_ANSWERS = text("""
    INSERT INTO annotation (assignment_id, dimension, is_safe, harm_categories, harm_mask, severity,
        confidence, taxonomy_version, guideline_version, active_ms, created_at, superseded_at)
    SELECT assignment_id, dimension, is_safe, harm_categories, harm_mask, severity, 0, taxonomy_version,
        guideline_version, active_ms, annotation.created_at - interval '10 seconds', annotation.created_at
    FROM annotation JOIN assignment ON assignment_id = assignment.id
    WHERE queue_id = :queue_id AND assignment.id % 60 = 0 AND dimension = 'safety'
""")
ANSWER_RANKS = text(f"""
    INSERT INTO annotation (assignment_id, dimension, ranks, displayed_order, verdict, strength,
        taxonomy_version, guideline_version, active_ms, created_at)
    SELECT id, dimension,
        CAST(CASE said WHEN 0 THEN '{{1,2}}' WHEN 1 THEN '{{2,1}}' ELSE '{{1,1}}' END AS smallint[]),
        CAST(CASE id % 2 WHEN 0 THEN '{{0,1}}' ELSE '{{1,0}}' END AS smallint[]), 'ordered', 1 + id % 3,
        :taxonomy_version, 1 + id % 3, 6000 + {luck("id", 4)} % 50000, closed_at
    FROM (
        SELECT id, closed_at, dimension, CASE WHEN {luck("id", 11)} % 10 < 3 THEN {luck("id", 12)} % 3
            ELSE (hashint8extended(item_id, hashtext(dimension)) & 1048575) % 3 END AS said
        FROM assignment, unnest(CAST(:dimensions AS text[])) AS dimension
        WHERE queue_id = :queue_id AND status IN ('submitted', 'surplus', 'voided') ORDER BY id
    ) AS given
""")  # noqa: S608 - constants
COUNT_PLACES = text("""
    UPDATE queue_item SET n_assigned = counted.n_assigned, n_submitted = counted.n_submitted,
        n_surplus = counted.n_surplus
    FROM (
        SELECT item_id, count(*) FILTER (WHERE status IN ('open', 'submitted')) AS n_assigned,
            count(*) FILTER (WHERE status = 'submitted') AS n_submitted,
            count(*) FILTER (WHERE status = 'surplus') AS n_surplus
        FROM assignment WHERE queue_id = :queue_id AND takes_place GROUP BY item_id
    ) AS counted
    WHERE queue_id = :queue_id AND queue_item.item_id = counted.item_id
""")
COUNT_MEMBERS = text(f"""
    UPDATE queue_member SET n_submitted = counted.n, cursors[{Lane.NORMAL:d}] = :last
    FROM (
        SELECT annotator_id, count(*) FILTER (WHERE status IN ('submitted', 'surplus', 'voided')) AS n
        FROM assignment WHERE queue_id = :queue_id GROUP BY annotator_id
    ) AS counted
    WHERE queue_id = :queue_id AND queue_member.annotator_id = counted.annotator_id
""")  # noqa: S608 - constants
# As the triggers do it.
COUNT_WORK = text("""
    INSERT INTO work_day (queue_id, day, annotator_id, n_items, n_answers, active_ms, n_items_voided,
        n_answers_voided, active_ms_voided)
    SELECT queue_id, CAST(annotation.created_at AT TIME ZONE 'UTC' AS date) AS day, annotator_id,
        count(*) FILTER (WHERE superseded_at IS NULL AND dimension <> 'helpfulness'),
        count(*) FILTER (WHERE superseded_at IS NULL), sum(active_ms),
        count(*) FILTER (WHERE superseded_at IS NULL AND dimension <> 'helpfulness' AND status = 'voided'),
        count(*) FILTER (WHERE superseded_at IS NULL AND status = 'voided'),
        coalesce(sum(active_ms) FILTER (WHERE status = 'voided'), 0)
    FROM assignment JOIN annotation ON assignment_id = assignment.id
    WHERE queue_id = :queue_id GROUP BY queue_id, day, annotator_id
""")
# Some of the items that nobody had yet.
MAKE_GOLD = text(f"""
    WITH chosen AS (
        UPDATE queue_item SET overlap = 0 WHERE queue_id = :queue_id AND item_id IN (
            SELECT item_id FROM queue_item WHERE queue_id = :queue_id AND pos > :first
            ORDER BY pos LIMIT :n_gold)
        RETURNING item_id
    )
    INSERT INTO gold_item (queue_id, item_id, purpose, answers, explanation, source, state, suspended_for,
        created_by)
    SELECT :queue_id, item_id, CASE WHEN item_id % 9 = 0 THEN 'attention' ELSE 'gold' END,
        jsonb_build_object('safety', jsonb_build_object('is_safe', level = 0, 'severity', level,
            'harm_categories', CASE level WHEN 0 THEN '[]' ELSE to_jsonb(names) END)),
        'What the second sentence asks for decides it.',
        (ARRAY['made', 'imported', 'promoted'])[1 + item_id % 3], state,
        CASE state WHEN 'suspended' THEN '9 of 12 answers were wrong' END, :admin_id
    FROM (SELECT item_id, {TRUE_LEVEL} AS level, {KIND} AS kind,
              CASE WHEN {luck("item_id", 20)} % 100 < 2 THEN 'suspended'
                   WHEN {luck("item_id", 20)} % 100 < 8 THEN 'retired' ELSE 'active' END AS state
          FROM chosen) AS known JOIN harm_kind USING (kind)
""")  # noqa: S608 - constants
ASK_GOLD = text(f"""
    INSERT INTO assignment (queue_id, item_id, annotator_id, status, takes_place, created_at, expires_at,
        closed_at)
    SELECT :queue_id, item_id, annotator_id, 'submitted', false, begun, begun + interval '30 minutes',
        begun + interval '40 seconds'
    FROM gold_item, unnest(CAST(:members AS bigint[])) AS annotator_id,
        LATERAL (SELECT now() - interval '1 day' * :n_days * {share("item_id * 1000 + annotator_id", 30)}
                 AS begun) AS drawn
    WHERE queue_id = :queue_id AND {luck("item_id * 1000 + annotator_id", 31)} % :one_in = 0
    ORDER BY begun
""")  # noqa: S608 - constants
SCORE_GOLD = text("""
    INSERT INTO gold_result (assignment_id, dimension, queue_id, item_id, annotator_id, expected, scores,
        is_right, scored_at, dispute_state, dispute_reason, disputed_at)
    SELECT id, 'safety', queue_id, item_id, annotator_id, expected, jsonb_build_object('is_safe', safe_score,
        'harm_categories', greatest(safe_score, 0.5), 'severity', safe_score),
        safe_score = 1, closed_at, CASE WHEN id % 300 = 0 THEN 'open' END,
        CASE WHEN id % 300 = 0 THEN 'The answer is only a recipe.' END,
        CASE WHEN id % 300 = 0 THEN closed_at + interval '1 minute' END
    FROM (
        SELECT given.id, queue_id, item_id, annotator_id, answers -> 'safety' AS expected, closed_at,
            CAST(CAST(answers -> 'safety' ->> 'is_safe' AS bool) = is_safe AS int) AS safe_score
        FROM gold_item JOIN assignment AS given USING (queue_id, item_id)
        JOIN annotation ON assignment_id = given.id AND superseded_at IS NULL
        WHERE queue_id = :queue_id
    ) AS scored
""")


class Work(NamedTuple):
    """Done in one queue: `n_full` items have all their answers."""

    queue_id: int
    overlap: int
    n_full: int
    members: Sequence[int]
    dimensions: Sequence[str]


def work_on(session: Session, work: Work, admin_id: int, n_gold: int = 0) -> None:
    """Give out, answer and count. `n_gold`: so many gold items, some of which each member has answered."""
    until = work.n_full + int(work.n_full * SHARE_PARTLY)
    values: dict[str, Any] = {
        "queue_id": work.queue_id,
        "overlap": work.overlap,
        "last": work.n_full,
        "until": until,
        "members": list(work.members),
        "n_shares": len(work.members) // (work.overlap + 1),
        "n_days": N_DAYS,
        "leased": LEASED,
        "dimensions": list(work.dimensions),
        "taxonomy_version": PKU.version,
        "first": until + LEASED,
        "n_gold": n_gold,
        "one_in": max(1, len(work.members) // 10),
        "admin_id": admin_id,
    }
    is_safety = work.dimensions == ["safety"]
    gold = (MAKE_GOLD, ASK_GOLD) if n_gold else ()
    answers = (ANSWER_SAFETY, CHANGED_ANSWERS) if is_safety else (ANSWER_RANKS,)
    counts = (COUNT_PLACES, COUNT_MEMBERS, COUNT_WORK)
    scores = (SCORE_GOLD,) if n_gold else ()
    for statement in (GIVE, LEASE, *gold, *answers, *counts, *scores):
        session.execute(statement, {name: values[name] for name in statement.compile().params})


def make_kinds(session: Session) -> None:
    """Harm categories that come together, for all that follows in this transaction."""
    chance = random.Random(2)
    kinds = [sorted(chance.sample(range(19), 1 + n % 3)) for n in range(N_KINDS)]
    named = [[PKU.category_names[category] for category in kind] for kind in kinds]
    made = [{"names": names, "mask": PKU.mask_of(names)} for names in named]
    session.execute(MAKE_KINDS, {"kinds": orjson.dumps(made).decode()})
