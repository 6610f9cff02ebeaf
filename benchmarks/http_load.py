"""Many annotators over HTTP from one process that takes little of the machine itself.

Plain connections on an event loop; of an answer's page it reads only what the next request needs. Like a
browser it keeps its connection, makes another one where the server has closed it, and then sends again what
was not answered (the form's own key lets it be stored once).
"""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple, cast
from urllib.parse import urlencode

import uvloop

from app.projects.pku import PKU
from app.web.security import CSRF_FIELD

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
ACTION = re.compile(rb'hx-post="(/annotate/assignments/\d+/safety-label)"')
KEY = re.compile(rb'name="submission_key" value="([^"]*)"')
OK = b"200"
PATIENCE_SECONDS = 60
LABELS = (
    {"is_safe": "true"},
    {"is_safe": "false", "harm_categories": PKU.category_names[:2], "severity": "2"},
)


class SignedIn(NamedTuple):
    """`cookie`: name=value."""

    cookie: str
    csrf_token: str


class Load(NamedTuple):
    """What each annotator does: get an item, warm up, then submit for so many `seconds`, or `most` times.

    `think`: the least and the most seconds before each answer; with (0, 0) all begin at the same time.
    """

    host: str
    port: int
    queue_id: int
    people: list[SignedIn]
    seconds: float
    most: int
    warm_up_seconds: float = 1
    think: tuple[float, float] = (0, 0)


class Trip(NamedTuple):
    """`ended_at`: of a clock that all processes of this machine share."""

    ended_at: float
    seconds: float


@dataclass
class Heard:
    """`trips`: of each annotator; `first`: seconds of each first claim; `cpu_seconds`: of the load itself.

    `n_submitted`: with the warm-up. `errors`: a sentence each; whoever meets one stops.
    """

    trips: list[list[Trip]] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    n_submitted: int = 0
    n_connections: int = 0
    cpu_seconds: float = 0


class Unexpected(Exception):
    """The server did not answer with an item; the message says what it did."""


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[bytes] | None = None
        self.heard = bytearray()
        self.wanted = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if not self.wanted:
            head = self.heard.find(b"\r\n\r\n")
            length = LENGTH.search(self.heard, 0, head + 2) if head >= 0 else None
            if length is None:
                return
            self.wanted = head + 4 + int(length[1])
        if len(self.heard) >= self.wanted and self.answer is not None:
            self.answer.set_result(bytes(self.heard))

    async def ask(self, request: bytes) -> bytes:
        """Head and body of the answer. Raises ConnectionError."""
        if self.transport is None:
            raise ConnectionResetError("the server closed the connection")
        self.heard.clear()
        self.wanted = 0
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer


class Annotator:
    def __init__(self, load: Load, person: SignedIn, heard: Heard) -> None:
        self.load, self.person, self.heard = load, person, heard
        self.connection = Connection()
        self.trips: list[Trip] = []
        self.page = b""

    async def work(self, wait_for_others: Callable[[], Awaitable[object]], ends_at: float) -> None:
        """Until the time is over. `ends_at` counts where they think; else from when all are warm."""
        thinks = self.load.think[1] > 0
        if thinks:
            await asyncio.sleep(random.uniform(0, self.load.think[1]))
        await self.claim()
        if not thinks:
            await self.submit_until(time.monotonic() + self.load.warm_up_seconds, self.load.most // 4)
            await wait_for_others()
            ends_at = time.monotonic() + self.load.seconds
        self.trips = []
        await self.submit_until(ends_at, self.load.most)

    async def claim(self) -> None:
        began = time.monotonic()
        await self.post(f"/annotate/queues/{self.load.queue_id}/next", {})
        self.heard.first.append(time.monotonic() - began)

    async def submit_until(self, ends_at: float, most: int) -> None:
        for _ in range(most):
            if self.load.think[1]:
                await asyncio.sleep(random.uniform(*self.load.think))
            began = time.monotonic()
            if began > ends_at:
                return
            await self.submit()
            ended = time.monotonic()
            self.trips.append(Trip(ended, ended - began))

    async def submit(self) -> None:
        action, key = ACTION.search(self.page), KEY.search(self.page)
        if action is None or key is None:
            raise Unexpected(f"a page without an item: {self.page[:200]!r}")
        await self.post(action[1].decode(), {"submission_key": key[1].decode(), **random.choice(LABELS)})
        self.heard.n_submitted += 1

    async def post(self, path: str, fields: dict[str, object]) -> None:
        """As htmx sends a form; the answer becomes the page. Raises Unexpected, or ConnectionError."""
        body = urlencode({CSRF_FIELD: self.person.csrf_token, **fields}, doseq=True)
        request = (
            f"POST {path} HTTP/1.1\r\nhost: {self.load.host}:{self.load.port}\r\n"
            f"cookie: {self.person.cookie}\r\nhx-request: true\r\nsec-fetch-site: same-origin\r\n"
            "content-type: application/x-www-form-urlencoded\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}"
        ).encode()
        self.page = await self.ask(request)
        if self.page[9:12] != OK:
            raise Unexpected(f"POST {path} answered {self.page[:300]!r}")

    async def ask(self, request: bytes) -> bytes:
        if self.connection.transport is not None:
            try:
                return await self.connection.ask(request)
            except ConnectionError:
                pass  # Closed for being idle, at this very moment.
        loop = asyncio.get_running_loop()
        _, self.connection = await loop.create_connection(Connection, self.load.host, self.load.port)
        self.heard.n_connections += 1
        return await self.connection.ask(request)

    def close(self) -> None:
        if self.connection.transport is not None:
            self.connection.transport.close()


def put_load(load: Load) -> Heard:
    """In a process of its own, so that it can run beside another one's work."""
    return uvloop.run(all_work(load))


async def all_work(load: Load) -> Heard:
    heard = Heard()
    began = time.process_time()
    people = [Annotator(load, person, heard) for person in load.people]
    barrier = asyncio.Barrier(len(people))
    ends_at = time.monotonic() + load.seconds
    await asyncio.gather(*(note_errors(person, barrier, ends_at) for person in people))
    heard.trips = [person.trips for person in people]
    heard.cpu_seconds = time.process_time() - began
    return heard


async def note_errors(annotator: Annotator, barrier: asyncio.Barrier, ends_at: float) -> None:
    try:
        async with asyncio.timeout(annotator.load.seconds + PATIENCE_SECONDS):
            await annotator.work(barrier.wait, ends_at)
    except (Unexpected, ConnectionError, TimeoutError, asyncio.BrokenBarrierError) as error:
        annotator.heard.errors.append(f"{type(error).__name__}: {error}")
        await barrier.abort()
    finally:
        annotator.close()
