"""The same rows in every format, as the usual tools write them."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.items.samples import JsonObject


def by_excel(rows: Sequence[JsonObject]) -> bytes:
    """As Excel's "CSV UTF-8" where the decimal mark is a comma; objects and lists as JSON."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([as_excel(value) for value in row.values()] for row in rows)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def as_excel(value: object) -> object:
    if isinstance(value, bool):
        return str(value).upper()
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


def by_hand(rows: Sequence[JsonObject], delimiter: str) -> bytes:
    """A column a category, named by field and category; 0 and 1 for flags."""
    flat = [flattened(row) for row in rows]
    written = StringIO()
    writer = csv.DictWriter(written, list(flat[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return written.getvalue().encode()


def flattened(row: JsonObject) -> JsonObject:
    flat: JsonObject = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{category}": int(flag) for category, flag in value.items()}
        elif isinstance(value, list):
            flat[name] = orjson.dumps(value).decode()
        else:
            flat[name] = int(value) if isinstance(value, bool) else value
    return flat


def by_pandas_csv(rows: Sequence[JsonObject]) -> bytes:
    """Objects and lists as Python writes them, and a nameless column of row numbers."""
    written: str = pd.DataFrame(rows).to_csv()
    return written.encode()


def by_pandas_parquet(rows: Sequence[JsonObject]) -> bytes:
    written = BytesIO()
    pd.DataFrame(rows).to_parquet(written)
    return written.getvalue()


def by_pyarrow(rows: Sequence[JsonObject], **options: Any) -> bytes:
    written = BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), written, **options)
    return written.getvalue()


def with_small_numbers(rows: Sequence[JsonObject]) -> bytes:
    """Numbers and flags in one byte each, texts by a dictionary, a row group for each row."""
    table = pa.Table.from_pylist(list(rows))
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_integer(field.type) or pa.types.is_boolean(field.type):
            table = table.set_column(place, field.name, column.cast(pa.int8()))
        elif pa.types.is_string(field.type):
            table = table.set_column(place, field.name, column.dictionary_encode())
    written = BytesIO()
    pq.write_table(table, written, compression="zstd", row_group_size=1)
    return written.getvalue()
