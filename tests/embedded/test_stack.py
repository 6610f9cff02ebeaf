"""The one command that runs everything: what it starts, revives and stops."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from dotenv import dotenv_values

from app.embedded.probes import worker_answers
from tests.embedded.stack_process import StackProcess, processes_of, start_stack, wait_until


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    stack = start_stack(tmp_path_factory.mktemp("stack") / "home")
    try:
        stack.wait_until_running()
        yield stack
    finally:
        stack.interrupt()


def test_it_prints_the_address_and_the_sign_ins(running: StackProcess) -> None:
    assert "Evenhand is running: http://127.0.0.1:" in running.said()
    assert "annotator: anna / secret" in running.said()


def test_it_leaves_what_other_commands_need_to_its_owner_alone(running: StackProcess) -> None:
    file = running.home / "run.env"
    variables = dotenv_values(file)
    assert file.stat().st_mode & 0o077 == 0
    assert (running.home / "secret_key").stat().st_mode & 0o077 == 0
    assert worker_answers(variables["REDIS_URL"] or "")
    assert variables["EVENHAND_HOME"] == str(running.home)
    assert len(variables["EVENHAND_SECRET_KEY"] or "") >= 32


def test_it_refuses_a_second_start_with_the_same_data(running: StackProcess) -> None:
    second = start_stack(running.home, output_name="second")
    assert second.process.wait(30) == 1
    assert "Already running" in second.said()
    assert running.process.poll() is None


@pytest.mark.parametrize("name", ["web", "worker", "beat", "Valkey"])
def test_it_starts_again_what_was_killed(running: StackProcess, name: str) -> None:
    killed = running.kill(name)
    running.wait_until_replaced(killed)
    assert f"{name} ended (exit code -9); starting it again" in running.said()


def test_it_starts_postgres_again_where_it_was_and_with_its_data(running: StackProcess) -> None:
    killed = running.kill("PostgreSQL")
    running.wait_until_replaced(killed)
    wait_until(lambda: _has_rows(running))


def _has_rows(stack: StackProcess) -> bool:
    try:
        return stack.n_starts() == 1
    except psycopg.OperationalError:
        return False


def test_ctrl_c_stops_everything_and_the_next_start_has_the_data(data_home: Path) -> None:
    first = start_stack(data_home)
    first.wait_until_running()
    assert first.interrupt() == 0
    assert processes_of(data_home) == {}
    second = start_stack(data_home)
    second.wait_until_running()
    assert second.n_starts() == 2
    # The same data folder, now under a supervisor that gets no chance to stop anything.
    second.kill_itself()
    wait_until(lambda: processes_of(data_home) == {})


def test_a_killed_supervisor_and_guard_are_cleaned_up_after_by_the_next_start(data_home: Path) -> None:
    first = start_stack(data_home)
    first.wait_until_running()
    first.kill_guard_and_itself()
    left_over = processes_of(data_home)
    assert any("postgres" in command for command in left_over.values())
    second = start_stack(data_home)
    second.wait_until_running()
    assert second.n_starts() == 2
    assert left_over.keys().isdisjoint(processes_of(data_home))
    assert second.interrupt() == 0
    assert processes_of(data_home) == {}
