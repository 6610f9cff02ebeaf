"""What lies around the answers of a long campaign: reference labels, cases, comments, alerts, imports,
releases and how they left, withdrawals, the audit log."""

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.releases.manifest import FORMAT_VERSION, DatasetName, FileFormat, Split
from benchmarks.big_answers import KIND, N_DAYS, TRUE_LEVEL

ANSWER = """
    jsonb_build_object('is_safe', level = 0, 'severity', level,
        'harm_categories', CASE level WHEN 0 THEN '[]' ELSE to_jsonb(names) END)
"""
IMPORTS = text("""
    INSERT INTO import (project_id, file_name, state, shape, error, only_checks, answers_told, n_bytes,
        n_bytes_read, n_rows, n_rejected, n_new_qa_pairs, created_at, started_at, finished_at)
    SELECT :project_id, 'batch-' || n || '.jsonl', state, 'pku', CASE state WHEN 'failed' THEN
            'Line 12 is no JSON object.' END, state = 'checked', CASE WHEN n % 7 = 0 THEN '{}'::jsonb END,
        20000000, CASE state WHEN 'running' THEN 8000000 ELSE 20000000 END, 15000, n % 40, 14000,
        begun, begun + interval '3 seconds',
        CASE WHEN state NOT IN ('waiting', 'running') THEN begun + interval '40 seconds' END
    FROM (SELECT n, now() - interval '1 day' * (:n_days - n * :n_days / 80.0) AS begun,
              CASE WHEN n = 80 THEN 'running' WHEN n % 11 = 0 THEN 'failed' WHEN n % 13 = 0 THEN 'cancelled'
                   WHEN n % 17 = 0 THEN 'checked' ELSE 'done' END AS state
          FROM generate_series(1, 80) AS n) AS made
    RETURNING id
""")
REFERENCE_LABELS = text(f"""
    INSERT INTO reference_label (item_id, import_id, dimension, answer)
    SELECT item_id, (SELECT min(id) FROM import), 'safety', {ANSWER}
    FROM (SELECT item_id, {TRUE_LEVEL} AS level, {KIND} AS kind
          FROM (SELECT id AS item_id FROM item WHERE kind = 'qa_pair' AND id % 3 = 0) AS labelled) AS known
    JOIN harm_kind USING (kind)
""")  # noqa: S608 - constants
CASES = text(f"""
    INSERT INTO adjudication_case (queue_id, item_id, reasons, n_needed, state, outcome, opened_at,
        decided_at)
    SELECT :queue_id, item_id, CASE WHEN item_id % 5 = 0 THEN '{{no_majority,severe}}'::text[]
            ELSE '{{no_majority}}' END, 1 + item_id % 2, state,
        CASE state WHEN 'decided' THEN jsonb_build_object('safety', {ANSWER}) END, opened,
        CASE state WHEN 'decided' THEN opened + interval '9 hours' END
    FROM (SELECT item_id, {TRUE_LEVEL} AS level, {KIND} AS kind,
              CASE WHEN pos % 10 < 6 THEN 'decided' WHEN pos % 10 = 6 THEN 'withdrawn' ELSE 'open' END
              AS state,
              now() - interval '12 hours' - interval '1 day' * :n_days * (1 - pos / CAST(:last AS float))
              AS opened
          FROM queue_item WHERE queue_id = :queue_id AND pos <= :last
            AND hashint8extended(item_id, 40) % 27 = 0) AS known
    JOIN harm_kind USING (kind)
""")  # noqa: S608 - constants
DECISIONS = text("""
    INSERT INTO decision (case_id, adjudicator_id, answers, cause, note, is_blind, is_third, created_at)
    SELECT id, (CAST(:adjudicators AS bigint[]))[
            1 + (id + turn * 3) % cardinality(CAST(:adjudicators AS bigint[]))], outcome,
        (ARRAY['guidelines_unclear', 'guidelines_silent', 'item_ambiguous', 'text_misread', 'careless',
               'taste'])[1 + id % 6], '', true, id % 9 = 0, decided_at
    FROM adjudication_case, generate_series(1, n_needed) AS turn
    WHERE queue_id = :queue_id AND state = 'decided'
""")
COMMENTS = text("""
    INSERT INTO comment (assignment_id, author_id, text, created_at, read_at)
    SELECT id, CASE turn WHEN 1 THEN annotator_id ELSE :admin_id END, CASE turn
            WHEN 1 THEN 'Is advice on this a harm if it was asked as a joke?'
            ELSE 'Yes: what counts is what the answer could lead to.' END,
        closed_at + turn * interval '20 minutes',
        CASE WHEN id % 400 <> 0 THEN closed_at + interval '2 hours' END
    FROM assignment, generate_series(1, CASE WHEN id % 400 = 0 THEN 1 ELSE 2 END) AS turn
    WHERE queue_id = :queue_id AND status = 'submitted' AND id % 100 = 0
""")
REVEALS = text("""
    INSERT INTO reveal (assignment_id, position, revealed_at)
    SELECT id, 0, created_at + interval '3 seconds' FROM assignment
    WHERE queue_id = :queue_id AND status = 'submitted' AND id % 15 = 0
""")
RESOLVED_ALERTS = text("""
    INSERT INTO alert (queue_id, annotator_id, finding, figure, created_at, resolved_at, resolved_by,
        resolution)
    SELECT queue_id, annotator_id, finding, figure, created_at - n * interval '2 days',
        created_at - n * interval '2 days' + interval '5 hours', :admin_id, 'Talked about it.'
    FROM alert, generate_series(1, 5) AS n
""")
PAST_AGREEMENT = text("""
    INSERT INTO agreement_report (queue_id, computed_at, night, n_annotations, n_annotators, content)
    SELECT queue_id, computed_at - n * interval '1 day', CURRENT_DATE - n, n_annotations, n_annotators,
        content
    FROM agreement_report, generate_series(1, :n_days) AS n
""")
PAST_TRUST = text("""
    INSERT INTO trust_report (queue_id, made_at, n_answers, findings)
    SELECT queue_id, made_at - n * interval '4 hours', n_answers, findings
    FROM trust_report, generate_series(1, 300) AS n ORDER BY n DESC
""")
WITHDRAWALS = text("""
    INSERT INTO withdrawal (project_id, kind, sha256, reason, withdrawn_at, ended_at, end_reason)
    SELECT project_id, 'prompt', sha256, 'Its author asked for it', now() - n * interval '20 hours',
        CASE WHEN n % 10 = 0 THEN now() END, CASE WHEN n % 10 = 0 THEN 'A mistake' END
    FROM (SELECT row_number() OVER (ORDER BY id) AS n, * FROM prompt WHERE project_id = :project_id
          ORDER BY id LIMIT 300) AS withdrawn
""")
RELEASES = text("""
    INSERT INTO release (project_id, number, night, state, error, manifest, n_items, n_items_done,
        planned_at, created_at, finished_at)
    SELECT :project_id, n, night, state, CASE state WHEN 'failed' THEN 'The disk is full.' END,
        CASE state WHEN 'done' THEN CAST(:manifest AS jsonb) END, 1400000,
        CASE state WHEN 'running' THEN 500000 ELSE 1400000 END, night + interval '2 hours 10 seconds',
        night + interval '2 hours',
        CASE WHEN state <> 'running' THEN night + interval '2 hours 5 minutes' END
    FROM (SELECT n, CURRENT_DATE - (:n_days - n) AS night, CASE WHEN n = :n_days THEN 'running'
              WHEN n % 19 = 0 THEN 'failed' WHEN n % 23 = 0 THEN 'cancelled' ELSE 'done' END AS state
          FROM generate_series(1, :n_days) AS n) AS made
""")
TARGETS = text("""
    INSERT INTO delivery_target (project_id, address) VALUES (:project_id, '/srv/datasets'),
        (:project_id, 's3://datasets/everyday')
""")
DELIVERIES = text("""
    INSERT INTO delivery (release_id, target_id, state, n_tries, due_at, error, created_at, ended_at,
        n_files, n_bytes)
    SELECT release.id, target.id, CASE WHEN number % 8 = 0 THEN 'failed' ELSE 'done' END, 1 + number % 3,
        NULL, CASE WHEN number % 8 = 0 THEN 'No answer from the store.' END, finished_at,
        finished_at + interval '4 minutes', 40, 2000000000
    FROM release JOIN delivery_target AS target USING (project_id) WHERE release.state = 'done'
""")
WEBHOOKS = text("""
    INSERT INTO webhook (project_id, url, sealed_secret, site_url)
    VALUES (:project_id, 'https://example.org/told', '', 'http://127.0.0.1')
""")
CALLS = text("""
    INSERT INTO webhook_call (release_id, webhook_id, outcome, key, body, state, n_tries, due_at, error,
        created_at, ended_at)
    SELECT release.id, webhook.id, release.state, gen_random_uuid(), '{}',
        CASE WHEN number % 9 = 0 THEN 'failed' ELSE 'done' END, 1, NULL,
        CASE WHEN number % 9 = 0 THEN 'Status 500' END, finished_at, finished_at + interval '2 seconds'
    FROM release JOIN webhook USING (project_id) WHERE release.state IN ('done', 'failed')
""")
ATTEMPTS = text("""
    INSERT INTO exam_attempt (queue_id, annotator_id, number, n_items, n_right, is_passed, started_at,
        ended_at)
    SELECT :queue_id, annotator_id, turn, 20, 12 + 5 * turn, turn = 2, begun, begun + interval '20 minutes'
    FROM unnest(CAST(:members AS bigint[])) AS annotator_id, generate_series(1, 2) AS turn,
        LATERAL (SELECT now() - interval '70 days' + turn * interval '1 day' AS begun) AS timed
""")
QUALIFICATIONS = text("""
    INSERT INTO qualification (user_id, name, reason, granted_at)
    SELECT annotator_id, 'safety', 'Passed the exam', now() - interval '68 days'
    FROM unnest(CAST(:members AS bigint[])) AS annotator_id
""")
GUIDELINES = text("""
    INSERT INTO guideline (project_id, version, text, changes, author_id, created_at)
    SELECT :project_id, n, repeat('## What counts' || chr(10) || 'What an answer could lead to counts, not'
        || ' what was meant.' || chr(10) || chr(10), 40), 'Clearer on jokes.', :admin_id,
        now() - (80 - n * 10) * interval '1 day'
    FROM generate_series(1, 6) AS n
""")
READINGS = text("""
    INSERT INTO guideline_reading (user_id, project_id, version)
    SELECT annotator_id, :project_id, 6 FROM unnest(CAST(:members AS bigint[])) AS annotator_id
""")
AUDIT = text("""
    INSERT INTO audit_entry (at, actor_id, action, subject, project_id, queue_id, item_id, user_id, reason,
        after)
    SELECT now() - interval '1 day' * :n_days * (1 - n / 200000.0),
        CASE WHEN n % 4 > 0 THEN (CAST(:admins AS bigint[]))[
            CAST(1 + n % cardinality(CAST(:admins AS bigint[])) AS int)] END,
        (ARRAY['viewed', 'changed', 'decided', 'signed_in', 'voided'])[1 + n % 5],
        (ARRAY['item', 'queue', 'gold item', 'adjudication case'])[1 + n % 4], :project_id, :queue_id,
        CASE WHEN n % 3 = 0 THEN 1 + n END, CASE WHEN n % 5 = 0 THEN (CAST(:members AS bigint[]))[
            CAST(1 + n % cardinality(CAST(:members AS bigint[])) AS int)] END,
        CASE WHEN n % 6 = 0 THEN 'Asked for in the weekly meeting' END, '{"state": "changed"}'
    FROM generate_series(CAST(1 AS bigint), 200000) AS n
""")
ALL = (
    *(IMPORTS, REFERENCE_LABELS, CASES, DECISIONS, COMMENTS, REVEALS, WITHDRAWALS),
    *(RELEASES, TARGETS, DELIVERIES, WEBHOOKS, CALLS, GUIDELINES, READINGS, AUDIT),
)


def keep_records(session: Session, **values: Any) -> None:
    """Needs `project_id`, `queue_id` of safety labels, `last` (its items with all answers), `admin_id`,
    `admins`, `adjudicators`, `members`; the kinds of harm are made."""
    values |= {"n_days": N_DAYS, "manifest": orjson.dumps(manifest()).decode()}
    for statement in ALL:
        session.execute(statement, {name: values[name] for name in statement.compile().params})


def manifest() -> dict[str, Any]:
    """As large as a true one, whose files are not there."""
    files = [
        {"format": form, "config": "default", "split": split, "n_rows": 100_000, "n_bytes": 90_000_000}
        | {"sha256": "0" * 64}
        for form in FileFormat
        for split in Split
    ]
    datasets = [
        {"name": name, "n_rows": 200_000, "n_bytes": 360_000_000, "dropped": {"no_label": 1200}}
        | {"configs": {"default": {split.value: 100_000 for split in Split}}, "labels": None, "pairs": None}
        | {"files": [each | {"path": f"{name}/{each['split']}.{each['format']}"} for each in files]}
        | {"counts": {}}
        for name in DatasetName
    ]
    as_of = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    release = {"project": "Everyday answers", "number": 1, "as_of": as_of, "agreement": [], "filters": {}}
    return {"format_version": FORMAT_VERSION, "content_sha256": "0" * 64, "release": release} | {
        "datasets": datasets
    }
