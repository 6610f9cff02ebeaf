"""The processes of one data folder: started, recorded, and none of them outlives us."""

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from app.embedded.lock import take_lock
from app.embedded.processes import StartError, identity
from app.embedded.records import Record, stop_record, stop_recorded, write_records

PROJECT = Path(__file__).resolve().parents[2]
KEPT_LOG_BYTES = 5_000_000


class StopRequested(Exception):
    """Somebody asked the stack to stop while it was waiting."""


@dataclass(frozen=True)
class Command:
    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    cwd: Path = PROJECT
    stop_signal: int = signal.SIGTERM
    patience_seconds: float = 10
    uid: int | None = None
    """Run as this user, which only root may ask for; None: as ourselves."""
    stdin: str = ""


@dataclass(frozen=True)
class Child:
    command: Command
    process: subprocess.Popen[bytes]
    record: Record
    log_start: int

    def said(self) -> str:
        """What it has written to its log since it was started."""
        with self.command.log.open("rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")

    def last_words(self) -> str:
        """A sentence and the end of its log, for the person at the terminal."""
        lines = self.said().strip().splitlines()[-15:]
        return "\n".join([f"See {self.command.log}, which ends with:", *(f"  {line}" for line in lines)])


@dataclass
class Children:
    home: Path
    lock: int
    stop_requested: bool = False
    by_name: dict[str, Child] = field(default_factory=dict)
    guard: subprocess.Popen[bytes] | None = None

    def spawn(self, command: Command) -> Child:
        """Start it in a session of its own, so that a Ctrl-C in the terminal does not reach it."""
        start_log(command.log)
        with command.log.open("ab") as log:
            log_start = log.tell()
            process = _popen(command, log.fileno())
        record = Record(
            command.name, process.pid, identity(process.pid), command.stop_signal, command.patience_seconds
        )
        child = Child(command, process, record, log_start)
        # A second start replaces the first in its old place: the order of stopping stays.
        self.by_name[command.name] = child
        write_records(self.home, (known.record for known in self.by_name.values()))
        if command.stdin and process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(command.stdin.encode())
        return child

    def run(self, command: Command) -> None:
        """Run it to its end. Raises StartError when it fails, StopRequested when asked to stop."""
        child = self.spawn(command)
        while (code := child.process.poll()) is None:
            self.pause(0.02)
        del self.by_name[command.name]
        if code != 0:
            raise StartError(f"{command.name} failed (exit code {code}). {child.last_words()}")

    def wait_until_ready(self, child: Child, is_ready: Callable[[], bool], seconds: float) -> None:
        """Raises StartError when it ends, or is not ready in time."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if (code := child.process.poll()) is not None:
                raise StartError(f"{child.command.name} ended (exit code {code}). {child.last_words()}")
            if time.monotonic() > deadline:
                raise StartError(
                    f"{child.command.name} was not ready after {seconds:.0f} s. {child.last_words()}"
                )
            self.pause(0.05)

    def pause(self, seconds: float) -> None:
        """Every wait goes through here, so a request to stop is heard at once."""
        if self.stop_requested:
            raise StopRequested
        time.sleep(seconds)

    def stop(self, name: str) -> None:
        child = self.by_name.pop(name)
        stop_record(child.record)
        child.process.wait()

    def stop_all(self) -> None:
        for name in reversed(list(self.by_name)):
            self.stop(name)
        stop_recorded(self.home)

    def keep_guard(self) -> None:
        """Start the guard, or another one when it was killed."""
        if self.guard is not None and self.guard.poll() is None:
            return
        self._let_guard_go()
        self.guard = subprocess.Popen(
            [sys.executable, "-m", "app.embedded.guard", str(self.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            start_new_session=True,
            # While the guard cleans up after us, nobody else may start.
            pass_fds=[self.lock],
        )

    def _let_guard_go(self) -> None:
        if self.guard is not None and self.guard.stdin is not None:
            self.guard.stdin.close()
            self.guard.wait()
            self.guard = None

    def close(self) -> None:
        self.stop_all()
        self._let_guard_go()
        os.close(self.lock)


@contextmanager
def children_of(home: Path) -> Iterator[Children]:
    """Everything started through the yielded `Children` is stopped at the end, whatever ends us.

    Raises StartError when another stack uses this data folder.
    """
    # Root's database server runs as another user, who must get through to its own folder.
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    children = Children(home, lock=take_lock(home / "lock"))
    try:
        stop_recorded(home)
        children.keep_guard()
        yield children
    finally:
        children.close()


def start_log(log: Path) -> None:
    """Make room for a log; a big one is put aside, in place of the one put aside before."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > KEPT_LOG_BYTES:
        os.replace(log, log.with_suffix(".old.log"))


def _popen(command: Command, log: int) -> subprocess.Popen[bytes]:
    other_user = None if command.uid is None else pwd.getpwuid(command.uid)
    return subprocess.Popen(
        command.argv,
        env=dict(command.env),
        cwd=command.cwd,
        stdin=subprocess.PIPE if command.stdin else subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        # Imports and releases are nobody else's on this machine.
        umask=0o077,
        user=other_user and other_user.pw_uid,
        group=other_user and other_user.pw_gid,
        extra_groups=other_user and [],
    )
