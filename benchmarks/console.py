"""The admin's pages over a large database: bytes and milliseconds of each, beside their goals.

    python -m benchmarks.console [--items 2000000] [--only WORD] [--times 20]
    python -m benchmarks.console --on URL

Fills a database of its own as `benchmarks.big_database` does, or uses the one of URL, which that has filled
and which may be left to others afterwards. Then each page of PAGES in turn, asked for by one admin; then the
annotators' answers, alone and beside 50 consoles that look after themselves. Exit code 1: a page failed, or
missed its goal.
"""

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Event
from typing import NamedTuple

import httpx2
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from app.accounts.models import Role, User
from app.db import engine, transaction
from app.embedded.children import children_of
from benchmarks.annotating import latencies, percentile
from benchmarks.big_database import fill
from benchmarks.console_pages import LIVE, PAGES, Page, places
from benchmarks.http_load import Load, SignedIn, put_load
from benchmarks.queue_states import sign_in_all
from benchmarks.stack import HOST, ROOT, WrongResult, good, running_stack, start_web

MOST_P95_MS, MOST_SEARCH_MS = 300, 100
WEB_PROCESSES, WARM_UP = 2, 3
# As often as the page does it by itself.
N_CONSOLES, SECONDS_BETWEEN = 50, 20
N_AT_WORK, LOAD_SECONDS, THINK = 16, 20, (0.5, 1.5)
MOST_SLOWDOWN = 1.5


class Asked(NamedTuple):
    page: Page
    n_bytes: int
    seconds: list[float]

    @property
    def is_fast(self) -> bool:
        is_quick = not self.page.is_search or median(self.seconds) * 1000 <= MOST_SEARCH_MS
        return is_quick and percentile(self.seconds, 95) * 1000 <= MOST_P95_MS


def main() -> None:
    parser = argparse.ArgumentParser(description="The admin's pages over a large database.")
    parser.add_argument("--items", type=int, default=2_000_000)
    parser.add_argument("--on", metavar="URL", help="a database that is filled already")
    parser.add_argument("--only", default="", help="pages with this in their address")
    parser.add_argument("--times", type=int, default=20, help="how often each page is asked for")
    chosen = parser.parse_args()
    with web_over(chosen.on, chosen.items) as url:
        with client_of(url, admin()) as client:
            slow = show_pages(client, chosen.only, chosen.times)
        harm = 0 if chosen.only else show_consoles(url)
    sys.exit(1 if slow or harm else 0)


@contextmanager
def web_over(database: str | None, n_items: int) -> Iterator[str]:
    """The address of web processes."""
    if database is None:
        with running_stack(web_processes=WEB_PROCESSES, with_worker=False) as stack:
            fill(n_items)
            yield stack.url
        return
    with tempfile.TemporaryDirectory(prefix="evenhand-") as home, children_of(Path(home)) as children:
        os.environ |= {
            "DATABASE_URL": database,
            "EVENHAND_OWNER_DATABASE_URL": database,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "EVENHAND_SECRET_KEY": secrets.token_hex(32),
            "EVENHAND_HOME": home,
        }
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        yield f"http://{HOST}:{start_web(children, WEB_PROCESSES)}"
        engine().dispose()


def admin() -> SignedIn:
    with transaction() as session:
        first = select(User.id).where(User.role == Role.ADMIN).order_by(User.id).limit(1)
        user_id = session.scalars(first).one()
    return sign_in_all([user_id])[0]


def client_of(url: str, person: SignedIn) -> httpx2.Client:
    return httpx2.Client(base_url=url, headers={"cookie": person.cookie}, timeout=120)


def show_pages(client: httpx2.Client, only: str, times: int) -> int:
    """How many missed their goal."""
    print(f"{'page':<78}{'bytes':>9}{'median':>9}{'p95 ms':>9}")
    with transaction() as session:
        known = places(session)
    n_slow = 0
    for page in PAGES:
        path = page.path.format(**known)
        if only not in path:
            continue
        try:
            asked = ask(client, page, path, times)
        except (WrongResult, httpx2.TransportError) as wrong:
            print(f"{path:<78}{wrong}", flush=True)
            n_slow += 1
            continue
        p95 = percentile(asked.seconds, 95) * 1000
        verdict = "" if asked.is_fast else "  MISSED"
        print(
            f"{path:<78}{asked.n_bytes:9,}{median(asked.seconds) * 1000:9.1f}{p95:9.1f}{verdict}", flush=True
        )
        n_slow += not asked.is_fast
    print(
        f"{n_slow} missed {MOST_P95_MS} ms at p95, or {MOST_SEARCH_MS} ms at the median of a search",
        flush=True,
    )
    return n_slow


def ask(client: httpx2.Client, page: Page, path: str, times: int) -> Asked:
    """Raises WrongResult."""
    for _ in range(WARM_UP):
        n_bytes = len(good(client.get(path)).content)
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        good(client.get(path))
        seconds.append(time.perf_counter() - began)
    return Asked(page, n_bytes, seconds)


def show_consoles(url: str) -> bool:
    """True where 50 consoles that are open harm the annotators."""
    with transaction() as session:
        known = places(session)
        ids = session.scalars(
            text("SELECT annotator_id FROM queue_member WHERE queue_id = :queue AND is_active"
                 " ORDER BY annotator_id DESC LIMIT :n"), {"queue": known["queue"], "n": N_AT_WORK}
        ).all()  # fmt: skip
    people = sign_in_all(ids)
    load = Load(HOST, int(url.rpartition(":")[2]), known["queue"], people, LOAD_SECONDS, 1000, think=THINK)
    alone = [trip.seconds for trips in put_load(load).trips for trip in trips]
    path = LIVE.format(**known)
    print(f"\n{N_AT_WORK} annotators, p50, p95, p99 of a round trip{latencies(alone)} ms")
    with consoles(url, path) as looked:
        beside = [trip.seconds for trips in put_load(load).trips for trip in trips]
    print(f"the same beside {N_CONSOLES} consoles at {path} {latencies(beside)} ms")
    print(f"the consoles, {len(looked.seconds):,} answers{latencies(looked.seconds)} ms", end=", ")
    print(f"{len(looked.errors)} errors", *looked.errors[:1])
    slowdown = percentile(beside, 95) / percentile(alone, 95)
    print(f"p95 with consoles / without: {slowdown:.2f}, goal {MOST_SLOWDOWN}")
    return slowdown > MOST_SLOWDOWN or bool(looked.errors)


@dataclass
class Looked:
    """`seconds`: of each answer; `errors`: a sentence each."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def consoles(url: str, path: str) -> Iterator[Looked]:
    """Open until the end of the block."""
    looked, is_over, person = Looked(), Event(), admin()

    def look() -> None:
        with client_of(url, person) as client:
            is_over.wait(secrets.randbelow(SECONDS_BETWEEN * 1000) / 1000)
            while not is_over.is_set():
                began = time.perf_counter()
                try:
                    good(client.get(path, headers={"hx-request": "true"}))
                except (WrongResult, httpx2.TransportError) as error:
                    looked.errors.append(str(error))
                looked.seconds.append(time.perf_counter() - began)
                is_over.wait(SECONDS_BETWEEN)

    with ThreadPoolExecutor(N_CONSOLES) as pool:
        looking = [pool.submit(look) for _ in range(N_CONSOLES)]
        yield looked
        is_over.set()
    for one in looking:
        one.result()


if __name__ == "__main__":
    main()
