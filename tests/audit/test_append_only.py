"""The audit log is only ever added to: the database says so, to the web's role and to the owner."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.audit.queries import may_change_log
from app.db import engine
from tests.tables import owner_engine

CHANGES = (
    "UPDATE audit_entry SET reason = 'another'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
)


def change(database: Engine, statement: str) -> None:
    with database.begin() as connection:
        connection.execute(text(statement))


def test_the_web_adds_to_it(session: Session) -> None:
    record(session, Action.CREATED, "queue")
    assert session.scalars(text("SELECT current_user")).one() == "evenhand_web"
    assert not may_change_log(session)


@pytest.mark.parametrize("statement", CHANGES)
def test_the_web_may_not_change_it(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied for table audit_entry"):
        change(engine(), statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_its_owner_is_refused_too(statement: str) -> None:
    with pytest.raises(ProgrammingError, match="the audit log is only ever added to"):
        change(owner_engine(), statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_entry_only_added ON audit_entry",
        "SET session_replication_role = replica",
        "SET ROLE evenhand",
    ],
)
def test_the_web_can_take_no_such_right(statement: str) -> None:
    with pytest.raises(ProgrammingError):
        change(engine(), statement)


def test_a_table_of_a_later_migration_is_the_webs_to_use() -> None:
    change(owner_engine(), "CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
    try:
        change(engine(), "INSERT INTO later (name) VALUES ('a')")
        change(engine(), "UPDATE later SET name = 'b'")
        change(engine(), "DELETE FROM later")
    finally:
        change(owner_engine(), "DROP TABLE later")


@pytest.mark.usefixtures("database")
def test_a_site_with_one_role_works_and_is_told() -> None:
    alone = os.environ | {"DATABASE_URL": os.environ["EVENHAND_OWNER_DATABASE_URL"]}
    del alone["EVENHAND_OWNER_DATABASE_URL"]
    for command, said in (("migrate", ""), ("check", "could change the audit log")):
        ended = subprocess.run(
            [sys.executable, "-m", "app.cli", command], env=alone, capture_output=True, text=True, check=True
        )
        assert said in ended.stdout
