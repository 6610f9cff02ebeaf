"""What the database holds of items: each row's parents are there, and stay."""

from typing import Any

import pytest
from psycopg.errors import ForeignKeyViolation, IntegrityConstraintViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, NotSupportedError
from sqlalchemy.orm import Session

from tests import make
from tests.tables import owner_engine

NOWHERE = 10**12
ORPHANS = (
    "INSERT INTO response (prompt_id, sha256, text, source) VALUES (:nowhere, '\\x00', 'a', '')",
    "INSERT INTO item (project_id, prompt_id, kind, sha256) VALUES (:project, :nowhere, 'qa_pair', '\\x00')",
    "INSERT INTO item (project_id, prompt_id, kind, sha256) VALUES (:nowhere, :prompt, 'qa_pair', '\\x00')",
    "INSERT INTO item (project_id, prompt_id, kind, sha256) VALUES (:other, :prompt, 'qa_pair', '\\x00')",
    "INSERT INTO item_response (item_id, position, response_id) VALUES (:nowhere, 0, :response)",
    "INSERT INTO item_response (item_id, position, response_id) VALUES (:item, 9, :nowhere)",
    "INSERT INTO reference_label (item_id, import_id, dimension, answer) "
    "VALUES (:nowhere, :import, 'safety', '{}')",
    "INSERT INTO reference_label (item_id, import_id, dimension, answer) "
    "VALUES (:item, :nowhere, 'safety', '{}')",
)
CHANGES = (
    "DELETE FROM prompt WHERE id = :prompt",
    "DELETE FROM response WHERE id = :response",
    "DELETE FROM item WHERE id = :item",
    "DELETE FROM import WHERE id = :import",
    "UPDATE prompt SET id = :nowhere WHERE id = :prompt",
    "UPDATE prompt SET project_id = :other WHERE id = :prompt",
    "UPDATE response SET prompt_id = :nowhere WHERE id = :response",
    "UPDATE item SET prompt_id = :nowhere WHERE id = :item",
    "UPDATE item SET project_id = :other WHERE id = :item",
    "UPDATE import SET id = :nowhere WHERE id = :import",
    "UPDATE item_response SET response_id = :nowhere WHERE item_id = :item",
    "UPDATE reference_label SET item_id = :nowhere WHERE item_id = :item",
)


@pytest.fixture
def ids(session: Session) -> dict[str, int]:
    """Of an item and its parents; `other`: of another project, `nowhere`: of nothing."""
    project, other = make.project(session), make.project(session)
    item = make.item(session, project)
    make.reference_safety(session, item.id, [], 0)
    found = session.execute(
        text("""
            SELECT item.id AS item, prompt_id AS prompt, response_id AS response, import_id AS import
            FROM item JOIN item_response ON item_response.item_id = item.id
            JOIN reference_label ON reference_label.item_id = item.id WHERE item.id = :id
        """),
        {"id": item.id},
    )
    return dict(found.mappings().one()) | {"project": project.id, "other": other.id, "nowhere": NOWHERE}


def refusal(session: Session, statement: str, ids: dict[str, int]) -> Any:
    """What PostgreSQL says against it."""
    with pytest.raises(IntegrityError) as refused, session.begin_nested():
        session.execute(text(statement), ids)
    return refused.value.orig


@pytest.mark.parametrize("statement", ORPHANS)
def test_a_row_without_its_parent_is_refused(session: Session, ids: dict[str, int], statement: str) -> None:
    assert isinstance(refusal(session, statement, ids), ForeignKeyViolation)


def test_one_orphan_among_many_rows_is_found(session: Session, ids: dict[str, int]) -> None:
    statement = """
        INSERT INTO response (prompt_id, sha256, text, source)
        SELECT CASE n WHEN 700 THEN :nowhere ELSE :prompt END, int4send(n), 'a', ''
        FROM generate_series(1, 1000) AS n
    """
    assert isinstance(refusal(session, statement, ids), ForeignKeyViolation)
    session.execute(text(statement), ids | {"nowhere": ids["prompt"]})


def test_one_statement_may_add_parents_and_children(session: Session, ids: dict[str, int]) -> None:
    statement = """
        WITH prompts AS (
            INSERT INTO prompt (project_id, sha256, text, source)
            SELECT :project, int8send(n + {first}), 'a', '' FROM generate_series(1, 3) AS n RETURNING id
        ), items AS (
            INSERT INTO item (project_id, prompt_id, kind, sha256)
            SELECT :{of_items}, id, 'qa_pair', int8send(id) FROM prompts RETURNING id
        )
        INSERT INTO item_response (item_id, position, response_id) SELECT id, 0, :response FROM items
    """
    session.execute(text(statement.format(first=0, of_items="project")), ids)
    assert isinstance(refusal(session, statement.format(first=3, of_items="other"), ids), ForeignKeyViolation)


@pytest.mark.parametrize("statement", CHANGES)
def test_what_others_may_refer_to_stays(session: Session, ids: dict[str, int], statement: str) -> None:
    refused = refusal(session, statement, ids)
    assert isinstance(refused, IntegrityConstraintViolation)
    assert "stays where it is" in str(refused)


def test_all_at_once_is_refused_too() -> None:
    """The web's role may not; its owner has to name all that refers to it."""
    refused = pytest.raises(NotSupportedError, match="cannot truncate a table referenced in a foreign key")
    with refused, owner_engine().begin() as connection:
        connection.execute(text("TRUNCATE prompt"))
