"""Agreement: each item's answers as one row that follows them, posteriors, and a report a night.

`annotation.harm_mask` is computed from the categories, so the table is written anew under its lock.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
needs_downtime = True

CATEGORIES = (
    "Endangering National Security",
    "Insulting Behavior",
    "Discriminatory Behavior",
    "Endangering Public Health",
    "Copyright Issues",
    "Violence",
    "Drugs",
    "Privacy Violation",
    "Economic Crime",
    "Mental Manipulation",
    "Human Trafficking",
    "Physical Harm",
    "Sexual Content",
    "Cybercrime",
    "Disrupting Public Order",
    "Environmental Damage",
    "Psychological Harm",
    "White-Collar Crime",
    "Animal Abuse",
)
HARM_MASK = """
    CREATE FUNCTION harm_mask(names text[]) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (
        SELECT coalesce(bit_or(1 << (array_position(CAST(ARRAY['{names}'] AS text[]), name) - 1)), 0)
        FROM unnest(names) AS name)
"""

# The row is locked before the answers are read, so of two changes at once the later one sees both.
FOLLOW_ANSWERS = """
    CREATE FUNCTION follow_answers(of_queue bigint, of_item bigint, of_dimension text) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
        known integer[];
        present integer[];
    BEGIN
        LOOP
            SELECT answers INTO known FROM item_pattern
            WHERE queue_id = of_queue AND dimension = of_dimension AND item_id = of_item FOR UPDATE;
            EXIT WHEN FOUND;
            INSERT INTO item_pattern (queue_id, dimension, item_id) VALUES (of_queue, of_dimension, of_item)
            ON CONFLICT DO NOTHING;
        END LOOP;
        SELECT array_agg(answer ORDER BY answer) INTO present FROM (
            SELECT CASE of_dimension WHEN 'safety' THEN ARRAY[severity, harm_mask]
                   ELSE CAST(ranks AS integer[]) END AS answer
            FROM assignment JOIN annotation ON assignment_id = assignment.id
            WHERE queue_id = of_queue AND item_id = of_item AND status = 'submitted' AND takes_place
              AND dimension = of_dimension AND superseded_at IS NULL) AS counted
        WHERE answer IS NOT NULL;
        present := coalesce(present, '{}');
        IF present <> known THEN
            UPDATE item_pattern SET answers = present
            WHERE queue_id = of_queue AND dimension = of_dimension AND item_id = of_item;
            INSERT INTO pattern_change (queue_id, dimension, item_id, answers, n_items)
            SELECT of_queue, of_dimension, of_item, pattern.answers, n
            FROM (VALUES (known, -1), (present, 1)) AS pattern (answers, n)
            WHERE cardinality(pattern.answers) > 0;
        END IF;
    END $$
"""
FOLLOW_ANNOTATION = """
    CREATE FUNCTION follow_annotation() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM follow_answers(queue_id, item_id, NEW.dimension) FROM assignment
        WHERE id = NEW.assignment_id AND status = 'submitted' AND takes_place;
        RETURN NULL;
    END $$
"""
FOLLOW_ASSIGNMENT = """
    CREATE FUNCTION follow_assignment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM follow_answers(NEW.queue_id, NEW.item_id, dimension) FROM annotation
        WHERE assignment_id = NEW.id AND superseded_at IS NULL;
        RETURN NULL;
    END $$
"""
TRIGGERS = (
    """
    CREATE TRIGGER annotation_added AFTER INSERT ON annotation
    FOR EACH ROW EXECUTE FUNCTION follow_annotation()
    """,
    """
    CREATE TRIGGER annotation_changed AFTER UPDATE ON annotation
    FOR EACH ROW EXECUTE FUNCTION follow_annotation()
    """,
    """
    CREATE TRIGGER assignment_counts AFTER UPDATE OF status, takes_place ON assignment
    FOR EACH ROW WHEN ((OLD.status = 'submitted' AND OLD.takes_place)
        IS DISTINCT FROM (NEW.status = 'submitted' AND NEW.takes_place))
    EXECUTE FUNCTION follow_assignment()
    """,
)

PRESENT_PATTERNS = """
    INSERT INTO item_pattern (queue_id, dimension, item_id, answers)
    SELECT queue_id, dimension, item_id, array_agg(answer ORDER BY answer)
    FROM (SELECT queue_id, dimension, item_id,
              CASE dimension WHEN 'safety' THEN ARRAY[severity, harm_mask] ELSE CAST(ranks AS integer[]) END
          FROM assignment JOIN annotation ON assignment_id = assignment.id
          WHERE status = 'submitted' AND takes_place AND superseded_at IS NULL
         ) AS counted (queue_id, dimension, item_id, answer)
    WHERE answer IS NOT NULL
    GROUP BY queue_id, dimension, item_id
"""
PRESENT_CHANGES = """
    INSERT INTO pattern_change (queue_id, dimension, item_id, answers, n_items)
    SELECT queue_id, dimension, item_id, answers, 1 FROM item_pattern
"""


def upgrade() -> None:
    op.execute(HARM_MASK.format(names="', '".join(CATEGORIES)))
    op.add_column(
        "annotation",
        sa.Column("harm_mask", sa.Integer(), sa.Computed("harm_mask(harm_categories)", persisted=True)),
    )
    make_tables()
    op.add_column(
        "project", sa.Column("consensus_rule", sa.Text(), server_default="majority", nullable=False)
    )
    op.add_column("project", sa.Column("quorum", sa.SmallInteger(), server_default="1", nullable=False))
    op.create_check_constraint(
        op.f("project_consensus_rule_check"), "project", "consensus_rule IN ('majority', 'posterior')"
    )
    op.create_check_constraint(op.f("project_quorum_check"), "project", "quorum BETWEEN 1 AND 50")
    op.add_column("agreement_report", sa.Column("night", sa.Date(), nullable=True))
    op.create_unique_constraint(
        op.f("agreement_report_queue_id_night_key"), "agreement_report", ["queue_id", "night"]
    )
    op.add_column(
        "agreement_report",
        sa.Column("content", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute("UPDATE agreement_report SET content = jsonb_build_object('figures', figures)")
    op.drop_column("agreement_report", "figures")
    op.alter_column("agreement_report", "content", server_default=None)
    for function in (FOLLOW_ANSWERS, FOLLOW_ANNOTATION, FOLLOW_ASSIGNMENT):
        op.execute(function)
    for trigger in TRIGGERS:
        op.execute(trigger)
    op.execute(PRESENT_PATTERNS)
    op.execute(PRESENT_CHANGES)


def of_queue() -> tuple[sa.Column[int], sa.Column[str]]:
    return (
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
    )


def make_tables() -> None:
    op.create_table(
        "item_pattern",
        *of_queue(),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "dimension", "item_id", name=op.f("item_pattern_pkey")),
        postgresql_with={"fillfactor": 85},
    )
    op.create_table(
        "pattern_change",
        *of_queue(),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("n_items", sa.SmallInteger(), nullable=False),
    )
    op.create_table(
        "pattern_count",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        *of_queue(),
        sa.Column("answers", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("n_items", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pattern_count_pkey")),
    )
    op.create_index(op.f("pattern_count_queue_id_dimension_idx"), "pattern_count", ["queue_id", "dimension"])
    op.create_table(
        "live_agreement",
        *of_queue(),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("n_items", sa.BigInteger(), nullable=False),
        sa.Column("n_answers", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "dimension", name=op.f("live_agreement_pkey")),
    )
    op.create_table(
        "consensus_model",
        *of_queue(),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("n_answers", sa.BigInteger(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "dimension", name=op.f("consensus_model_pkey")),
    )
    op.create_table(
        "item_consensus",
        *of_queue(),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("n_answers", sa.SmallInteger(), nullable=False),
        sa.Column("certainty", sa.REAL(), nullable=False),
        sa.Column("posterior", postgresql.ARRAY(sa.REAL()), nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "dimension", "item_id", name=op.f("item_consensus_pkey")),
    )
    op.create_table(
        "near_duplicate",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("first_item_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("near_duplicate_pkey")),
    )
    op.create_index(op.f("near_duplicate_project_id_idx"), "near_duplicate", ["project_id"])
    op.create_table(
        "near_duplicate_search",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("n_items", sa.BigInteger(), nullable=False),
        sa.Column("searched_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name=op.f("near_duplicate_search_pkey")),
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER assignment_counts ON assignment")
    op.execute("DROP TRIGGER annotation_changed ON annotation")
    op.execute("DROP TRIGGER annotation_added ON annotation")
    op.execute("DROP FUNCTION follow_assignment()")
    op.execute("DROP FUNCTION follow_annotation()")
    op.execute("DROP FUNCTION follow_answers(bigint, bigint, text)")
    for table in (
        "near_duplicate_search",
        "near_duplicate",
        "item_consensus",
        "consensus_model",
        "live_agreement",
        "pattern_count",
        "pattern_change",
        "item_pattern",
    ):
        op.drop_table(table)
    op.drop_column("project", "quorum")
    op.drop_column("project", "consensus_rule")
    op.add_column(
        "agreement_report",
        sa.Column("figures", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.execute("UPDATE agreement_report SET figures = content -> 'figures'")
    op.alter_column("agreement_report", "figures", server_default=None)
    op.drop_column("agreement_report", "content")
    op.drop_constraint(op.f("agreement_report_queue_id_night_key"), "agreement_report")
    op.drop_column("agreement_report", "night")
    op.drop_column("annotation", "harm_mask")
    op.execute("DROP FUNCTION harm_mask(text[])")
