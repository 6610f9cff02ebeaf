"""Bytes as lines, in bounded memory whatever they hold."""

from collections.abc import Iterator
from io import BufferedReader
from typing import NamedTuple

from app.items.files.packing import BUFFER_BYTES
from app.items.files.records import LONGEST_LINE_BYTES

BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """`number`: from 1. `content`: with its end; None if the line is too long to be read."""

    number: int
    content: bytes | None


def lines_of(stream: BufferedReader) -> Iterator[Line]:
    """Every line; a byte order mark before the first one is dropped."""
    number = 0
    while content := stream.readline(LONGEST_LINE_BYTES + 1):
        number += 1
        is_too_long = len(content) > LONGEST_LINE_BYTES and not content.endswith(b"\n")
        if is_too_long:
            content = b""
            pass_over_line(stream)
        yield Line(number, None if is_too_long else content.removeprefix(BOM) if number == 1 else content)


def pass_over_line(stream: BufferedReader) -> None:
    while (rest := stream.readline(BUFFER_BYTES)) and not rest.endswith(b"\n"):
        pass
