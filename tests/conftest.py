"""Real PostgreSQL and Valkey for the whole run; each test leaves the database as it found it."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.accounts.throttle import limiter
from app.cli import main
from app.db import engine
from app.embedded.servers import throwaway_servers
from app.main import create_app
from app.settings import settings
from app.web.deps import get_session
from app.web.log import configure_logging
from tests.disk import write_without_waiting
from tests.tables import empty_tables, owner_engine

ROOT = Path(__file__).parents[1]
# `make oracles` and `make readers` run these: they need other packages, and no servers.
collect_ignore = ["oracles", "readers"]

Evenhand = Callable[..., tuple[str | int | None, str]]


@pytest.fixture(scope="session", autouse=True)
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Throw-away servers, migrated; every setting points to them."""
    with throwaway_servers() as started:
        os.environ |= {
            "DATABASE_URL": started.postgres.web_url,
            "EVENHAND_OWNER_DATABASE_URL": started.postgres.owner_url,
            "REDIS_URL": started.valkey.url,
            "EVENHAND_SECRET_KEY": secrets.token_hex(32),
            "EVENHAND_HOME": str(tmp_path_factory.mktemp("home")),
        }
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        yield
        engine().dispose()
        owner_engine().dispose()


@pytest.fixture(scope="session", autouse=True)
def fast_disk() -> Iterator[None]:
    flush = os.fsync
    write_without_waiting()
    yield
    os.fsync = flush


@pytest.fixture
def session() -> Iterator[Session]:
    """Everything done in it is rolled back at the end; a failed request undoes its own part alone."""
    with engine().connect() as connection, connection.begin() as outer:
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        outer.rollback()


@pytest.fixture(scope="session")
def app(servers: None) -> FastAPI:
    """Made once: that takes longer than most tests."""
    return create_app()


@pytest.fixture
def client(session: Session, app: FastAPI) -> Iterator[TestClient]:
    """A browser whose requests see, and add to, the test's own transaction."""
    limiter().storage.reset()
    # To this test's own standard error.
    configure_logging()

    def same_session() -> Iterator[Session]:
        with session.begin_nested():
            yield session
        session.expire_all()

    app.dependency_overrides[get_session] = same_session
    with TestClient(app, base_url="http://testserver") as opened:
        yield opened
    app.dependency_overrides.clear()


@pytest.fixture
def database() -> Iterator[None]:
    """For tests that need real commits: all tables are empty again afterwards."""
    yield
    for n_left in (3, 2, 1, 0):
        try:
            empty_tables()
        except OperationalError:
            # A page that was just closed may still be read by the server: they stop each other, once.
            if not n_left:
                raise
        else:
            break


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of the test's own."""
    monkeypatch.setenv("EVENHAND_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def evenhand(
    database: None, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Evenhand:
    """Runs one command; gives what it exits with (0, or its one line) and what it prints."""

    def run(*arguments: str) -> tuple[str | int | None, str]:
        monkeypatch.setattr(sys, "argv", ["evenhand", *arguments])
        usual = os.umask(0o022)
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            # A command may have narrowed it, for its own process as it thinks.
            os.umask(usual)
        return ended.value.code, capsys.readouterr().out

    return run
