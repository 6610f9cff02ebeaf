"""The migrations make exactly the tables that the models describe, and can be taken back."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import String, Text, inspect, text

from app.db import Base, engine, session_factory
from app.projects.pku import PKU
from app.projects.taxonomy import taxonomy_in
from app.settings import settings
from tests.conftest import ROOT

SCRATCH = "scratch"


@pytest.fixture
def alembic() -> Config:
    return Config(ROOT / "alembic.ini")


@pytest.fixture
def scratch_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty database on the same server; every setting points to it meanwhile."""
    owner = str(settings().owner_database_url)
    with psycopg.connect(owner.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {SCRATCH}")
        for name, url in (
            ("DATABASE_URL", settings().database_url),
            ("EVENHAND_OWNER_DATABASE_URL", owner),
        ):
            monkeypatch.setenv(name, f"{url.rpartition('/')[0]}/{SCRATCH}")
        usual_engine = engine()
        forget_settings()
        yield
        engine().dispose()
        connection.execute(f"DROP DATABASE {SCRATCH}")
    monkeypatch.undo()
    usual_engine.dispose()
    forget_settings()


def forget_settings() -> None:
    for cached in (settings, engine, session_factory):
        cached.cache_clear()


def test_nothing_is_left_to_migrate(alembic: Config) -> None:
    command.check(alembic)


@pytest.mark.usefixtures("scratch_database")
def test_everything_can_be_taken_back_and_made_again(alembic: Config) -> None:
    command.upgrade(alembic, "head")
    first = tables()
    assert first.keys() >= Base.metadata.tables.keys()
    command.downgrade(alembic, "base")
    assert tables().keys() == {"alembic_version"}
    command.upgrade(alembic, "head")
    assert tables() == first


@pytest.mark.usefixtures("scratch_database")
def test_a_project_from_before_taxonomies_has_the_categories_it_had(alembic: Config) -> None:
    command.upgrade(alembic, "0012")
    with engine().begin() as connection:
        old = text("INSERT INTO project (name, taxonomy_version) VALUES ('Old', 'pku-19.1')")
        connection.execute(old)
    command.upgrade(alembic, "0013")
    with engine().connect() as connection:
        number, content = connection.execute(text("SELECT number, content FROM taxonomy_version")).one()
    taxonomy = taxonomy_in(content)
    assert (number, taxonomy.version, taxonomy.category_names) == (1, "pku-19.1", PKU.category_names)


def tables() -> dict[str, list[str]]:
    """Columns by table."""
    with engine().connect() as connection:
        inspector = inspect(connection)
        return {
            name: sorted(f"{column['name']} {column['type']!r}" for column in inspector.get_columns(name))
            for name in inspector.get_table_names()
        }


@pytest.mark.usefixtures("scratch_database")
def test_groups_that_differ_in_letter_case_alone_are_to_be_renamed_first(alembic: Config) -> None:
    command.upgrade(alembic, "0025")
    with engine().begin() as connection:
        for name in ("Medical team", "medical Team", "Others"):
            connection.execute(text("INSERT INTO person_group (name) VALUES (:name)"), {"name": name})
    with pytest.raises(RuntimeError, match=r"(?i)“medical team” and “medical team” do: rename or delete"):
        command.upgrade(alembic, "0026")
    with engine().begin() as connection:
        connection.execute(text("DELETE FROM person_group WHERE name = 'medical Team'"))
    command.upgrade(alembic, "0026")


def test_no_text_has_a_length_limit_in_the_database() -> None:
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    assert len(columns) > 50
    for column in columns:
        assert not isinstance(column.type, String) or isinstance(column.type, Text), column


def test_every_time_knows_its_zone() -> None:
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.name.endswith("_at"):
                assert column.type.timezone, column  # type: ignore[attr-defined]
