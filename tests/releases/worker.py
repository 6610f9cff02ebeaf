"""A worker that does one job in a process of its own, and halts before one of its file operations.

Whoever started it may then kill it, or take something away from it, and tell it to go on.
"""

import multiprocessing
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy.exc import OperationalError

from app.releases import jobs
from app.releases.reading import plan
from app.releases.reading.plan import PartKind
from app.settings import settings
from tests.disk import write_without_waiting

ITEMS_A_PART = 6
"""So that there are many parts."""

OPERATIONS = frozenset(
    {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "shutil.rmtree"}
)
PATIENCE_SECONDS = 60

# A process that has imported all, from which each worker is forked: importing takes longer than their work.
workers = multiprocessing.get_context("forkserver")
workers.set_forkserver_preload([__name__, "app.deliveries.jobs"])


@dataclass(frozen=True)
class Worker:
    process: BaseProcess
    channel: Connection

    def wait(self) -> int:
        """Until it halts, or is done; how many file operations there were before."""
        assert self.channel.poll(PATIENCE_SECONDS), "the worker neither halts nor ends"
        found: int = self.channel.recv()
        return found

    def go_on(self) -> int:
        """As `wait`."""
        self.channel.send("go on")
        return self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def write_release(release_id: int) -> None:
    jobs.write(release_id)


@contextmanager
def worker_on(
    subject_id: int,
    environment: Mapping[str, str],
    halt_at: int | None = None,
    most_bytes: int | None = None,
    work: Callable[[int], None] = write_release,
    place: Path | None = None,
) -> Iterator[Worker]:
    """`halt_at`: the number of the operation, from 0; `most_bytes`: that it can write to one file; `work`: a
    function of a module; `place`: operations below it count, None: below the releases' folder."""
    ours, theirs = workers.Pipe()
    arguments = (subject_id, dict(environment), halt_at, most_bytes, work, place, theirs)
    process = workers.Process(target=do_work, args=arguments, daemon=True)
    process.start()
    try:
        yield Worker(process, ours)
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
        theirs.close()


def do_work(
    subject_id: int,
    environment: Mapping[str, str],
    halt_at: int | None,
    most_bytes: int | None,
    work: Callable[[int], None],
    place: Path | None,
    channel: Connection,
) -> None:
    """The real job. In the end it tells how many operations there were, whether it failed or not."""
    os.environ |= environment
    write_without_waiting()
    plan.ITEMS_A_PART = dict.fromkeys(PartKind, ITEMS_A_PART)
    watched, numbers = str(place or settings().home / "releases"), count()

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event in OPERATIONS and str(arguments[0]).startswith(watched) and next(numbers) == halt_at:
            channel.send(halt_at)
            channel.recv()

    sys.addaudithook(note)
    with files_of_at_most(most_bytes):
        try:
            work(subject_id)
        except (OSError, OperationalError) as failure:
            sys.stderr.write(f"{failure}\n")
    channel.send(next(numbers))


@contextmanager
def files_of_at_most(n_bytes: int | None) -> Iterator[None]:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if n_bytes is None else n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
