"""A start that fails says why, and leaves nothing running."""

import socket
from pathlib import Path

from app.embedded.processes import free_port
from tests.embedded.stack_process import PATIENCE_SECONDS, processes_of, start_stack


def test_a_taken_port_is_named_with_the_setting_that_changes_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        stack = start_stack(tmp_path / "home", port=taken.getsockname()[1])
        assert stack.process.wait(PATIENCE_SECONDS) == 1
    assert "is taken. Choose another with EVENHAND_PORT." in stack.said()


def test_servers_named_in_the_environment_are_used_in_place_of_embedded_ones(tmp_path: Path) -> None:
    nobody_there = f"postgresql://evenhand@127.0.0.1:{free_port()}/evenhand"
    stack = start_stack(tmp_path / "home", DATABASE_URL=nobody_there)
    assert stack.process.wait(PATIENCE_SECONDS) == 1
    assert "the server of DATABASE_URL does not let us in" in stack.said()
    assert not (tmp_path / "home" / "pg18").exists()


def test_a_failed_migration_shows_the_end_of_its_log_and_stops_the_servers(data_home: Path) -> None:
    stack = start_stack(data_home, EVENHAND_TEST_FAILURE="No such table")
    assert stack.process.wait(PATIENCE_SECONDS) == 1
    assert "migration failed (exit code 1)" in stack.said()
    assert "No such table" in stack.said()
    assert processes_of(data_home) == {}
