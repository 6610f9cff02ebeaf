"""A real worker and a real schedule show signs of life, and say goodbye."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete

from app.db import transaction
from app.embedded.programs import Programs
from app.pulse.models import Pulse
from app.pulse.queries import Health, workers_seen

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 180


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    with transaction() as session:
        session.execute(delete(Pulse))


def test_both_are_seen_and_an_idle_worker_answers_the_schedule(tmp_path: Path) -> None:
    beat = (*Programs().beat, "--schedule", str(tmp_path / "schedule"), "--pidfile", "")
    with running(Programs().worker) as worker, running(beat):
        health = health_once(lambda health: health.n_workers == 1 and health.waited is not None)
        assert health.is_well
        worker.terminate()
        worker.wait(PATIENCE_SECONDS)
        health = health_once(lambda health: health.n_workers == 0)
        assert health.has_schedule


@contextmanager
def running(program: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-m", *program], cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def health_once(is_so: Callable[[Health], bool]) -> Health:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with transaction() as session:
            health = workers_seen(session)
        if is_so(health):
            return health
        assert time.monotonic() < deadline, health
        time.sleep(0.2)
