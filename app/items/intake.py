"""A file's lines as checked rows; what is wrong goes into the report."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from app.items.merge import Numbered
from app.items.reader import LONGEST_LINE_BYTES, FileRefused, Line, LineFile
from app.items.report import Report
from app.items.rows import BadRow, JsonObject, Row, json_type
from app.items.shapes import Shape, shape_of, unknown_shape

BATCH_ROWS = 5_000
BATCH_BYTES = 8 * 2**20
MOST_ROWS_BEFORE_A_SHAPE = 1_000


@dataclass
class Tally:
    """What has been found so far."""

    shape: Shape | None = None
    n_rows: int = 0
    n_new_qa_pairs: int = 0
    n_new_response_sets: int = 0


def why_nothing_is_left(tally: Tally, report: Report) -> str:
    if tally.n_rows == 0:
        return "The file has no rows: all of its lines are blank."
    if tally.shape is None:
        return f"No line is a JSON object; JSON Lines is wanted, one object a line. {report.first}"
    return f"Not one of the {tally.n_rows:,} rows can be imported; the report lists why. {report.first}"


def batches_of(lines: LineFile, tally: Tally, report: Report) -> Iterator[list[Numbered]]:
    """The good rows; none of the lists is empty."""
    batch: list[Numbered] = []
    n_bytes = 0
    for line in lines:
        row = checked_row(line, tally, report)
        if row is not None:
            batch.append(Numbered(line.number, row))
            n_bytes += len(line.content or b"")
        if len(batch) >= BATCH_ROWS or n_bytes >= BATCH_BYTES:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


def checked_row(line: Line, tally: Tally, report: Report) -> Row | None:
    """None if it is rejected. The first object decides the shape; raises FileRefused if it fits none."""
    tally.n_rows += 1
    try:
        value = object_of(line)
        if tally.shape is None:
            tally.shape = shape_of(value)
        if tally.shape is None:
            raise FileRefused(unknown_shape(value))
        row = tally.shape.read(value)
    except BadRow as bad:
        report.error(line.number, bad.field, bad.reason)
        if tally.shape is None and tally.n_rows >= MOST_ROWS_BEFORE_A_SHAPE:
            raise FileRefused(why_nothing_is_left(tally, report)) from bad
        return None
    for field, reason in row.warnings:
        report.warn(line.number, field, reason)
    return row


def object_of(line: Line) -> JsonObject:
    """Raises BadRow."""
    if line.content is None:
        raise BadRow("", f"the line is longer than {LONGEST_LINE_BYTES // 2**20} MiB")
    try:
        value = orjson.loads(line.content)
    except orjson.JSONDecodeError as error:
        raise BadRow("", why_not_json(line.content, error)) from None
    if not isinstance(value, dict):
        raise BadRow("", f"must be an object, not {json_type(value)}")
    return value


def why_not_json(content: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        content.decode()
    except UnicodeDecodeError as wrong:
        return f"not valid UTF-8 at byte {wrong.start + 1} of the line"
    return f"not valid JSON at character {error.pos + 1}: {error.msg}"
