"""Content stays: what an import stored is never deleted, so that what refers to it is checked in sets.

A foreign key looks up and locks each parent of each row, which was half of PostgreSQL's work at an import.
The locks are for parents that may go. Prompts, responses, items and imports never do, nor move: triggers say
so. Then a parent that is there once is there for good, no lock is needed, and one statement checks all rows
that another one added. That an item and its prompt are of one project is checked along with it. The foreign
keys stay to be read (NOT ENFORCED, known from PostgreSQL 18 on), and all other ones hold as before.
"""

from collections.abc import Sequence
from typing import NamedTuple

from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


class Reference(NamedTuple):
    """`condition`: of a row of the table `added` and its `parent`."""

    parent: str
    condition: str


REFERENCES = {
    "response": [Reference("prompt", "parent.id = added.prompt_id")],
    "item": [Reference("prompt", "parent.id = added.prompt_id AND parent.project_id = added.project_id")],
    "item_response": [
        Reference("item", "parent.id = added.item_id"),
        Reference("response", "parent.id = added.response_id"),
    ],
    "reference_label": [
        Reference("item", "parent.id = added.item_id"),
        Reference("import", "parent.id = added.import_id"),
    ],
}
FOREIGN_KEYS = {
    "response": ("prompt_id",),
    "item": ("project_id", "prompt_id"),
    "item_response": ("item_id", "response_id"),
    "reference_label": ("item_id", "import_id"),
}
STAY = {
    "prompt": "DELETE OR UPDATE OF id, project_id",
    "response": "DELETE OR UPDATE OF id, prompt_id",
    "item": "DELETE OR UPDATE OF id, project_id, prompt_id",
    "import": "DELETE OR UPDATE OF id",
    "item_response": "UPDATE OF item_id, response_id",
    "reference_label": "UPDATE OF item_id, import_id",
}

# Planned anew each time, as EXECUTE does: a plan kept from when the parents were few would read them whole.
# The inner SELECT is one look-up by the parent's primary key for each row.
REFUSE_ORPHANS = """
    CREATE FUNCTION refuse_orphans() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        has_orphans boolean;
    BEGIN
        FOR place IN 0 .. TG_NARGS - 1 BY 2 LOOP
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM added
                 WHERE (SELECT true FROM %I.%I AS parent WHERE %s) IS NULL)',
                TG_TABLE_SCHEMA, TG_ARGV[place], TG_ARGV[place + 1]
            ) INTO has_orphans;
            IF has_orphans THEN
                RAISE EXCEPTION 'there is no such % for a row of %', TG_ARGV[place], TG_TABLE_NAME
                    USING ERRCODE = 'foreign_key_violation';
            END IF;
        END LOOP;
        RETURN NULL;
    END $$
"""
REFUSE_CHANGE = """
    CREATE FUNCTION refuse_change_of_content() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'a row of % stays where it is', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""


def upgrade() -> None:
    op.execute(REFUSE_CHANGE)
    for table, changes in STAY.items():
        op.execute(f"""
            CREATE TRIGGER {table}_stays BEFORE {changes} ON "{table}"
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_content()
        """)
    op.execute(REFUSE_ORPHANS)
    for table, references in REFERENCES.items():
        arguments = ", ".join(f"'{argument}'" for reference in references for argument in reference)
        op.execute(f"""
            CREATE TRIGGER {table}_has_parents AFTER INSERT ON {table} REFERENCING NEW TABLE AS added
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_orphans({arguments})
        """)
    enforce_foreign_keys("NOT ENFORCED")


def downgrade() -> None:
    enforce_foreign_keys("ENFORCED")
    for table in REFERENCES:
        op.execute(f"DROP TRIGGER {table}_has_parents ON {table}")
    op.execute("DROP FUNCTION refuse_orphans()")
    for table in STAY:
        op.execute(f'DROP TRIGGER {table}_stays ON "{table}"')
    op.execute("DROP FUNCTION refuse_change_of_content()")


def enforce_foreign_keys(how: str) -> None:
    for table, columns in FOREIGN_KEYS.items():
        for column in columns:
            # Not to lose what it guarantees: the triggers guarantee it.
            op.execute(f"""
                -- squawk-ignore ban-drop-constraint
                ALTER TABLE {table} ALTER CONSTRAINT {table}_{column}_fkey {how}
            """)
