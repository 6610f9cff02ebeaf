"""A file's lines as checked answers; what is wrong goes into the report."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.answer_files.given import Given, kind_of, read_answer
from app.answer_files.told import Told, taken_apart
from app.items.fields import in_our_fields
from app.items.files.records import FileRefused, Problem, Record, RecordFile
from app.items.intake import MOST_ROWS_BEFORE_A_SHAPE, Tally
from app.items.report import Report
from app.items.rows import LONGEST_KEY_SHOWN, BadRow, JsonObject
from app.items.shapes import MOST_KEYS_SHOWN
from app.queues.models import QueueKind

BATCH_ANSWERS = 5_000
BATCH_BYTES = 8 * 2**20


@dataclass
class AnswerTally(Tally):
    """`n_rows` counts answers: a line may hold several. `kind`: of the file that is read now, once it is
    known."""

    kind: QueueKind | None = None

    def settle(self, kind: QueueKind) -> None:
        self.kind = kind
        name = f"answers: {kind}"
        if name not in self.shape_names:
            self.shape_names.append(name)


class OnLine(NamedTuple):
    line: int
    given: Given


def batches_of(
    name: str, records: RecordFile, told: Told, tally: AnswerTally, report: Report
) -> Iterator[list[OnLine]]:
    """The good answers of one file; none of the lists is empty. `name`: within its folder, "" where none was
    given. Raises FileRefused."""
    try:
        yield from batches_in(records, told, tally, report)
    except FileRefused as refused:
        raise FileRefused(f"{name}: {refused.message}" if name else refused.message) from refused


def batches_in(records: RecordFile, told: Told, tally: AnswerTally, report: Report) -> Iterator[list[OnLine]]:
    batch: list[OnLine] = []
    n_bytes = 0
    for record in records:
        batch += [OnLine(record.number, given) for given in checked(record, told, tally, report)]
        n_bytes += record.n_bytes
        if tally.kind is None and tally.n_rows >= MOST_ROWS_BEFORE_A_SHAPE:
            raise FileRefused(f"{records.no_objects} {report.first}")
        if batch and (len(batch) >= BATCH_ANSWERS or n_bytes >= BATCH_BYTES):
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


def checked(record: Record, told: Told, tally: AnswerTally, report: Report) -> Iterator[Given]:
    """Raises FileRefused where the first object is no answer that we know."""
    place = f" ({record.place})" if record.place else ""
    try:
        rows = taken_apart(object_of(record), told.columns)
    except BadRow as bad:
        tally.n_rows += 1
        report.error(record.number, bad.field, bad.reason + place)
        return
    for row in rows:
        tally.n_rows += 1
        try:
            answer = in_our_fields(row, told.maps)
            yield read_answer(answer, settled_kind(answer, told, tally), told)
        except BadRow as bad:
            report.error(record.number, bad.field, bad.reason + place)


def object_of(record: Record) -> JsonObject:
    """Raises BadRow."""
    if isinstance(record.value, Problem):
        raise BadRow(*record.value)
    return record.value


def settled_kind(row: JsonObject, told: Told, tally: AnswerTally) -> QueueKind:
    """The first object decides for the whole file."""
    kind = tally.kind or told.kind or kind_of(row)
    if kind is None:
        raise FileRefused(unknown_answer(row))
    if tally.kind is None:
        tally.settle(kind)
    return kind


def unknown_answer(row: JsonObject) -> str:
    """A sentence that lists what was found and what is known."""
    found = ", ".join(key[:LONGEST_KEY_SHOWN] for key in list(row)[:MOST_KEYS_SHOWN]) or "none"
    return (
        f"The first row holds no answer that is known here. Its fields: {found}. Wanted: annotator; an item,"
        " by prompt and response (or response_0 and response_1, or responses), by item alone, or by SHA-256"
        " in responses; and is_safe with harm_category and severity_level, or better_response_id,"
        " safer_response_id, or ranks with a dimension of helpfulness, harmlessness or single. Where"
        " fields have other names, tell which is which as OURS=THEIRS."
    )
