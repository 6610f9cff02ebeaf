"""A demo campaign, and a way to remove it for good: the one exception to that content stays.

A project is a demo from its first moment or never: a row of `demo_campaign` is refused for one that has
prompts or queues. `remove_demo` removes such a project, with all that refers to it, by the foreign keys that
the catalogue knows, so a table that is added later is emptied too; tables that name a project or a queue
without a key, by the names of their columns. The log stays as it is. What keeps content lets a transaction
through that has a row in `demo_removal`, where nobody but this function can write.

It first locks the project's row, so an import that brings prompts waits and then finds no project; then its
imports, which an import marks when it ends; then the members, for whom every claim and answer waits; then
the queues, behind which items are added.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFUSE_LATE_DEMO = """
    CREATE FUNCTION refuse_late_demo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM prompt WHERE project_id = NEW.project_id)
           OR EXISTS (SELECT FROM queue WHERE project_id = NEW.project_id) THEN
            RAISE EXCEPTION 'a project with content becomes no demo'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""
REFUSE_CHANGE = """
    CREATE OR REPLACE FUNCTION refuse_change_of_content() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM demo_removal) THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'a row of % stays where it is', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
REFUSE_CHANGE_BEFORE = """
    CREATE OR REPLACE FUNCTION refuse_change_of_content() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'a row of % stays where it is', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""

# `which`: a condition of rows of `parent`. Those that refer to them go first, by whatever path; most paths
# after the first one find nothing left, and end there.
REMOVE_ROWS = """
    CREATE FUNCTION remove_rows(parent regclass, which text) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        has_any boolean;
        reference record;
    BEGIN
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %s)', parent, which) INTO has_any;
        IF NOT has_any THEN
            RETURN;
        END IF;
        FOR reference IN
            SELECT conrelid::regclass AS child,
                   (SELECT string_agg(format('%I', attname), ', ' ORDER BY place)
                    FROM unnest(conkey) WITH ORDINALITY AS of_child (attnum, place)
                    JOIN pg_attribute USING (attnum) WHERE attrelid = conrelid) AS columns,
                   (SELECT string_agg(format('%I', attname), ', ' ORDER BY place)
                    FROM unnest(confkey) WITH ORDINALITY AS of_parent (attnum, place)
                    JOIN pg_attribute USING (attnum) WHERE attrelid = confrelid) AS keys
            FROM pg_constraint
            WHERE contype = 'f' AND confrelid = parent AND conrelid <> confrelid
            ORDER BY conname
        LOOP
            PERFORM remove_rows(reference.child, format(
                '(%s) IN (SELECT %s FROM %s WHERE %s)',
                reference.columns, reference.keys, parent, which
            ));
        END LOOP;
        EXECUTE format('DELETE FROM %s WHERE %s', parent, which);
    END $$
"""
# Tables without a key come last: triggers keep sums in some of them while rows go. %L of no queues is NULL.
# A simulated person whom somebody has given other work, or signed in as, stays as a closed account.
REMOVE_DEMO = """
    CREATE FUNCTION remove_demo(demo_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        of_project text := format('project_id = %s', demo_id);
        of_queues text;
        person bigint;
        named record;
    BEGIN
        PERFORM FROM project WHERE id = demo_id FOR UPDATE;
        IF NOT EXISTS (SELECT FROM demo_campaign WHERE project_id = demo_id) THEN
            RAISE EXCEPTION 'project % is no demo', demo_id USING ERRCODE = 'insufficient_privilege';
        END IF;
        PERFORM FROM import WHERE project_id = demo_id ORDER BY id FOR UPDATE;
        PERFORM FROM queue_member JOIN queue ON queue.id = queue_id WHERE project_id = demo_id
            ORDER BY queue_id, annotator_id FOR UPDATE OF queue_member;
        PERFORM FROM queue WHERE project_id = demo_id ORDER BY id FOR UPDATE;
        SELECT format('queue_id = ANY (%L)', array_agg(id)) INTO of_queues
            FROM queue WHERE project_id = demo_id;
        INSERT INTO demo_removal VALUES (demo_id);
        PERFORM remove_rows('project', format('id = %s', demo_id));
        FOR named IN
            SELECT attrelid::regclass AS name, attname FROM pg_attribute JOIN pg_class ON oid = attrelid
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT attisdropped
              AND attname IN ('project_id', 'queue_id') AND relname <> 'audit_entry'
              AND NOT EXISTS (SELECT FROM pg_constraint
                              WHERE contype = 'f' AND conrelid = attrelid AND attnum = ANY (conkey))
        LOOP
            EXECUTE format('DELETE FROM %s WHERE %s', named.name,
                           CASE named.attname WHEN 'project_id' THEN of_project ELSE of_queues END);
        END LOOP;
        DELETE FROM demo_removal;
        FOR person IN SELECT user_id FROM demo_person LOOP
            BEGIN
                DELETE FROM demo_person WHERE user_id = person;
                DELETE FROM qualification WHERE user_id = person;
                DELETE FROM user_account WHERE id = person;
            EXCEPTION WHEN foreign_key_violation THEN
                UPDATE user_account SET is_active = false WHERE id = person;
            END;
        END LOOP;
    END $$
"""
FOR_THE_WEB = """
    DO $$ BEGIN
        REVOKE EXECUTE ON FUNCTION remove_rows(regclass, text) FROM PUBLIC;
        REVOKE EXECUTE ON FUNCTION remove_demo(bigint) FROM PUBLIC;
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'evenhand_web') THEN
            GRANT EXECUTE ON FUNCTION remove_demo(bigint) TO evenhand_web;
            REVOKE INSERT, UPDATE, DELETE ON TABLE demo_removal FROM evenhand_web;
        END IF;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "demo_campaign",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("is_only", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("n_done", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("is_only", name=op.f("demo_campaign_is_only_check")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'filled', 'done', 'failed')",
            name=op.f("demo_campaign_state_check"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name=op.f("demo_campaign_asked_by_fkey")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("demo_campaign_project_id_fkey")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("demo_campaign_pkey")),
        sa.UniqueConstraint("is_only", name=op.f("demo_campaign_is_only_key")),
    )
    op.create_table(
        "demo_person",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("demo_person_user_id_fkey")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("demo_person_pkey")),
    )
    op.create_table(
        "demo_removal",
        sa.Column("demo_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("demo_id", name=op.f("demo_removal_pkey")),
    )
    op.execute(REFUSE_LATE_DEMO)
    op.execute("""
        CREATE TRIGGER demo_campaign_from_the_start BEFORE INSERT OR UPDATE OF project_id ON demo_campaign
        FOR EACH ROW EXECUTE FUNCTION refuse_late_demo()
    """)
    op.execute(REFUSE_CHANGE)
    op.execute(REMOVE_ROWS)
    op.execute(REMOVE_DEMO)
    op.execute(FOR_THE_WEB)


def downgrade() -> None:
    op.execute("DROP FUNCTION remove_demo(bigint)")
    op.execute("DROP FUNCTION remove_rows(regclass, text)")
    op.execute(REFUSE_CHANGE_BEFORE)
    op.drop_table("demo_removal")
    op.drop_table("demo_person")
    op.drop_table("demo_campaign")
    op.execute("DROP FUNCTION refuse_late_demo()")
