"""Queues of any size in the states that a claim may find them in, made by statements over whole sets."""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, NullPool, create_engine, insert, text
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.accounts.actions import token_sha256
from app.accounts.models import Role, SignIn
from app.assignments.check import check_queue
from app.db import now, transaction
from app.queues.actions import create_queue, set_queue_state
from app.queues.counting import rebuild_progress
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import Lane, QueueKind, QueueState
from app.queues.queries import queue_of
from app.settings import settings
from app.web.security import cookie_name, csrf_token
from benchmarks.consents import agree_all
from benchmarks.http_load import SignedIn
from benchmarks.labelling import what_is_wrong
from benchmarks.round_trips import Statements, statements_of
from benchmarks.stack import WrongResult
from benchmarks.submit_to_next import bring_in

OVERLAP = 3
MOST_TEXTS = 4000
DRAINED_SHARE = 0.9

# The items share the texts of those that were imported.
MULTIPLY_ITEMS = text("""
    WITH known AS (
        SELECT prompt_id, row_number() OVER (ORDER BY id) - 1 AS place FROM item
        WHERE project_id = :project_id
    ), more AS (
        INSERT INTO item (project_id, prompt_id, kind, sha256)
        SELECT :project_id, prompt_id, 'qa_pair', sha256(convert_to(CAST(number AS text), 'UTF8'))
        FROM generate_series(1, :n_more) AS number JOIN known ON place = number % :n_texts
        RETURNING id, prompt_id
    )
    INSERT INTO item_response (item_id, position, response_id)
    SELECT more.id, 0, response.id FROM more JOIN response USING (prompt_id)
""")
MAKE_ANNOTATORS = text("""
    INSERT INTO user_account (username, role, password_hash)
    SELECT :prefix || '-' || number, :role, '' FROM generate_series(1, :n) AS number RETURNING id
""")
SUBMIT_FOR = text("""
    INSERT INTO assignment (queue_id, item_id, annotator_id, status, created_at, expires_at, closed_at)
    SELECT :queue_id, item_id, annotator_id, 'submitted', now(), now(), now()
    FROM queue_item CROSS JOIN unnest(CAST(:annotator_ids AS bigint[])) AS annotator_id
    WHERE queue_id = :queue_id AND pos <= :last ORDER BY pos
""")
COUNT_SUBMITTED = text("""
    UPDATE queue_item SET n_assigned = :n, n_submitted = :n WHERE queue_id = :queue_id AND pos <= :last
""")
STAND_AT_LAST = text("""
    UPDATE queue_member SET n_submitted = :last, cursors = CAST(:cursors AS bigint[])
    WHERE queue_id = :queue_id AND annotator_id = ANY(:annotator_ids)
""")


class State(StrEnum):
    """Fresh: nothing is done. Drained: the first 90 % are full, by three others, and not vacuumed since.
    Half: the first annotator has done the first half alone; the others stand at the start."""

    FRESH = "fresh"
    DRAINED = "drained"
    HALF = "half"


class MadeQueue(NamedTuple):
    """`n_places`: how many answers it still wants."""

    id: int
    annotator_ids: list[int]
    n_places: int


def make_items(n_items: int, folder: Path) -> tuple[int, Statements]:
    """A project with so many QA pairs, its id; and what the platform sends for a round trip there.

    A few thousand are imported, the rest share their texts.
    """
    began = time.perf_counter()
    n_texts = min(n_items, MOST_TEXTS)
    project_id = bring_in(n_texts, folder)
    [annotator_id] = make_annotators("watched", 1)
    statements = statements_of(start_queue(project_id, "watched", [annotator_id]), annotator_id)
    values = {"project_id": project_id, "n_more": n_items - n_texts, "n_texts": n_texts}
    with in_bulk() as session:
        session.execute(MULTIPLY_ITEMS, values)
        # What is vacuumed or analyzed, and when, is said here: else it would depend on how long a run takes.
        for table in ("queue_item", "queue_member", "assignment", "annotation"):
            session.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
    outside_transactions("VACUUM ANALYZE")
    print(f"{n_items:,} items: made in {time.perf_counter() - began:.1f} s", flush=True)
    return project_id, statements


def start_queue(project_id: int, name: str, annotator_ids: Sequence[int]) -> int:
    """Its id."""
    new = NewQueue(name=name, kind=QueueKind.SAFETY, overlap=OVERLAP)
    with in_bulk() as session:
        queue_id = create_queue(session, project_id, new, seed=1).id
        rebuild_progress(session, queue_id)
        set_members(session, queue_id, annotator_ids)
        agree_all(session, project_id, annotator_ids)
        set_queue_state(session, queue_id, QueueState.RUNNING)
    return queue_id


def make_queue(project_id: int, n_items: int, state: State, n_annotators: int) -> MadeQueue:
    """Running, with annotators of its own."""
    began = time.perf_counter()
    annotator_ids = make_annotators(state, n_annotators)
    others = make_annotators("other", OVERLAP) if state is State.DRAINED else []
    queue_id = start_queue(project_id, state, [*annotator_ids, *others])
    outside_transactions("VACUUM ANALYZE")
    doers, n_done = {
        State.FRESH: ([], 0),
        State.DRAINED: (others, int(n_items * DRAINED_SHARE)),
        State.HALF: (annotator_ids[:1], n_items // 2),
    }[state]
    if doers:
        do_first(queue_id, doers, n_done)
    outside_transactions("VACUUM ANALYZE assignment, queue_member")
    outside_transactions("ANALYZE queue_item" if state is State.DRAINED else "VACUUM ANALYZE queue_item")
    outside_transactions("CHECKPOINT")
    print(f"\n{n_items:,} items, {state}: queue made in {time.perf_counter() - began:.1f} s", flush=True)
    return MadeQueue(queue_id, annotator_ids, n_items * OVERLAP - n_done * len(doers))


def do_first(queue_id: int, annotator_ids: Sequence[int], last: int) -> None:
    """Each of them has submitted every item up to this position."""
    values = {
        "queue_id": queue_id,
        "annotator_ids": list(annotator_ids),
        "last": last,
        "n": len(annotator_ids),
        "cursors": [last if lane is Lane.NORMAL else 0 for lane in Lane],
    }
    with in_bulk() as session:
        for statement in (SUBMIT_FOR, COUNT_SUBMITTED, STAND_AT_LAST):
            session.execute(statement, {name: values[name] for name in statement.compile().params})
        rebuild_progress(session, queue_id)


@contextmanager
def in_bulk() -> Iterator[Session]:
    """A transaction of the tables' owner without foreign keys, which would take as long as all the rest, and
    without triggers: what these keep is counted anew at its end."""
    with Session(owner_engine()) as session, session.begin():
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("SET LOCAL plan_cache_mode = auto"))
        yield session


def outside_transactions(statement: str) -> None:
    with owner_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))


def owner_engine() -> Engine:
    """The web's role may do what the site does, and no more."""
    return create_engine(settings().owner_database_url or "", poolclass=NullPool)


def make_annotators(prefix: str, n: int) -> list[int]:
    """Without a password; their ids."""
    with transaction() as session:
        values = {"prefix": prefix, "role": Role.ANNOTATOR, "n": n}
        return list(session.scalars(MAKE_ANNOTATORS, values))


def add_annotators(queue: MadeQueue, n: int) -> list[int]:
    """So many more members; their ids."""
    more = make_annotators("more", n)
    with transaction() as session:
        set_members(session, queue.id, [*queue.annotator_ids, *more])
        agree_all(session, queue_of(session, queue.id).project_id, more)
    outside_transactions("ANALYZE queue_member, user_account")
    return more


def sign_in_all(annotator_ids: Sequence[int]) -> list[SignedIn]:
    """Without the form, whose check of the password is slow on purpose."""
    tokens = [secrets.token_urlsafe(32) for _ in annotator_ids]
    ends_at = now() + timedelta(hours=1)
    rows = [
        {"token_sha256": token_sha256(token), "user_id": annotator_id, "expires_at": ends_at}
        for token, annotator_id in zip(tokens, annotator_ids, strict=True)
    ]
    with transaction() as session:
        session.execute(insert(SignIn), rows)
    return [SignedIn(f"{cookie_name()}={token}", csrf_token_of(token)) for token in tokens]


def csrf_token_of(token: str) -> str:
    return csrf_token(Request({"type": "http", "state": {"browser_token": token}}))


def check(queue: MadeQueue, n_submitted: int | None) -> None:
    """Raises WrongResult for a broken queue, or another number of labels than were sent (None: not known)."""
    began = time.perf_counter()
    with transaction(snapshot=True) as session:
        # The generic plan would take a long time for whole tables.
        session.execute(text("SET LOCAL plan_cache_mode = auto"))
        found = check_queue(session, queue.id)
    if found:
        raise WrongResult(f"{[f'{each.what} ({each.n}: {each.ids[:3]} ...)' for each in found]}")
    if n_submitted is not None and (wrong := what_is_wrong(queue.id, n_submitted)):
        raise WrongResult(wrong)
    sent = "" if n_submitted is None else f"; {n_submitted:,} labels sent, all stored"
    print(f"  nothing is broken{sent} (checked in {time.perf_counter() - began:.1f} s)", flush=True)
