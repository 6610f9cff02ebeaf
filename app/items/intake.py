"""A file's records as checked rows; what is wrong goes into the report."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.items.files.records import FileRefused, Problem, Record, RecordFile
from app.items.findings import Findings
from app.items.mapping import Mappings
from app.items.merge import Numbered
from app.items.reader import Files
from app.items.report import Report
from app.items.rows import BadRow, EmptyText, Row
from app.items.shapes import Shape
from app.items.vocabularies import HARM_CATEGORY_KEYS, Categories

BATCH_ROWS = 5_000
BATCH_BYTES = 8 * 2**20
MOST_ROWS_BEFORE_A_SHAPE = 1_000


@dataclass
class Tally:
    """What has been found so far. `category_names`: of the project's harm categories; `shape`: of the file
    that is read now; `shape_names`: of all."""

    category_names: Categories = HARM_CATEGORY_KEYS
    shape: Shape | None = None
    shape_names: list[str] = field(default_factory=list)
    n_rows: int = 0
    n_new_qa_pairs: int = 0
    n_new_response_sets: int = 0
    n_known: int = 0
    n_new_answers: int = 0
    mappings: Mappings = field(default_factory=Mappings)
    findings: Findings = field(default_factory=Findings)


def why_nothing_is_left(tally: Tally, report: Report, records: RecordFile) -> str:
    """`records`: the only file, or the last one."""
    if tally.n_rows == 0:
        return records.no_rows
    if not tally.shape_names:
        return f"{records.no_objects} {report.first}"
    return f"Not one of the {tally.n_rows:,} rows can be imported; the report lists why. {report.first}"


def batches_of(files: Files, tally: Tally, report: Report) -> Iterator[list[Numbered]]:
    """The good rows; none of the lists is empty, and each is of one file. Raises FileRefused."""
    for name, _, _, records in files:
        report.now_in(name, records.unit)
        tally.shape = None
        try:
            yield from batches_in(records, tally, report)
        except FileRefused as refused:
            raise type(refused)(f"{name}: {refused.message}" if name else refused.message) from refused
    if tally.n_rows == report.n_errors:
        raise FileRefused(why_nothing_is_left(tally, report, records))


def batches_in(records: RecordFile, tally: Tally, report: Report) -> Iterator[list[Numbered]]:
    batch: list[Numbered] = []
    n_bytes = n_without_shape = 0
    for record in records:
        row = checked_row(record, tally, report)
        if row is not None:
            batch.append(Numbered(record.number, row))
            n_bytes += record.n_bytes
        elif tally.shape is None:
            n_without_shape += 1
            if n_without_shape >= MOST_ROWS_BEFORE_A_SHAPE:
                raise FileRefused(f"{records.no_objects} {report.first}")
        if len(batch) >= BATCH_ROWS or n_bytes >= BATCH_BYTES:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


def checked_row(record: Record, tally: Tally, report: Report) -> Row | None:
    """None if it is rejected. The first object decides the shape; raises UnknownShape if it fits none."""
    tally.n_rows += 1
    place = f" ({record.place})" if record.place else ""
    value = record.value
    if isinstance(value, Problem):
        report.error(record.number, value.field, value.reason + place)
        return None
    if tally.shape is None:
        tally.shape = tally.mappings.shape_of(value, tally.category_names)
        if tally.shape.name not in tally.shape_names:
            tally.shape_names.append(tally.shape.name)
    try:
        row = tally.shape.read(value)
    except BadRow as bad:
        if isinstance(bad, EmptyText):
            tally.findings.empty.add(report.in_file.place(record.number))
        report.error(record.number, bad.field, bad.reason + place)
        return None
    for warned, reason in row.warnings:
        report.warn(record.number, warned, reason + place)
    return row
