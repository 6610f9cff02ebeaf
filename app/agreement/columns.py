"""Columns of numbers out of the database and into it, hundreds of thousands of rows a second.

Into it in PostgreSQL's binary COPY format: a signature, flags and the length of an extension; then each row
as the number of its fields, and for each field its length in bytes and these; at the end -1 for a number of
fields.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Cursor
from sqlalchemy import BigInteger, ColumnElement, LargeBinary, Select, cast, func, select
from sqlalchemy.orm import Session

from app.agreement.measures.blocks import narrowed
from app.agreement.measures.counts import Counts, Indexes
from app.db import driver_of, streamed

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = (-1).to_bytes(2, "big", signed=True)
BIGINT_BYTES = 8
REAL_BYTES = 4
REAL_OID = 700
ARRAY_HEADER_BYTES = 20
ROWS_AT_ONCE = 20_000
PARTS_AT_MOST = 50


def read_columns(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Counts]:
    """Each column that `statement` selects, as int64. Raises ValueError where there is a NULL."""
    return [column.astype(np.int64, copy=False) for column in read_as(session, statement, lambda some: some)]


def read_narrowly(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Indexes]:
    """The same in columns as narrow as their numbers allow: a fraction of the memory."""
    return read_as(session, statement, narrowed)


def read_as(
    session: Session, statement: Select[*tuple[Any, ...]], kept: Callable[[Counts], Indexes]
) -> list[Indexes]:
    """A row comes as one value, its numbers in binary one behind the other, and many rows at a time: so it
    all takes little more memory than the columns. `kept`: what is kept of some of a column."""
    columns: list[ColumnElement[int]] = [cast(column, BigInteger) for column in statement.selected_columns]
    rows = statement.with_only_columns(*columns, maintain_column_froms=True).subquery()
    packed: list[ColumnElement[bytes]] = [func.int8send(each, type_=LargeBinary) for each in rows.columns]
    parts: list[list[Indexes]] = [[kept(np.empty(0, np.int64))] for _ in columns]
    for some in streamed(session, select(reduce(joined, packed)).select_from(rows), ROWS_AT_ONCE):
        values = np.frombuffer(b"".join(value or b"" for (value,) in some), ">i8")
        if values.size != len(some) * len(columns):
            raise ValueError("a column holds NULL, which is no whole number")
        for part, column in zip(parts, values.reshape(len(some), len(columns)).T, strict=True):
            part.append(kept(column.astype(np.int64)))
            if len(part) > PARTS_AT_MOST:
                # Thousands of small ones would leave as much memory behind, in pieces too small for others.
                part[:] = [np.concatenate(part)]
    # One after the other, so that what has been put together is not there twice.
    return [np.concatenate(parts.pop(0)) for _ in columns]


def joined(first: ColumnElement[bytes], second: ColumnElement[bytes]) -> ColumnElement[bytes]:
    return first.op("||", return_type=LargeBinary())(second)


def row_fields(n_columns: int) -> list[tuple[str, str]]:
    fields = [("n_fields", ">i2")]
    for n in range(n_columns):
        fields += [(f"length_{n}", ">i4"), (f"value_{n}", ">i8")]
    return fields


def write_columns(
    session: Session,
    target: str,
    columns: Sequence[Counts],
    certainty: NDArray[np.float32],
    lists: NDArray[np.float32],
) -> None:
    """Rows into a table and its columns, `target`: bigints, then a real, then a real[].

    `lists`: shape (n_rows, n_elements).
    """
    n_rows, n_elements = lists.shape
    rows = np.zeros(n_rows, written_type(len(columns), n_elements))
    rows["n_fields"] = len(columns) + 2
    for n, column in enumerate(columns):
        rows[f"length_{n}"], rows[f"value_{n}"] = BIGINT_BYTES, column
    rows["real_length"], rows["real"] = REAL_BYTES, certainty
    rows["array_length"] = ARRAY_HEADER_BYTES + n_elements * (4 + REAL_BYTES)
    # Axes, whether there are NULLs, what it holds, then the axis: how many, from 1 on.
    rows["array_header"] = (1, 0, REAL_OID, n_elements, 1)
    rows["elements"]["length"], rows["elements"]["value"] = REAL_BYTES, lists
    with cursor_of(session).copy(f"COPY {target} FROM STDIN (FORMAT BINARY)".encode()) as copy:
        copy.write(SIGNATURE + rows.tobytes() + END)


def written_type(n_columns: int, n_elements: int) -> np.dtype[np.void]:
    element = np.dtype([("length", ">i4"), ("value", ">f4")])
    return np.dtype(
        [
            *row_fields(n_columns),
            ("real_length", ">i4"),
            ("real", ">f4"),
            ("array_length", ">i4"),
            ("array_header", ">i4", 5),
            ("elements", element, n_elements),
        ]
    )


def cursor_of(session: Session) -> Cursor[Any]:
    return driver_of(session).cursor()
