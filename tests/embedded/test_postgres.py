"""The embedded PostgreSQL: its data, and what an earlier one may have left behind."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from app.embedded import account
from app.embedded.children import Children
from app.embedded.postgres import Postgres, start_postgres
from app.embedded.processes import identity


def ask(server: Postgres, question: str) -> object:
    with psycopg.connect(server.owner_url.replace("+psycopg", "")) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def test_it_sorts_text_alike_on_every_machine(children: Children) -> None:
    server = start_postgres(children, durable=False)
    provider = "SELECT datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = 'evenhand'"
    assert ask(server, provider) == "b C.UTF-8"
    assert ask(server, "SELECT 'Z' < 'a'") is True


def test_it_lets_nobody_in_without_its_password(children: Children) -> None:
    server = start_postgres(children, durable=False)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(server.owner_url.replace("+psycopg", "").replace(server.password, "guess")).close()


def test_it_keeps_its_data_after_a_kill(children: Children) -> None:
    server = start_postgres(children)
    with psycopg.connect(server.owner_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    os.kill(children.by_name["PostgreSQL"].process.pid, signal.SIGKILL)
    children.by_name["PostgreSQL"].process.wait()
    assert ask(start_postgres(children), "SELECT number FROM kept") == 42


def test_it_starts_though_its_pid_file_names_a_living_process_of_ours(children: Children) -> None:
    server = start_postgres(children, durable=False)
    pid_file = server.data / "postmaster.pid"
    content = pid_file.read_text().splitlines()
    children.stop("PostgreSQL")
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        pid_file.write_text("\n".join([str(bystander.pid), *content[1:]]) + "\n")
        assert ask(start_postgres(children, durable=False), "SELECT 1") == 1
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_it_stops_a_server_that_was_left_running_on_its_data(children: Children) -> None:
    start_postgres(children, durable=False)
    forgotten = children.by_name.pop("PostgreSQL")
    assert ask(start_postgres(children, durable=False), "SELECT 1") == 1
    assert identity(forgotten.process.pid) is None
    forgotten.process.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root has to run it as another user.")
@pytest.mark.parametrize("home_mode", [0o711, 0o700])
def test_roots_data_stays_in_use_where_user_namespaces_are_forbidden(
    children: Children, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home_mode: int
) -> None:
    with psycopg.connect(start_postgres(children).owner_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    children.stop("PostgreSQL")
    children.home.chmod(home_mode)
    monkeypatch.setattr(account, "SHARED_FOLDER", tmp_path / "shared")
    # Without the program that makes a user namespace.
    monkeypatch.setenv("PATH", str(tmp_path))
    server = start_postgres(children)
    assert server.account.uid is not None
    assert server.data.is_relative_to(children.home if home_mode == 0o711 else tmp_path / "shared")
    assert ask(server, "SELECT number FROM kept") == 42
