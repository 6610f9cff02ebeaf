"""What one round trip costs, with nobody beside it: seconds and shared-buffer accesses.

Buffers are counted by the server for the whole session (`pg_stat_get_backend_io`, hits and reads), not taken
from EXPLAIN, which leaves out the look-ups of foreign keys, and what a statement changes beside its result.
"""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, NamedTuple, TypeVar

import psycopg

from benchmarks.round_trips import BareTrip, Statements, bare_connection, hold

N_COUNTED = 50
WARM_UP = 10
TRIPS_FROM_THE_START = WARM_UP + 1
BUFFERS = b"""
    SELECT sum(hits) + sum(read_bytes) / current_setting('block_size')::int
    FROM pg_stat_get_backend_io(%s) WHERE object = 'relation'
"""
FLUSH = b"SELECT pg_stat_force_next_flush()"
FORGET = b"UPDATE queue_member SET cursors = '{0,0,0,0}' WHERE queue_id = %s AND annotator_id = %s"

Result = TypeVar("Result")


class Cost(NamedTuple):
    seconds: float
    buffers: int


class Alone(NamedTuple):
    """`claims` and `trips`: seconds of each; `buffers`: of each round trip that was counted.

    `buffers_by_step`: the medians of lock, close, store and claim, each a transaction of its own. `n_trips`:
    all that were done.
    """

    claims: list[float]
    trips: list[float]
    buffers: list[int]
    buffers_by_step: dict[str, float]
    n_trips: int


class Meter:
    """Counts what one session does, from another one's point of view."""

    def __init__(self, connection: psycopg.Connection[Any], observer: psycopg.Connection[Any]) -> None:
        self.connection, self.observer = connection, observer

    def buffers_so_far(self) -> int:
        self.connection.execute(FLUSH)
        self.connection.commit()
        row = self.observer.execute(BUFFERS, [self.connection.info.backend_pid]).fetchone()
        return 0 if row is None or row[0] is None else int(row[0])

    def cost_of(self, work: Callable[[], object]) -> Cost:
        """`work` ends its transaction."""
        before = self.buffers_so_far()
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        return Cost(seconds, self.buffers_so_far() - before)


def first_claims(statements: Statements, queue_id: int, annotator_ids: list[int]) -> list[Cost]:
    """Of each who holds nothing yet, one after the other, in one session."""
    costs = []
    with bare_connection() as connection, bare_connection() as observer:
        observer.autocommit = True
        meter = Meter(connection, observer)
        for annotator_id in annotator_ids:
            trip = BareTrip(connection, statements, queue_id, annotator_id)
            costs.append(meter.cost_of(partial(claim_alone, trip)))
    return costs


def claim_alone(trip: BareTrip) -> None:
    trip.claim(trip.enter())
    trip.connection.commit()


def measure_alone(statements: Statements, queue_id: int, annotator_id: int, n: int, seconds: float) -> Alone:
    """`n` round trips for their time, and fewer for the buffers; each part for so many `seconds` at most."""
    with bare_connection() as connection, bare_connection() as observer:
        observer.autocommit = True
        held = hold(queue_id, annotator_id)
        trip = BareTrip(connection, statements, queue_id, annotator_id, held)
        for _ in range(WARM_UP):
            trip()
        timed = in_time(lambda: timed_trip(trip), n, seconds)
        meter = Meter(connection, observer)
        meter.buffers_so_far()
        buffers = in_time(lambda: meter.cost_of(trip).buffers, N_COUNTED, seconds)
        steps = in_time(lambda: buffers_by_step(meter, trip), N_COUNTED, seconds)
    return Alone(
        claims=[claim for claim, _ in timed],
        trips=[whole for _, whole in timed],
        buffers=buffers,
        buffers_by_step={name: median(step[name] for step in steps) for name in steps[0]},
        n_trips=WARM_UP + len(timed) + len(buffers) + len(steps),
    )


def in_time(work: Callable[[], Result], most: int, seconds: float) -> list[Result]:
    """At least once."""
    until = time.monotonic() + seconds
    results = [work()]
    while len(results) < most and time.monotonic() < until:
        results.append(work())
    return results


def timed_trip(trip: BareTrip) -> tuple[float, float]:
    """Seconds of the claim, and of all."""
    began = time.perf_counter()
    member = trip.lock()
    trip.close()
    trip.store()
    before_claim = time.perf_counter()
    trip.claim(member)
    claimed = time.perf_counter()
    trip.connection.commit()
    return claimed - before_claim, time.perf_counter() - began


def buffers_by_step(meter: Meter, trip: BareTrip) -> dict[str, int]:
    member = trip.lock()
    trip.connection.commit()
    steps: dict[str, Callable[[], object]] = {
        "lock": trip.lock,
        "close": trip.close,
        "store": trip.store,
        "claim": partial(trip.claim, member),
    }
    return {name: meter.cost_of(partial(step_alone, trip, step)).buffers for name, step in steps.items()}


def step_alone(trip: BareTrip, step: Callable[[], object]) -> None:
    step()
    trip.connection.commit()


def claim_from_the_start(statements: Statements, queue_id: int, annotator_id: int) -> Cost:
    """What the next claim costs once this annotator's cursors were set back, past all that they had."""
    with bare_connection() as connection, bare_connection() as observer:
        observer.autocommit = True
        trip = BareTrip(connection, statements, queue_id, annotator_id, hold(queue_id, annotator_id))
        for _ in range(WARM_UP):
            trip()
        trip.lock()
        trip.close()
        trip.store()
        connection.commit()
        observer.execute(FORGET, [queue_id, annotator_id])
        return Meter(connection, observer).cost_of(partial(claim_alone, trip))
