"""JSON Lines: one object a line."""

from collections.abc import Iterator, Sequence
from io import BufferedReader

import orjson

from app.items.files.json_objects import have_each_key_once, object_of
from app.items.files.lines import Line, lines_of
from app.items.files.records import TOO_LONG, Problem, Record

# Of lines that are read together.
BLOCK_BYTES = 2**16


class JsonLines:
    """Blank lines are counted and passed over."""

    share_read: float | None = None
    unit = "line"
    no_rows = "The file has no rows: all of its lines are blank."
    no_objects = "No line is a JSON object; JSON Lines is wanted, one object a line."

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Record]:
        for block in blocks_of(lines_of(self._stream)):
            yield from good_records(block) or records_one_by_one(block)


def blocks_of(lines: Iterator[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    n_bytes = 0
    for line in lines:
        block.append(line)
        n_bytes += len(line[1] or b"")
        if n_bytes >= BLOCK_BYTES:
            yield block
            block, n_bytes = [], 0
    if block:
        yield block


def good_records(block: Sequence[Line]) -> list[Record] | None:
    """None where there are other lines than objects among them, or where a key may be there twice."""
    try:
        values = [orjson.loads(content) for _, content in block]  # type: ignore[arg-type]
    except orjson.JSONDecodeError:
        return None
    contents = [content for _, content in block if content is not None]
    if not have_each_key_once(values, contents):
        return None
    return [
        Record(number, value, len(content))
        for (number, _), value, content in zip(block, values, contents, strict=True)
    ]


def records_one_by_one(block: Sequence[Line]) -> Iterator[Record]:
    for number, content in block:
        if content is None:
            yield Record(number, Problem("", f"the line {TOO_LONG}"), 0)
        elif not content.isspace():
            yield Record(number, object_of(content.rstrip(b"\r\n"), "line"), len(content))
