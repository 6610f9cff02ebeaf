"""The database: the one place that opens, commits and rolls back transactions."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from time import monotonic
from typing import Any

import psycopg
from psycopg import Connection
from sqlalchemy import DateTime, Engine, MetaData, Select, Text, create_engine, event, func, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app.settings import settings

POOL_SIZE = 16
IDLE_SECONDS = 5
SNAPSHOT_NAME = re.compile(r"[0-9A-F-]+")
# invalid_parameter_value, undefined_object: which one depends on PostgreSQL's version.
NO_SNAPSHOT = ("22023", "42704")
LARGEST_ID = 2**63 - 1
SNAPSHOT_SORTS = "64MB"
CURSOR_NUMBERS = count()  # several may be open at once


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text()}


@lru_cache
def engine() -> Engine:
    """One pool a process. Generic plans: a claim costs 16 times as much when it is planned anew each time."""
    made = create_engine(
        settings().database_url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_use_lifo=True,  # the connection used last has its statements prepared
        hide_parameters=True,  # An error's message goes into the log, and parameters hold the texts of items.
        connect_args={
            # What is read by a cursor is read to its end, so it is planned for that.
            "options": "-c plan_cache_mode=force_generic_plan -c timezone=UTC -c cursor_tuple_fraction=1",
            "prepare_threshold": 1,
        },
    )
    event.listen(made, "checkin", note_use)
    event.listen(made, "checkout", ping_if_idle)
    return made


def note_use(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = monotonic()


def ping_if_idle(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that rested may have lost its server. One in use has no need of a ping at each request.

    Raises DisconnectionError: the pool then tries another, and a new one.
    """
    if monotonic() - record.info.get("used_at", monotonic()) < IDLE_SECONDS:
        return
    try:
        engine().dialect.do_ping(connection)
    except engine().dialect.loaded_dbapi.OperationalError as lost:
        raise DisconnectionError from lost


@lru_cache
def session_factory() -> sessionmaker[Session]:
    return sessionmaker(engine(), expire_on_commit=False)


@contextmanager
def transaction(*, snapshot: bool = False) -> Iterator[Session]:
    """One unit of work: commits at the end, rolls back on any error.

    `snapshot`: every read sees the same rows, those of the first read. Such reads are large and few, so each
    is planned for what it asks, and may sort in memory.
    """
    with session_factory()() as session:
        with session.begin():
            if snapshot:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
                session.execute(text(f"SET LOCAL work_mem = '{SNAPSHOT_SORTS}'"))
            yield session
        for call in session.info.pop("after_commit", []):
            call()


def export_snapshot(session: Session) -> str:
    """The name by which others may read what this transaction, a snapshot, reads, as long as it is open."""
    name: str = session.scalars(select(func.pg_export_snapshot())).one()
    return name


def use_snapshot(session: Session, name: str) -> bool:
    """Read from now on what the transaction reads that exported it; False once that one has ended.

    Comes first in a transaction that is a snapshot itself; after False nothing can follow in it.
    """
    if not SNAPSHOT_NAME.fullmatch(name):
        return False
    try:
        session.execute(text(f"SET TRANSACTION SNAPSHOT '{name}'"))
    except DBAPIError as gone:
        if getattr(gone.orig, "sqlstate", None) in NO_SNAPSHOT:
            return False
        raise
    return True


def streamed(
    session: Session, statement: Select[*tuple[Any, ...]], n_at_once: int
) -> Iterator[list[tuple[Any, ...]]]:
    """So many rows at a time, as psycopg has them: as rows of SQLAlchemy they take five times as long.

    Raises SQLAlchemy's errors all the same, by which jobs know what to try again.
    """
    session.flush()
    dialect = session.connection().dialect
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    sql = compiled.string
    try:
        with driver_of(session).cursor(f"rows_{next(CURSOR_NUMBERS)}", binary=True) as cursor:
            cursor.execute(sql.encode(), compiled.params)
            while some := cursor.fetchmany(n_at_once):
                yield some
    except psycopg.Error as failure:
        raise DBAPIError.instance(
            sql, None, failure, psycopg.Error, hide_parameters=True, dialect=dialect
        ) from failure


def driver_of(session: Session) -> Connection[Any]:
    """psycopg's connection below the session's."""
    connection: Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
    return connection


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Do `call` once this transaction is safely stored; never if it is rolled back."""
    session.info.setdefault("after_commit", []).append(call)


def now() -> datetime:
    return datetime.now(UTC)
