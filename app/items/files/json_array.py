"""A JSON array of objects, one after the other, in bounded memory.

An object mostly ends where `}` stands before a comma and `{`, or before `]`. That is tried first: what
reads as JSON up to there is the object, since no whole object begins with another one. Only where it does
not read, quotes and brackets are followed one by one.
"""

import re
from collections.abc import Iterator
from io import BufferedReader

import orjson

from app.items.files.json_objects import checked_object, object_of
from app.items.files.lines import BOM
from app.items.files.packing import BUFFER_BYTES
from app.items.files.records import LONGEST_LINE_BYTES, TOO_LONG, FileRefused, Problem, Record
from app.items.rows import JsonObject

NO_SPACE = re.compile(rb"[^ \t\r\n]")
LIKELY_END = re.compile(rb"\}(?=[ \t\r\n]*+(?:,[ \t\r\n]*+\{|\]))")
# A quote alone: its string goes on behind what is there.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\],]', re.DOTALL)
OUTSIDE_STRING = re.compile(rb'["{}\[\],]')
INSIDE_STRING = re.compile(rb'["\\]')


class Buffer:
    """The part of the file that is looked at, from `at` on, which stands on line `line`.

    Up to `tried` likely ends have been looked for; else a hostile file would have it done at each comma.
    """

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self.content = b""
        self.at = 0
        self.line = 1
        self.tried = 0

    @property
    def n_left(self) -> int:
        return len(self.content) - self.at

    def read_on(self) -> None:
        """As much again as is left, so that looking anew each time costs little. Raises FileRefused."""
        self.content = self.content[self.at :]
        self.tried -= self.at
        self.at = 0
        read = self._stream.read(max(BUFFER_BYTES, len(self.content)))
        if not read:
            raise FileRefused("The JSON array has no end: the file is damaged or cut short.")
        self.content += read

    def go_to(self, place: int) -> None:
        self.line += self.content.count(b"\n", self.at, place)
        self.at = place

    def next_byte(self) -> bytes:
        """The next one that is no space; `at` is there then."""
        while (found := NO_SPACE.search(self.content, self.at)) is None:
            self.go_to(len(self.content))
            self.read_on()
        self.go_to(found.start())
        return found[0]


class JsonArray:
    """What stands between two commas is rejected alone, as long as quotes and brackets close."""

    share_read: float | None = None
    unit = "line"
    no_rows = "The file has no rows: its array is empty."
    no_objects = "The array has no object that can be read."

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Record]:
        buffer = Buffer(self._stream)
        buffer.read_on()
        if buffer.content.startswith(BOM):
            buffer.go_to(len(BOM))
        buffer.next_byte()
        buffer.go_to(buffer.at + 1)
        number = 0
        while (byte := buffer.next_byte()) != b"]":
            if byte == b"," and number:
                buffer.go_to(buffer.at + 1)
                if buffer.next_byte() == b"]":
                    break
            number += 1
            line = buffer.line
            value, n_bytes = next_value(buffer)
            yield Record(line, value, n_bytes, f"object {number:,}")
        buffer.go_to(buffer.at + 1)
        refuse_more(buffer, self._stream)


def next_value(buffer: Buffer) -> tuple[JsonObject | Problem, int]:
    """With its size; `at` stands on the comma or bracket behind it then."""
    likely = likely_object(buffer)
    if likely is not None:
        return likely
    end = end_of_value(buffer)
    if end is None:
        pass_over_value(buffer)
        return Problem("", f"the object {TOO_LONG}, or a quote or bracket in it is not closed"), 0
    content = buffer.content[buffer.at : end].rstrip()
    buffer.go_to(end)
    return object_of(content, "object"), len(content)


def likely_object(buffer: Buffer) -> tuple[JsonObject | Problem, int] | None:
    if buffer.at < buffer.tried or not buffer.content.startswith(b"{", buffer.at):
        return None
    likely = LIKELY_END.search(buffer.content, buffer.at, buffer.at + LONGEST_LINE_BYTES)
    buffer.tried = likely.end() if likely else len(buffer.content)
    if likely is None:
        return None
    content = buffer.content[buffer.at : likely.end()]
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    buffer.go_to(likely.end())
    return checked_object(value, content), len(content)


def end_of_value(buffer: Buffer) -> int | None:
    """Where the comma or bracket behind it stands, None if the value is too long."""
    while (end := end_within(buffer.content, buffer.at)) is None:
        if buffer.n_left > LONGEST_LINE_BYTES:
            return None
        buffer.read_on()
    return end if end - buffer.at <= LONGEST_LINE_BYTES else None


def end_within(content: bytes, start: int) -> int | None:
    """None if the value goes on behind `content`."""
    depth = 0
    for found in TOKEN.finditer(content, start):
        token = found[0]
        if token in (b"{", b"["):
            depth += 1
        elif token == b'"':
            return None
        elif depth == 0 and token in (b",", b"]"):
            return found.start()
        elif token in (b"}", b"]"):
            depth = max(0, depth - 1)
    return None


def pass_over_value(buffer: Buffer) -> None:
    """The same, without holding it. Raises FileRefused if it does not end."""
    depth = 0
    is_in_string = False
    place = buffer.at
    while True:
        found = (INSIDE_STRING if is_in_string else OUTSIDE_STRING).search(buffer.content, place)
        if found is None:
            # One behind the end, where a backslash was the last byte.
            n_ahead = max(0, place - len(buffer.content))
            buffer.go_to(len(buffer.content))
            buffer.read_on()
            place = n_ahead
            continue
        token, place = found[0], found.end()
        if token == b"\\":
            place += 1
        elif token == b'"':
            is_in_string = not is_in_string
        elif depth == 0 and token in (b",", b"]"):
            buffer.go_to(found.start())
            return
        else:
            depth = max(0, depth + (token in (b"{", b"[")) - (token in (b"}", b"]")))


def refuse_more(buffer: Buffer, stream: BufferedReader) -> None:
    """Behind the array nothing may follow but space."""
    content = buffer.content[buffer.at :]
    while content:
        if not content.isspace():
            raise FileRefused(f"Behind the end of the JSON array, on line {buffer.line:,}, more follows.")
        content = stream.read(BUFFER_BYTES)
