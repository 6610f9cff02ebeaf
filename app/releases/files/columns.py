"""Rows as Arrow columns."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from app.releases.rows.pku import Row


def record_batch(rows: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    """One column a field of `schema`, each of which every row has."""
    columns = [
        column([row[name] for row in rows], kind)
        for name, kind in zip(schema.names, schema.types, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def column(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Objects are made into structs once where many rows share one, as they do the flags of a label."""
    if not pa.types.is_struct(kind):
        return pa.array(values, kind)
    distinct = {id(value): value for value in values}
    if len(distinct) == len(values):
        return pa.array(values, kind)
    places = {key: place for place, key in enumerate(distinct)}
    return pa.array(list(distinct.values()), kind).take(pa.array([places[id(value)] for value in values]))
