"""JSON Lines: one object a line."""

from collections.abc import Iterator
from io import BufferedReader

from app.items.files.json_objects import object_of
from app.items.files.lines import lines_of
from app.items.files.records import TOO_LONG, Problem, Record


class JsonLines:
    """Blank lines are counted and passed over."""

    share_read: float | None = None
    unit = "line"
    no_rows = "The file has no rows: all of its lines are blank."
    no_objects = "No line is a JSON object; JSON Lines is wanted, one object a line."

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Record]:
        for number, content in lines_of(self._stream):
            if content is None:
                yield Record(number, Problem("", f"the line {TOO_LONG}"), 0)
            elif not content.isspace():
                yield Record(number, object_of(content.rstrip(b"\r\n"), "line"), len(content))
