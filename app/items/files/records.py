"""What every kind of file is read as: numbered objects, or the reason why there is none."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from app.errors import Refused
from app.items.rows import JsonObject

LONGEST_LINE_BYTES = 4 * 2**20
TOO_LONG = f"is longer than {LONGEST_LINE_BYTES // 2**20} MiB"


class FileRefused(Refused):
    """The whole file can't be imported."""


class Problem(NamedTuple):
    """Why a row can't be read. `field`: the key at fault, empty where it is the row as a whole."""

    field: str
    reason: str


class Record(NamedTuple):
    """`number`: of the line it begins on, from 1; of the row where a file has no lines.

    `n_bytes`: about its size. `place`: what finds it where the line does not say, else "".
    """

    number: int
    value: JsonObject | Problem
    n_bytes: int
    place: str = ""


class RecordFile(Protocol):
    """One file's records, read once, in order.

    `unit`: what the numbers count, "line" or "row". `no_rows`, `no_objects`: sentences for a file that
    turns out to have none. `share_read`: how much of it has been read, None if its place in the file says.
    """

    share_read: float | None
    unit: str
    no_rows: str
    no_objects: str

    def __iter__(self) -> Iterator[Record]:
        """Raises FileRefused where the file turns out to be unusable."""
        ...
