"""One round trip, "submit the item I hold, claim the next", as bare SQL and by the platform's functions.

The bare one sends the very statements that the platform sends: they are taken down while the platform does
one round trip, so they are the same whatever the platform makes of them later.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError
from typing import Any, NamedTuple

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import event

from app.annotations.actions import submit_safety_label
from app.annotations.forms import SafetyLabel
from app.assignments.actions import claim_next, lock_member, lock_member_of
from app.assignments.eligibility import Membership, search_values
from app.db import engine, transaction
from app.projects.pku import PKU
from benchmarks.http_load import Trip
from benchmarks.labelling import any_label
from benchmarks.stack import WrongResult

KEY = "as-long-as-ours."
N_LABELS = 64
LONGEST_SECONDS = 60
BARRIER_SECONDS = 120
# By turns, so that what else the machine does meets both ways alike.
N_TURNS = 3


class Sent(NamedTuple):
    """A statement in the driver's form, and its values as they were that time."""

    statement: bytes
    values: dict[str, Any]


class Statements(NamedTuple):
    """`enter`: locks the member who holds nothing yet. The round trip: lock, close, store, draft, claim."""

    enter: Sent
    lock: Sent
    close: Sent
    store: Sent
    draft: Sent
    claim: Sent


class Share(NamedTuple):
    """What one process does: these annotators, a thread each, both ways by turns.

    Each way for so many `seconds`, `most` round trips of each annotator at most.
    """

    queue_id: int
    annotator_ids: list[int]
    statements: Statements
    seconds: float
    most: int
    warm_up_seconds: float = 1


class Done(NamedTuple):
    """`turns`: for each the round trips of each annotator; `n_submitted`: with the warm-up."""

    turns: list[list[list[Trip]]]
    n_submitted: int


def statements_of(queue_id: int, annotator_id: int) -> Statements:
    """What the platform sends for a first claim and one round trip, which it does.

    Raises WrongResult if that is not what is known here.
    """
    with transaction() as session:
        # What a process reads once is read.
        lock_member(session, queue_id, annotator_id)
    with watched() as entering:
        trip = FunctionTrip(queue_id, annotator_id)
    with watched() as sent:
        trip()
    if (len(entering), len(sent)) != (2, 5):
        listed = "\n".join(each.statement.decode() for each in (*entering, *sent))
        raise WrongResult(
            f"not lock, claim; lock, close, store, draft, claim is what the platform sends, but\n{listed}"
        )
    return Statements(entering[0], *sent)


@contextmanager
def watched() -> Iterator[list[Sent]]:
    """What goes to the database meanwhile."""
    sent: list[Sent] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append(Sent(statement.encode(), dict(values)))

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine(), "before_cursor_execute", note)


def hold(queue_id: int, annotator_id: int) -> int:
    """The id of the assignment that this annotator holds, or gets now. Raises WrongResult."""
    with transaction() as session:
        return known(claim_next(session, lock_member(session, queue_id, annotator_id)))


def known(assignment_id: int | None) -> int:
    if assignment_id is None:
        raise WrongResult("nothing is left to label: take more items")
    return assignment_id


def a_label() -> SafetyLabel:
    return SafetyLabel.model_validate(any_label(), context=PKU.category_names)


def bare_connection() -> psycopg.Connection[tuple[Any, ...]]:
    """With the settings of the platform's own, but no statement may take longer than LONGEST_SECONDS."""
    with engine().connect() as connection:
        driver = connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            raise WrongResult(f"the platform's driver is {driver!r}")
        place = make_conninfo(**driver.info.get_parameters(), password=driver.info.password)
    made = psycopg.connect(place)
    made.execute(f"SET statement_timeout = '{LONGEST_SECONDS}s'".encode())
    made.commit()
    return made


class BareTrip:
    """The values take the least Python that there is: those of the last time, with what has changed."""

    def __init__(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        statements: Statements,
        queue_id: int,
        annotator_id: int,
        held: int | None = None,
    ) -> None:
        mine = {"queue_id": queue_id, "annotator_id": annotator_id}
        self.connection, self.cursor, self.held = connection, connection.cursor(), held
        self.sent = Statements(*(Sent(each.statement, with_mine(each.values, mine)) for each in statements))
        labels = [a_label() for _ in range(N_LABELS)]
        self.labels = [
            label.model_dump() | {"harm_mask": PKU.mask_of(label.harm_categories)} for label in labels
        ]

    def __call__(self) -> None:
        member = self.lock()
        self.close()
        self.store()
        self.claim(member)
        self.connection.commit()

    def enter(self) -> Membership:
        return self.member(self.sent.enter)

    def lock(self) -> Membership:
        self.sent.lock.values["assignment_id"] = self.held
        return self.member(self.sent.lock)

    def member(self, sent: Sent) -> Membership:
        row = self.cursor.execute(sent.statement, sent.values, prepare=True).fetchone()
        if row is None:
            raise WrongResult("the annotator is not a member, or does not hold the assignment")
        return Membership(*(*row[:-1], PKU))

    def close(self) -> None:
        statement, values = self.sent.close
        values["assignment_id"] = self.held
        if self.cursor.execute(statement, values, prepare=True).fetchone() is None:
            raise WrongResult(f"assignment {self.held} was closed by somebody else")

    def store(self) -> None:
        statement, values = self.sent.store
        values |= random.choice(self.labels)
        values["assignment_id"] = self.held
        self.cursor.execute(statement, values, prepare=True)
        statement, values = self.sent.draft
        values["assignment_id"] = self.held
        self.cursor.execute(statement, values, prepare=True)

    def claim(self, member: Membership) -> None:
        statement, values = self.sent.claim
        values |= search_values(member)
        row = self.cursor.execute(statement, values, prepare=True).fetchone()
        self.held = known(None if row is None else row[0])


def with_mine(values: dict[str, Any], mine: dict[str, int]) -> dict[str, Any]:
    return {name: mine.get(name, value) for name, value in values.items()}


class FunctionTrip:
    """As the route does it, without HTTP, sign-in and page: the texts of the next item are not read."""

    def __init__(self, queue_id: int, annotator_id: int) -> None:
        self.queue_id, self.annotator_id = queue_id, annotator_id
        self.held = hold(queue_id, annotator_id)

    def __call__(self) -> None:
        label = a_label()
        with transaction() as session:
            member = lock_member_of(session, self.held, self.annotator_id)
            submit_safety_label(session, member, self.held, label, KEY)
            self.held = known(claim_next(session, member))


def in_processes(shares: Sequence[Share]) -> tuple[Done, Done]:
    """By bare SQL and by the functions; all at the same time, each share in a process of its own."""
    context = get_context("spawn")
    barrier = context.Barrier(len(shares))
    with ProcessPoolExecutor(
        len(shares), mp_context=context, initializer=meet_at, initargs=(barrier,)
    ) as pool:
        started = [pool.submit(do_share, share) for share in shares]
        failed = [error for each in started if (error := each.exception()) is not None]
    if failed:
        # One that failed makes the others stop waiting for it.
        raise next((error for error in failed if not isinstance(error, BrokenBarrierError)), failed[0])
    bare, functions = zip(*(each.result() for each in started), strict=True)
    return together(bare), together(functions)


def together(done: Sequence[Done]) -> Done:
    turns = [
        [trips for part in parts for trips in part]
        for parts in zip(*(each.turns for each in done), strict=True)
    ]
    return Done(turns, sum(each.n_submitted for each in done))


met_at: list[Barrier] = []


def meet_at(barrier: Barrier) -> None:
    met_at.append(barrier)


def do_share(share: Share) -> tuple[Done, Done]:
    try:
        return take_turns(share)
    except BaseException:
        met_at[0].abort()
        raise


def take_turns(share: Share) -> tuple[Done, Done]:
    bare, functions = Done([], 0), Done([], 0)
    with ExitStack() as stack, ThreadPoolExecutor(len(share.annotator_ids)) as pool:
        people = [Both(share, annotator_id, stack) for annotator_id in share.annotator_ids]
        for turn in range(N_TURNS + 1):
            bare = take_turn(share, bare, pool, [person.by_bare_sql for person in people], turn)
            functions = take_turn(share, functions, pool, [person.by_functions for person in people], turn)
    return bare, functions


def take_turn(
    share: Share, done: Done, pool: ThreadPoolExecutor, trips: Sequence[Callable[[], None]], turn: int
) -> Done:
    """Turn 0 is the warm-up, which does not count."""
    met_at[0].wait(BARRIER_SECONDS)
    seconds, most = (
        (share.seconds / N_TURNS, share.most // N_TURNS) if turn else (share.warm_up_seconds, share.most // 4)
    )
    until = time.monotonic() + seconds
    timed = list(pool.map(partial(repeat, until=until, most=max(1, most)), trips))
    return Done([*done.turns, timed] if turn else [], done.n_submitted + sum(map(len, timed)))


class Both:
    """One annotator's round trips, one way or the other."""

    def __init__(self, share: Share, annotator_id: int, stack: ExitStack) -> None:
        self.functions = FunctionTrip(share.queue_id, annotator_id)
        connection = stack.enter_context(bare_connection())
        self.bare = BareTrip(connection, share.statements, share.queue_id, annotator_id)

    def by_bare_sql(self) -> None:
        self.bare.held = self.functions.held
        self.bare()
        self.functions.held = known(self.bare.held)

    def by_functions(self) -> None:
        self.functions()


def repeat(trip: Callable[[], None], until: float, most: int) -> list[Trip]:
    trips: list[Trip] = []
    while len(trips) < most and (began := time.monotonic()) < until:
        trip()
        ended = time.monotonic()
        trips.append(Trip(ended, ended - began))
    return trips
