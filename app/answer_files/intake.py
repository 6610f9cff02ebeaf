"""A file's lines as checked answers; what is wrong goes into the report."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from app.answer_files.given import Given, kind_of, qa_texts, read_answer, set_texts
from app.answer_files.told import Told, in_our_fields, taken_apart
from app.items.intake import MOST_ROWS_BEFORE_A_SHAPE, Tally, object_of, why_nothing_is_left
from app.items.reader import FileRefused, Line, LineFile
from app.items.report import Report
from app.items.rows import LONGEST_KEY_SHOWN, BadRow, JsonObject
from app.items.shapes import MOST_KEYS_SHOWN, Shape
from app.queues.models import QueueKind

BATCH_ANSWERS = 5_000
BATCH_BYTES = 8 * 2**20


@dataclass
class AnswerTally(Tally):
    """`n_rows` counts answers: a line may hold several."""

    kind: QueueKind | None = None

    def settle(self, kind: QueueKind) -> None:
        self.kind = kind
        read = qa_texts if kind is QueueKind.SAFETY else set_texts
        self.shape = Shape(f"answers: {kind}", frozenset(), read)


class OnLine(NamedTuple):
    line: int
    given: Given


def batches_of(lines: LineFile, told: Told, tally: AnswerTally, report: Report) -> Iterator[list[OnLine]]:
    """The good answers; none of the lists is empty."""
    batch: list[OnLine] = []
    n_bytes = 0
    for line in lines:
        batch += [OnLine(line.number, given) for given in checked(line, told, tally, report)]
        n_bytes += len(line.content or b"")
        if batch and (len(batch) >= BATCH_ANSWERS or n_bytes >= BATCH_BYTES):
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


def checked(line: Line, told: Told, tally: AnswerTally, report: Report) -> Iterator[Given]:
    """Raises FileRefused where the first object is no answer that we know."""
    refuse = partial(reject, line, tally, report)
    try:
        rows = taken_apart(object_of(line), told.columns)
    except BadRow as bad:
        tally.n_rows += 1
        refuse(bad)
        return
    for row in rows:
        tally.n_rows += 1
        try:
            answer = in_our_fields(row, told.maps)
            yield read_answer(answer, settled_kind(answer, told, tally), told)
        except BadRow as bad:
            refuse(bad)


def reject(line: Line, tally: AnswerTally, report: Report, bad: BadRow) -> None:
    report.error(line.number, bad.field, bad.reason)
    if tally.shape is None and tally.n_rows >= MOST_ROWS_BEFORE_A_SHAPE:
        raise FileRefused(why_nothing_is_left(tally, report)) from bad


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
        " by prompt and response (or response_0 and response_1, or responses), or by item alone; and is_safe"
        " with harm_category and severity_level, or better_response_id, safer_response_id, or ranks with a"
        " dimension of helpfulness, harmlessness or single. --map OURS=THEIRS says which field is which."
    )
