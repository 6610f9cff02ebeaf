"""All tables at once: emptied, or filled again with the rows they had before."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from psycopg import Connection as Driver
from psycopg import Cursor
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Engine, create_engine, text

from app.db import Base
from app.settings import settings

SMALL_BYTES = 20_000_000
"""Up to here deleting rows is faster than truncating tables, after which all plans are made anew."""
# Without triggers, or the audit log would refuse.
WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica"
N_BYTES = "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
SEQUENCES = (
    "FROM pg_sequences, LATERAL (SELECT format('%I.%I', schemaname, sequencename) AS name) AS full_name"
    " WHERE last_value IS NOT NULL"
)


@lru_cache
def owner_engine() -> Engine:
    """Of the role that owns the tables; all else is done as the web's role."""
    return create_engine(settings().owner_database_url or "", pool_size=1)


def table_names() -> list[str]:
    return [table.name for table in Base.metadata.sorted_tables]


def empty_tables() -> None:
    """Waits for whoever still writes; numbers begin at 1 again."""
    tables = [f'"{name}"' for name in table_names()]
    with owner_engine().begin() as connection:
        connection.execute(text(WITHOUT_TRIGGERS))
        connection.execute(text(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE"))
        # What was deleted before takes room too, so from time to time all is truncated.
        if connection.scalar(text(N_BYTES)) > SMALL_BYTES:
            connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"))
            return
        connection.execute(text("; ".join(f"DELETE FROM {table}" for table in tables)))  # noqa: S608
        connection.execute(text(f"SELECT setval(name, start_value, false) {SEQUENCES}"))


@dataclass(frozen=True)
class Rows:
    """`tables`: in PostgreSQL's own binary form; `sequences`: the last number that each gave."""

    tables: Mapping[str, bytes]
    sequences: Mapping[str, int]


def kept_rows() -> Rows:
    with owner_engine().begin() as connection:
        tables = {name: copied(connection, name) for name in table_names()}
        sequences = connection.execute(text(f"SELECT name, last_value {SEQUENCES}"))
        return Rows(tables, {row.name: row.last_value for row in sequences})


def copied(connection: Connection, table: str) -> bytes:
    statement = SQL("COPY {} TO STDOUT (FORMAT binary)").format(Identifier(table))
    with cursor_of(connection) as cursor, cursor.copy(statement) as copy:
        return b"".join(copy)


def put_back(rows: Rows) -> None:
    """Into empty tables."""
    with owner_engine().begin() as connection:
        connection.execute(text(WITHOUT_TRIGGERS))
        # Whoever lives may have said so since they were emptied.
        connection.execute(text("LOCK TABLE pulse IN EXCLUSIVE MODE; DELETE FROM pulse"))
        for name, content in rows.tables.items():
            statement = SQL("COPY {} FROM STDIN (FORMAT binary)").format(Identifier(name))
            with cursor_of(connection) as cursor, cursor.copy(statement) as copy:
                copy.write(content)
        for name, last in rows.sequences.items():
            connection.execute(text("SELECT setval(:name, :last)"), {"name": name, "last": last})


def cursor_of(connection: Connection) -> Cursor[Any]:
    """The driver's own, which knows COPY."""
    return cast(Driver[Any], connection.connection.driver_connection).cursor()
