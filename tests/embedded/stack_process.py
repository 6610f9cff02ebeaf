"""A whole stack in a process of its own, as `make run` starts it, to be interrupted and killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from dotenv import dotenv_values

from app.embedded.processes import free_port, identity
from app.embedded.records import Record, read_records

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class StackProcess:
    home: Path
    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def record(self, name: str) -> Record:
        return next(record for record in read_records(self.home) if record.name == name)

    def n_starts(self) -> int:
        """How often the database was migrated: the one thing that this application stores."""
        url = dotenv_values(self.home / "run.env")["DATABASE_URL"] or ""
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            row = connection.execute("SELECT count(*) FROM start").fetchone()
        assert row is not None
        return int(row[0])

    def kill(self, name: str) -> Record:
        record = self.record(name)
        os.kill(record.pid, signal.SIGKILL)
        return record

    def kill_itself(self) -> None:
        self.process.kill()
        self.process.wait()

    def kill_guard_and_itself(self) -> None:
        # Stopped first, or it would start another guard.
        self.process.send_signal(signal.SIGSTOP)
        for child in psutil.Process(self.process.pid).children():
            if "app.embedded.guard" in child.cmdline():
                child.kill()
        self.kill_itself()

    def interrupt(self) -> int:
        """Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)

    def wait_until_running(self) -> None:
        wait_until(lambda: "Evenhand is running" in self.said() or self.process.poll() is not None)
        assert "Evenhand is running" in self.said(), self.said()

    def wait_until_replaced(self, killed: Record) -> None:
        wait_until(lambda: self.record(killed.name).pid != killed.pid)
        wait_until(lambda: identity(self.record(killed.name).pid) is not None)


def start_stack(
    home: Path, *, output_name: str = "output", port: int | None = None, **environment: str
) -> StackProcess:
    output = home.parent / output_name
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.embedded.standin_stack", str(home), str(port or free_port())],
            stdout=file,
            stderr=file,
            cwd=PROJECT,
            env=_without_servers() | environment,
        )
    return StackProcess(home, process, output)


def _without_servers() -> dict[str, str]:
    given = ("DATABASE_URL", "EVENHAND_OWNER_DATABASE_URL", "REDIS_URL", "EVENHAND_SECRET_KEY")
    return {name: value for name, value in os.environ.items() if name not in given}


def processes_of(home: Path) -> dict[int, str]:
    """Process id -> command line of all that was started for this data folder and still runs."""
    found = {}
    for process in psutil.process_iter():
        try:
            is_ours = process.environ().get("EVENHAND_HOME") == str(home)
            command = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if is_ours or str(home) in command:
            found[process.pid] = command
    return found


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)
