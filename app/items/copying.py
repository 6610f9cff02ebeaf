"""A batch on its way into the tables while the next one is read, so that two processors are at work."""

import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from psycopg import Connection

from app.items.bulk import Packed, copy_packed

# Python's own would have the copying thread wait longer for its turn than PostgreSQL for the next bytes.
SWITCH_SECONDS = 0.0005


class CopyingBeside:
    """One batch at a time. Until `wait` returns, nobody else may use the connection.

    `wait`, and leaving without an error, raise what the copying raised; left by another error, it is waited
    for alone: the transaction is given up in any case.
    """

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self._thread = ThreadPoolExecutor(1, "copying")
        self._copying: Future[None] | None = None

    def __enter__(self) -> Self:
        self._usual_seconds = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.wait()
        finally:
            self._thread.shutdown()
            sys.setswitchinterval(self._usual_seconds)

    def begin(self, copies: Sequence[Packed]) -> None:
        self._copying = self._thread.submit(self._copy, copies)

    def wait(self) -> None:
        if self._copying is not None:
            copying, self._copying = self._copying, None
            copying.result()

    def _copy(self, copies: Sequence[Packed]) -> None:
        with self.connection.cursor() as cursor:
            copy_packed(cursor, copies)
