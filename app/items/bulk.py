"""Many rows at once, through the connection of the session's own transaction."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from psycopg import Cursor

from app.items.copy_rows import END, SIGNATURE

RowCursor = Cursor[tuple[Any, ...]]


class Packed(NamedTuple):
    """Rows as `copy_rows` makes them, for a table and its columns: what one COPY sends."""

    target: str
    content: bytes


def fetch(cursor: RowCursor, query: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    """Planned anew each time: a plan kept from when the tables were empty would read them whole."""
    return cursor.execute(query.encode(), parameters, prepare=False, binary=True).fetchall()


def take_ids(cursor: RowCursor, table: str, n: int) -> list[int]:
    """`n` fresh ids in ascending order."""
    # The inner SELECT finds the sequence once, not once for each id.
    query = "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id')::regclass)) FROM generate_series(1, %s)"
    return [id_ for (id_,) in fetch(cursor, query, (table, n))] if n else []


def copy_in(cursor: RowCursor, target: str, types: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """`target`: a table and its columns, of these types."""
    with cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)".encode()) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def packed(target: str, rows: Iterable[bytes]) -> Packed:
    return Packed(target, b"".join((SIGNATURE, *rows, END)))


def copy_packed(cursor: RowCursor, copies: Iterable[Packed]) -> None:
    """In this order: parents before their children."""
    for target, content in copies:
        with cursor.copy(f"COPY {target} FROM STDIN (FORMAT BINARY)".encode()) as copy:
            copy.write(content)
