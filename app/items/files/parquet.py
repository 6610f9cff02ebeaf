"""Parquet, some rows at a time: pages are read as they are needed, so that a row group may be of any size."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from app.items.files.cells import Columns, columns_of
from app.items.files.packing import BUFFER_BYTES, MOST_UNPACKED_BYTES
from app.items.files.records import FileRefused, Problem, Record
from app.items.rows import JsonObject
from app.items.vocabularies import Vocabularies

MAGIC = b"PAR1"
BATCH_BYTES = 4 * 2**20
MOST_BATCH_ROWS = 2_000
# A text that many rows share takes little in the file and much once it is read.
MOST_BATCH_BYTES = 256 * 2**20
DAMAGED = (pa.ArrowException, OSError, UnicodeDecodeError)


class OtherType:
    """Stands for a value of a type that no field has, such as a date."""


OTHER = OtherType()


class ParquetRows:
    """A row is known by its number."""

    unit = "row"
    no_rows = "The file has no rows."
    no_objects = "Not one row can be read."

    def __init__(self, file: BinaryIO, vocabularies: Vocabularies) -> None:
        self._file = file
        self._vocabularies = vocabularies
        self.share_read: float | None = 0.0

    def __iter__(self) -> Iterator[Record]:
        number = 0
        for batch, names, n_rows in self._batches():
            columns = columns_of([name.strip() for name in names], self._vocabularies)
            self.share_read = (number + batch.num_rows) / n_rows
            n_bytes = batch.nbytes // batch.num_rows
            for value in objects_of(batch, columns):
                number += 1
                yield Record(number, value, n_bytes)

    def _batches(self) -> Iterator[tuple[Any, list[str], int]]:
        """With the columns' names and the number of rows of the whole file. Raises FileRefused."""
        try:
            opened = pq.ParquetFile(
                pa.PythonFile(self._file, mode="r"), buffer_size=BUFFER_BYTES, pre_buffer=False
            )
            batches = opened.iter_batches(batch_rows(opened.metadata), use_threads=False)
            for batch in batches:
                if batch.nbytes > MOST_BATCH_BYTES:
                    raise FileRefused(f"{batch.num_rows:,} of its rows have {batch.nbytes // 2**20:,} MiB.")
                if batch.num_rows:
                    yield batch, batch.schema.names, opened.metadata.num_rows
        except DAMAGED as error:
            raise FileRefused("The Parquet file is damaged or cut short.") from error


def batch_rows(metadata: Any) -> int:
    n_bytes = sum(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
    if n_bytes > MOST_UNPACKED_BYTES:
        raise FileRefused(f"The file unpacks to more than {MOST_UNPACKED_BYTES // 2**20} MiB.")
    row_bytes: int = n_bytes // max(1, metadata.num_rows)
    return max(1, min(MOST_BATCH_ROWS, BATCH_BYTES // max(1, row_bytes)))


def objects_of(batch: Any, columns: Columns) -> Iterator[JsonObject | Problem]:
    try:
        values = [values_of(column) for column in batch.columns]
    except UnicodeDecodeError:
        if batch.num_rows == 1:
            yield not_unicode(batch)
        else:
            for place in range(batch.num_rows):
                yield from objects_of(batch.slice(place, 1), columns)
        return
    for cells in zip(*values, strict=True):
        yield columns.object_of(cells)


def not_unicode(batch: Any) -> Problem:
    """`batch`: of one row."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            values_of(column)
        except UnicodeDecodeError as wrong:
            return Problem(name, f"not valid UTF-8 at byte {wrong.start + 1}")
    return Problem("", "not valid UTF-8")


def values_of(column: Any) -> list[Any]:
    """Python's values. Value by value takes five times as long for numbers, and for structs of them."""
    if types.is_struct(column.type):
        return structs_of(column)
    if is_number(column.type):
        if column.null_count == 0:
            values: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
            return values
        return list(column.to_pylist())
    return list(column.to_pylist()) if is_text(column.type) else [OTHER] * len(column)


def is_number(kind: Any) -> bool:
    """Or a flag."""
    return bool(types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind))


def is_text(kind: Any) -> bool:
    """Also a list of texts, of numbers or of structs, and what has a dictionary of texts."""
    if types.is_dictionary(kind):
        return is_text(kind.value_type)
    if types.is_list(kind) or types.is_large_list(kind):
        part = kind.value_type
        return types.is_struct(part) or is_number(part) or is_text(part)
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_null(kind)
    )


def structs_of(column: Any) -> list[Any]:
    names = [field.name for field in column.type]
    # flatten, unlike field, gives nulls where the struct itself is null.
    parts = zip(*(values_of(part) for part in column.flatten()), strict=True)
    rows: list[Any] = [dict(zip(names, values, strict=True)) for values in parts] or [{}] * len(column)
    if column.null_count:
        rows = [row if is_there else None for row, is_there in zip(rows, column.is_valid(), strict=True)]
    return rows
