"""A file's bytes as lines: gzip opened on the way, memory bounded whatever the file holds."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from app.errors import Refused

LONGEST_LINE_BYTES = 4 * 2**20
# Text packs about three to ten times smaller; a thousand times is what a bomb reaches.
MOST_TIMES_UNPACKED = 200
UNPACKED_ALWAYS_ALLOWED_BYTES = 64 * 2**20
MOST_UNPACKED_BYTES = 32 * 2**30
BUFFER_BYTES = 2**18
BOM = b"\xef\xbb\xbf"
OTHER_FORMATS = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PK\x03\x04": "a ZIP archive",
    b"PAR1": "a Parquet file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
}


class FileRefused(Refused):
    """The whole file can't be imported."""


class Line(NamedTuple):
    """`number`: from 1, blank lines counted. `content`: None if the line is too long to be read."""

    number: int
    content: bytes | None


class LineFile:
    """The lines that are not blank, in order. Raises FileRefused where the file turns out to be unusable."""

    def __init__(self, file: BinaryIO, n_bytes: int) -> None:
        self._file = file
        self._stream = unpacked(file)
        self._most_bytes = min(
            MOST_UNPACKED_BYTES, max(UNPACKED_ALWAYS_ALLOWED_BYTES, MOST_TIMES_UNPACKED * n_bytes)
        )

    @property
    def n_bytes_read(self) -> int:
        """How far the file as it lies on disk has been read."""
        return self._file.tell()

    def __iter__(self) -> Iterator[Line]:
        refuse_other_formats(self._stream)
        try:
            yield from self._lines(self._stream)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileRefused("The gzip file is damaged or cut short.") from error

    def _lines(self, stream: BufferedReader) -> Iterator[Line]:
        n_unpacked = number = 0
        while content := stream.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            n_unpacked += len(content)
            is_too_long = len(content) > LONGEST_LINE_BYTES and not content.endswith(b"\n")
            while is_too_long and (rest := stream.readline(BUFFER_BYTES)):
                n_unpacked += len(rest)
                if rest.endswith(b"\n") or n_unpacked > self._most_bytes:
                    break
            if n_unpacked > self._most_bytes:
                raise FileRefused(f"The file unpacks to more than {self._most_bytes // 2**20} MiB.")
            content = content.removeprefix(BOM) if number == 1 else content
            if is_too_long or not content.isspace():
                yield Line(number, None if is_too_long else content.rstrip(b"\r\n"))


def unpacked(file: BinaryIO) -> BufferedReader:
    """Gzip is known by its first bytes, whatever the file is called."""
    is_gzip = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    plain = gzip.GzipFile(fileobj=file) if is_gzip else file
    return BufferedReader(cast(BufferedIOBase, plain), BUFFER_BYTES)


def refuse_other_formats(stream: BufferedReader) -> None:
    try:
        start = stream.peek(16)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileRefused("The gzip file is damaged or cut short.") from error
    if not start:
        raise FileRefused("The file is empty.")
    for magic, name in OTHER_FORMATS.items():
        if start.startswith(magic):
            raise FileRefused(f"This is {name}. A JSON Lines file in UTF-8, plain or gzip, is wanted.")
    if start.removeprefix(BOM).lstrip().startswith(b"["):
        raise FileRefused(
            "This is a JSON array. JSON Lines is wanted: one object a line, without brackets around them."
        )


@contextmanager
def open_lines(path: Path) -> Iterator[LineFile]:
    """Raises FileRefused if the file can't be opened."""
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise FileRefused(f"The file can't be opened: {error.strerror}.") from error
    if not path.is_file():
        file.close()
        raise FileRefused("This is a pipe or a device. A file is wanted.")
    with file:
        yield LineFile(file, path.stat().st_size)
