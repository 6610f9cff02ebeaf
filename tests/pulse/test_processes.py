"""A real worker and a real schedule show signs of life, and a worker says goodbye."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from app.db import transaction
from app.embedded.programs import Programs
from app.pulse.models import Pulse

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 180


def test_both_are_seen_and_an_idle_worker_answers_the_schedule(database: None, tmp_path: Path) -> None:
    beat = (*Programs().beat, "--schedule", str(tmp_path / "schedule"), "--pidfile", "")
    with running(Programs().worker) as worker, running(beat) as schedule:
        wait_until(lambda: pulse_of(worker) is not None)
        wait_until(lambda: waited(schedule) is not None)
        worker.terminate()
        worker.wait(PATIENCE_SECONDS)
        assert pulse_of(worker) is None
        assert pulse_of(schedule) is not None


@contextmanager
def running(program: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-m", *program], cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def pulse_of(process: subprocess.Popen[bytes]) -> Pulse | None:
    with transaction() as session:
        return session.scalar(select(Pulse).where(Pulse.pid == process.pid))


def waited(schedule: subprocess.Popen[bytes]) -> int | None:
    pulse = pulse_of(schedule)
    return None if pulse is None else pulse.waited_ms


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)
