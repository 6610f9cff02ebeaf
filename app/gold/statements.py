"""The statements about results: whether they count depends on their assignments, which stand above gold."""

from sqlalchemy import text

ANSWERED = "('submitted', 'surplus')"

# Of gold_result AS result JOIN assignment: what counts for or against anyone. A voided answer does not, nor
# one whose dispute was upheld.
COUNTS = "assignment.status <> 'voided' AND result.dispute_state IS DISTINCT FROM 'upheld'"

# `:hidden`: harm categories that whoever looks is not cleared for, as bits. The answers are counted of those
# that are shown.
GOLD_ITEMS = text(f"""
    SELECT gold.item_id, CASE WHEN place.harm_mask & :hidden = 0 THEN left(prompt.text, :opening) END,
           gold.answers, gold.purpose, gold.source, gold.state, gold.suspended_for,
           coalesce(counted.n, 0), coalesce(counted.n_right, 0), coalesce(counted.n_open, 0)
    FROM (
        SELECT * FROM gold_item WHERE queue_id = :queue_id
        ORDER BY state = 'suspended' DESC, created_at DESC, item_id DESC LIMIT :limit OFFSET :offset
    ) AS gold
    JOIN queue_item AS place USING (queue_id, item_id)
    JOIN item ON item.id = gold.item_id JOIN prompt ON prompt.id = item.prompt_id
    LEFT JOIN LATERAL (
        SELECT count(*) AS n, count(*) FILTER (WHERE is_right) AS n_right,
               count(*) FILTER (WHERE dispute_state = 'open') AS n_open
        FROM gold_result AS result JOIN assignment ON assignment.id = result.assignment_id
        WHERE result.queue_id = gold.queue_id AND result.item_id = gold.item_id AND {COUNTS}
    ) AS counted ON true
    ORDER BY gold.state = 'suspended' DESC, gold.created_at DESC, gold.item_id DESC
""")

# What an admin said about it since counts: of answers to what was expected then, and since it was resumed.
ANSWERED_OF = text(f"""
    SELECT result.item_id, result.annotator_id, result.is_right,
           result.scored_at > coalesce(
               (SELECT max(at) FROM audit_entry WHERE audit_entry.item_id = gold.item_id
                  AND audit_entry.queue_id = gold.queue_id AND action = 'resumed' AND subject = 'gold item'),
               '-infinity')
    FROM gold_item AS gold
    JOIN gold_result AS result USING (queue_id, item_id)
    JOIN assignment ON assignment.id = result.assignment_id
    WHERE gold.queue_id = :queue_id AND gold.state <> 'suspended'
      AND result.expected = gold.answers -> result.dimension AND {COUNTS}
""")

# The first answer is the one that was scored.
GIVEN = """(
    SELECT jsonb_build_object('is_safe', is_safe, 'harm_categories', harm_categories, 'severity', severity,
                              'ranks', ranks, 'verdict', verdict)
    FROM annotation WHERE annotation.assignment_id = result.assignment_id
      AND annotation.dimension = result.dimension ORDER BY annotation.id LIMIT 1)"""
ORDER = """(
    SELECT displayed_order FROM annotation WHERE annotation.assignment_id = result.assignment_id
      AND annotation.dimension = result.dimension ORDER BY annotation.id LIMIT 1)"""
RESPONSES = """(
    SELECT array_agg(response.text ORDER BY position) FROM item_response AS member
    JOIN response ON response.id = member.response_id WHERE member.item_id = result.item_id)"""

DISPUTES = text(f"""
    SELECT result.assignment_id, result.dimension, result.item_id, user_account.username,
           CASE WHEN place.harm_mask & :hidden = 0 THEN left(prompt.text, :opening) END,
           result.expected, {GIVEN}, result.scores, result.dispute_reason, result.disputed_at
    FROM gold_result AS result
    JOIN assignment ON assignment.id = result.assignment_id
    JOIN user_account ON user_account.id = result.annotator_id
    JOIN queue_item AS place ON place.queue_id = result.queue_id AND place.item_id = result.item_id
    JOIN item ON item.id = result.item_id JOIN prompt ON prompt.id = item.prompt_id
    WHERE result.queue_id = :queue_id AND result.dispute_state = 'open' AND assignment.status <> 'voided'
    ORDER BY result.disputed_at, result.assignment_id, result.dimension LIMIT :limit
""")

# Answered, not voided, and not of an exam that goes on.
SHOWN = f"""
    result.annotator_id = :annotator_id AND assignment.status IN {ANSWERED} AND NOT EXISTS (
        SELECT FROM exam_attempt WHERE exam_attempt.id = result.attempt_id AND ended_at IS NULL)
"""
IS_SHOWN = text(f"""
    SELECT EXISTS (
        SELECT FROM gold_result AS result JOIN assignment ON assignment.id = result.assignment_id
        WHERE result.assignment_id = :assignment_id AND result.dimension = :dimension AND {SHOWN})
""")
RESULTS = text(f"""
    SELECT result.assignment_id, result.dimension, result.item_id, queue.name, result.scored_at,
           place.harm_mask & member.avoided <> 0, coalesce(place.severity_prior >= queue.blur_from, false),
           place.severity_prior, prompt.text, {RESPONSES}, {ORDER}, result.expected, {GIVEN}, result.scores,
           result.is_right, coalesce(gold.explanation, ''), result.dispute_state, result.dispute_reason,
           result.decision_reason, result.decided_at
    FROM gold_result AS result
    JOIN assignment ON assignment.id = result.assignment_id
    JOIN queue ON queue.id = result.queue_id
    JOIN queue_item AS place ON place.queue_id = result.queue_id AND place.item_id = result.item_id
    JOIN queue_member AS member
      ON member.queue_id = result.queue_id AND member.annotator_id = result.annotator_id
    JOIN item ON item.id = result.item_id JOIN prompt ON prompt.id = item.prompt_id
    LEFT JOIN gold_item AS gold ON gold.queue_id = result.queue_id AND gold.item_id = result.item_id
    WHERE {SHOWN} AND result.scored_at > now() - make_interval(days => :days)
    ORDER BY result.scored_at DESC, result.assignment_id DESC, result.dimension
    LIMIT :limit OFFSET :offset
""")
STANDING = text(f"""
    SELECT (SELECT count(*) FROM assignment WHERE annotator_id = :annotator_id AND status = 'submitted'
              AND closed_at > now() - make_interval(days => :days)),
           (SELECT count(*) FROM assignment WHERE annotator_id = :annotator_id AND status = 'surplus'
              AND closed_at > now() - make_interval(days => :days)),
           count(*), count(*) FILTER (WHERE is_right)
    FROM gold_result AS result JOIN assignment ON assignment.id = result.assignment_id
    WHERE {SHOWN} AND {COUNTS} AND result.scored_at > now() - make_interval(days => :days)
""")
