"""Columns of whole numbers out of the database, for statistics: hundreds of thousands of rows a second."""

from typing import Any

import numpy as np
from psycopg import Connection
from sqlalchemy import BigInteger, ColumnElement, Select, cast
from sqlalchemy.orm import Session

from app.agreement.measures.counts import Counts

# PostgreSQL's binary COPY format: a signature, flags and the length of an extension; then a row as the number
# of its fields and each field's length before its bytes; at the end -1 in place of the number of fields.
HEADER_BYTES = 11 + 4 + 4
BIGINT_BYTES = 8


def read_columns(session: Session, statement: Select[Any]) -> list[Counts]:
    """Each column that `statement` selects, as int64. Raises ValueError where there is a NULL."""
    columns: list[ColumnElement[int]] = [cast(column, BigInteger) for column in statement.selected_columns]
    whole = statement.with_only_columns(*columns, maintain_column_froms=True)
    query = whole.compile(session.connection(), compile_kwargs={"literal_binds": True})
    rows = np.frombuffer(copied(session, str(query)), row_type(len(columns)))
    if not all((rows[f"length_{n}"] == BIGINT_BYTES).all() for n in range(len(columns))):
        raise ValueError("a column holds NULL, which is no whole number")
    return [rows[f"value_{n}"].astype(np.int64) for n in range(len(columns))]


def copied(session: Session, query: str) -> bytes:
    """The rows alone, one after the other."""
    connection: Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)".encode()) as copy:
        blocks = bytearray()
        for block in copy:
            blocks += block
    return bytes(memoryview(blocks)[HEADER_BYTES:-2])


def row_type(n_columns: int) -> np.dtype[np.void]:
    fields = [("n_fields", ">i2")]
    for n in range(n_columns):
        fields += [(f"length_{n}", ">i4"), (f"value_{n}", ">i8")]
    return np.dtype(fields)
