"""How long an annotator waits from an answer to the next item: at 50,000 QA pairs of about 1 KB, overlap 3.

    python -m benchmarks.submit_to_next [--items 50000] [--durable] [--browser]

One web process on servers of the benchmark's own. One annotator; 16 who answer without a pause, which is
the most that the process can do; and 16 who think for about a second before each answer. In the same run, as
the floor: the same claim and submission by the Python functions, and a page that asks the database nothing
(/healthz: `SELECT 1`). The clients share the machine with the servers. Exit code 1: something is wrong.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import orjson

from app.accounts.models import Role
from app.db import transaction
from app.items.actions import start_import
from app.items.jobs import import_file
from app.items.models import Import, ImportState
from app.projects.actions import create_project
from app.queues.actions import create_queue, set_queue_state
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import QueueKind, QueueState
from benchmarks.annotating import latencies
from benchmarks.consents import agree_all
from benchmarks.intake_files import words
from benchmarks.key_to_paint import key_to_paint
from benchmarks.labelling import Tab, submit_and_claim, what_is_wrong
from benchmarks.stack import Browser, Stack, WrongResult, create_people, running_stack

OVERLAP = 3
WARM_UP = 20
THOUGHTFUL = 20
THINKING = (0.5, 1.5)

OneTrip = Callable[[], object]


class Measured(NamedTuple):
    """`trips`: seconds of each; `seconds`: from the first one's start to the last one's end."""

    trips: list[float]
    seconds: float


def main() -> None:
    options = arguments()
    try:
        with running_stack(
            web_processes=options.web_processes, with_worker=False, durable=options.durable
        ) as stack:
            measure(stack, options)
    except WrongResult as wrong:
        sys.exit(f"Wrong: {wrong}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--one", type=int, default=300, help="round trips of one annotator alone")
    parser.add_argument("--each", type=int, default=100, help="round trips of each of the 16")
    parser.add_argument("--annotators", type=int, default=16)
    parser.add_argument("--web-processes", type=int, default=1, choices=(1, 2))
    parser.add_argument("--durable", action="store_true", help="wait for the disk at each commit")
    parser.add_argument("--browser", action="store_true", help="also from key press to paint, in Chromium")
    return parser.parse_args()


def measure(stack: Stack, options: argparse.Namespace) -> None:
    usernames = [f"annotator-{number}" for number in range(options.annotators + 2)]
    ids = dict(zip(usernames, create_people(usernames, Role.ANNOTATOR), strict=True))
    queue_id = make_queue(bring_in(options.items, stack.children.home), list(ids.values()))
    n_trips = 0
    print(f"{'':44}{'trips':>6}{'p50 ms':>9}{'p95':>9}{'p99':>9}{'per s':>9}{'ratio':>7}")
    for who, n in ((usernames[:1], options.one), (usernames[1:-1], options.each)):
        with tabs(stack.url, queue_id, who) as opened:
            over_http = together(opened, n)
            bare = together([partial(tab.browser.page, "/healthz") for tab in opened], n)
        by_functions = together([partial(submit_and_claim, queue_id, ids[name]) for name in who], n)
        show(f"{len(who)} at once: submit to next over HTTP", over_http, over_http)
        show("  the same by Python functions", by_functions, over_http)
        show("  SELECT 1 over HTTP", bare, over_http)
        n_trips += 2 * len(who) * (n + WARM_UP)
    with tabs(stack.url, queue_id, usernames[1:-1]) as opened:
        measured = together(opened, THOUGHTFUL, THINKING)
        show(f"{len(opened)} who think first: submit to next over HTTP", measured, None)
        n_trips += len(opened) * (THOUGHTFUL + WARM_UP)
    if options.browser:
        for is_loaded, words in ((True, "the next item loaded"), (False, "not loaded yet")):
            seconds = key_to_paint(stack.url, queue_id, usernames[-1], options.one, is_loaded=is_loaded)
            show(f"Chromium, key press to paint, {words}", Measured(seconds, sum(seconds)), None)
            n_trips += len(seconds)
    if wrong := what_is_wrong(queue_id, n_trips):
        raise WrongResult(wrong)


@contextmanager
def tabs(url: str, queue_id: int, usernames: Sequence[str]) -> Iterator[list[Tab]]:
    """One for each, signed in and with an item."""
    with ExitStack() as stack:
        browsers = [stack.enter_context(Browser(url)) for _ in usernames]
        for browser, username in zip(browsers, usernames, strict=True):
            browser.sign_in(username)
        yield [Tab(browser, queue_id) for browser in browsers]


def together(trips: Sequence[OneTrip], n: int, pause: tuple[float, float] = (0, 0)) -> Measured:
    """Each does `n` trips after its warm-up; all of them at the same time.

    `pause`: the least and the most seconds before a trip.
    """
    with ThreadPoolExecutor(len(trips)) as pool:
        list(pool.map(partial(timed, n=WARM_UP, pause=(0, 0)), trips))
        began = time.perf_counter()
        seconds = list(pool.map(partial(timed, n=n, pause=pause), trips))
        return Measured([each for some in seconds for each in some], time.perf_counter() - began)


def timed(trip: OneTrip, n: int, pause: tuple[float, float]) -> list[float]:
    """Seconds of each trip, without the pauses."""
    seconds = []
    for _ in range(n):
        time.sleep(random.uniform(*pause))
        began = time.perf_counter()
        trip()
        seconds.append(time.perf_counter() - began)
    return seconds


def show(what: str, measured: Measured, base: Measured | None) -> None:
    """`ratio`: how many of these take as long as one of `base`, by the median."""
    ratio = f"{median(base.trips) / median(measured.trips):7.1f}" if base else ""
    rate = len(measured.trips) / measured.seconds
    print(f"{what:44}{len(measured.trips):6,}{latencies(measured.trips)}{rate:9.1f}{ratio}", flush=True)


def bring_in(n_items: int, folder: Path) -> int:
    """A project with so many QA pairs; its id."""
    path = folder / "items.jsonl"
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in qa_pairs(n_items))
    began = time.perf_counter()
    with transaction() as session:
        project = create_project(session, "Benchmark")
        import_id = start_import(session, project.id, path.name, path.stat().st_size).id
    import_file(import_id, path)
    with transaction() as session:
        ended = session.get_one(Import, import_id)
    if (ended.state, ended.n_new_qa_pairs) != (ImportState.DONE, n_items):
        raise WrongResult(f"import: {ended.state}, {ended.n_new_qa_pairs:,} QA pairs, {ended.error}")
    n_mb = path.stat().st_size / 1e6
    print(f"{n_items:,} QA pairs, {n_mb:.0f} MB, imported in {time.perf_counter() - began:.1f} s")
    return project.id


def qa_pairs(n: int) -> Iterator[dict[str, str]]:
    """Each of about 1 KB of text."""
    chance = random.Random(1)
    for number in range(n):
        yield {"prompt": f"{words(chance, 20)} {number}?", "response": words(chance, 130)}


def make_queue(project_id: int, annotator_ids: Sequence[int]) -> int:
    began = time.perf_counter()
    new = NewQueue(name="Safety", kind=QueueKind.SAFETY, overlap=OVERLAP)
    with transaction() as session:
        queue = create_queue(session, project_id, new, seed=1)
        set_members(session, queue.id, annotator_ids)
        agree_all(session, project_id, annotator_ids)
        set_queue_state(session, queue.id, QueueState.RUNNING)
    print(f"queue filled in {time.perf_counter() - began:.1f} s")
    return queue.id


if __name__ == "__main__":
    main()
