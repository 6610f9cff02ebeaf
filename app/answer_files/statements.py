"""The SQL that makes staged answers a queue's, set by set; `:queue_id` is the queue."""

from sqlalchemy import TextClause, text

from app.queues.models import Dimension

# Between reading and storing: without figures the planner takes the staged answers for a few.
ANALYZE = text("ANALYZE staged_answer")
# Statements of triggers, planned while the tables held little.
FORGET_PLANS = text("DISCARD PLANS")

# What counts of one annotator on one item is the first answer in the file.
REPEATED = text("""
    SELECT line, first_line FROM (
        SELECT line, min(line) OVER (PARTITION BY item_id, annotator_id) AS first_line FROM staged_answer
    ) AS staged
    WHERE line > first_line ORDER BY line
""")
DROP_REPEATED = text("""
    DELETE FROM staged_answer AS later USING staged_answer AS earlier
    WHERE later.item_id = earlier.item_id AND later.annotator_id = earlier.annotator_id
      AND later.line > earlier.line
""")
DROP_KNOWN = text("""
    DELETE FROM staged_answer AS staged USING assignment AS known
    WHERE known.queue_id = :queue_id AND known.item_id = staged.item_id
      AND known.annotator_id = staged.annotator_id
""")

MOST_ANSWERS = text("""
    SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM staged_answer GROUP BY item_id) AS counted
""")
ADD_MEMBERS = text("""
    INSERT INTO queue_member (queue_id, annotator_id, n_submitted)
    SELECT :queue_id, annotator_id, count(*) FROM staged_answer GROUP BY annotator_id ORDER BY annotator_id
    ON CONFLICT (queue_id, annotator_id)
        DO UPDATE SET n_submitted = queue_member.n_submitted + excluded.n_submitted
""")
# As many places as answers, all of them taken. What is expected of an item is what its answers say, and the
# labels that came with its responses' QA pairs: looked up item by item, since only the staged answers have
# been analysed, and all else looks empty to the planner.
TAKE_PLACES = text("""
    INSERT INTO queue_item AS item
        (queue_id, item_id, pos, overlap, n_assigned, n_submitted, harm_mask, severity_prior)
    SELECT :queue_id, item_id, :last_pos + row_number() OVER (ORDER BY item_id), n, n, n,
           coalesce(answered.harm_mask, 0) | coalesce(labelled.harm_mask, 0),
           greatest(answered.severity, labelled.severity, 0)
    FROM (
        SELECT item_id, count(*) AS n, bit_or(harm_mask) AS harm_mask, max(severity) AS severity
        FROM staged_answer GROUP BY item_id
    ) AS answered
    LEFT JOIN LATERAL (
        SELECT max(CAST(answer ->> 'severity' AS int)) AS severity, bit_or(mask) AS harm_mask
        FROM item_response AS member
        JOIN item_response AS of_pair ON of_pair.response_id = member.response_id
        JOIN reference_label AS label ON label.item_id = of_pair.item_id AND dimension = 'safety'
        LEFT JOIN LATERAL (
            SELECT bit_or(1 << CAST(place AS int) - 1) AS mask
            FROM jsonb_array_elements_text(answer -> 'harm_categories') AS category
            JOIN unnest(CAST(:category_names AS text[])) WITH ORDINALITY AS names (name, place)
              ON name = category
        ) AS named ON true
        WHERE member.item_id = answered.item_id
    ) AS labelled ON true
    ON CONFLICT (queue_id, item_id) DO UPDATE
    SET overlap = item.overlap + excluded.overlap, n_assigned = item.n_assigned + excluded.n_assigned,
        n_submitted = item.n_submitted + excluded.n_submitted,
        harm_mask = item.harm_mask | excluded.harm_mask,
        severity_prior = greatest(item.severity_prior, excluded.severity_prior)
""")
ADD_ASSIGNMENTS = text("""
    INSERT INTO assignment (queue_id, item_id, annotator_id, status, created_at, expires_at, closed_at)
    SELECT :queue_id, item_id, annotator_id, 'submitted', at, at, at
    FROM staged_answer CROSS JOIN LATERAL (SELECT coalesce(answered_at, now()) AS at) AS answered
    ORDER BY line
""")
# The overlap is the most answers that an item has, as far as a queue may ask for so many.
FIT_QUEUE = text("""
    UPDATE queue
    SET last_pos = found.last_pos, overlap = greatest(queue.overlap, most),
        max_overlap = greatest(queue.max_overlap, most)
    FROM (
        SELECT least(max(overlap), 50) AS most, max(pos) AS last_pos
        FROM queue_item WHERE queue_id = :queue_id
    ) AS found
    WHERE id = :queue_id
""")


def add_annotations(dimension: Dimension) -> TextClause:
    """All in one statement: its triggers then find each item's answers complete, and write one pattern."""
    if dimension is Dimension.SAFETY:
        columns = "is_safe, harm_categories, harm_mask, severity"
        values = "severity = 0, harm_categories, harm_mask, severity"
    else:
        columns = "verdict, ranks, displayed_order, strength"
        values = f"verdict, {dimension}, displayed_order, strength"
    return text(f"""
        INSERT INTO annotation
            (assignment_id, dimension, confidence, taxonomy_version, guideline_version, active_ms, created_at,
             {columns})
        SELECT assignment.id, '{dimension}', confidence, coalesce(taxonomy_version, :taxonomy_version),
               guideline_version, active_ms, assignment.created_at, {values}
        FROM staged_answer JOIN assignment USING (item_id, annotator_id)
        WHERE queue_id = :queue_id ORDER BY line
    """)
