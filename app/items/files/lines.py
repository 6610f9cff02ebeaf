"""Bytes as lines, in bounded memory whatever they hold."""

from collections.abc import Iterator
from functools import partial
from io import BufferedReader

from app.items.files.packing import BUFFER_BYTES
from app.items.files.records import LONGEST_LINE_BYTES

BOM = b"\xef\xbb\xbf"


# Its number, from 1, and its content with its end; None if the line is too long to be read.
Line = tuple[int, bytes | None]


def lines_of(stream: BufferedReader) -> Iterator[Line]:
    """Every line; a byte order mark before the first one is dropped."""
    contents = iter(partial(stream.readline, LONGEST_LINE_BYTES + 1), b"")
    for number, content in enumerate(contents, 1):
        if len(content) > LONGEST_LINE_BYTES and not content.endswith(b"\n"):
            pass_over_line(stream)
            yield number, None
        else:
            yield number, content.removeprefix(BOM) if number == 1 else content


def pass_over_line(stream: BufferedReader) -> None:
    while (rest := stream.readline(BUFFER_BYTES)) and not rest.endswith(b"\n"):
        pass
