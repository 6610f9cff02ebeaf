"""A role for the web process and the worker, which may add to the audit log and never change it.

Roles belong to the whole cluster: another database may have made this one already, or be about to, and a
downgrade leaves it there. An owner who may make no role goes on as the only one.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MAKE_ROLE = """
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'evenhand_web') THEN
            CREATE ROLE evenhand_web NOLOGIN;
        END IF;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
        WHEN insufficient_privilege THEN RAISE WARNING 'this user may not make the role evenhand_web';
    END $$
"""
IF_THERE_IS_THE_ROLE = """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'evenhand_web') THEN
            {statements}
        END IF;
    END $$
"""
GRANT = """
            GRANT USAGE ON SCHEMA public TO evenhand_web;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO evenhand_web;
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO evenhand_web;
            ALTER DEFAULT PRIVILEGES IN SCHEMA public
                GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO evenhand_web;
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO evenhand_web;
            REVOKE UPDATE, DELETE ON TABLE audit_entry FROM evenhand_web;
            REVOKE INSERT, UPDATE, DELETE ON TABLE alembic_version FROM evenhand_web;
"""
REVOKE = """
            ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM evenhand_web;
            ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM evenhand_web;
            REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM evenhand_web;
            REVOKE ALL ON ALL TABLES IN SCHEMA public FROM evenhand_web;
            REVOKE ALL ON SCHEMA public FROM evenhand_web;
"""


def upgrade() -> None:
    op.execute(MAKE_ROLE)
    op.execute(IF_THERE_IS_THE_ROLE.format(statements=GRANT))
    op.execute("""
        CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'insufficient_privilege';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_entry_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entry_only_added ON audit_entry")
    op.execute("DROP FUNCTION refuse_audit_change()")
    op.execute(IF_THERE_IS_THE_ROLE.format(statements=REVOKE))
