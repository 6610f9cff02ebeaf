"""Rows spread over temporary files by their key, so that both releases' rows of one key can be compared
without more than a part of them in memory."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.differences.shapes import KEY

ROWS_A_BUCKET = 25_000
N_BEGINNINGS = 256
"""Of keys: their first two hexadecimal digits."""

BEGINNINGS = pa.array([f"{number:02x}" for number in range(N_BEGINNINGS)])


def n_buckets_for(n_rows: int) -> int:
    """So many that each holds about ROWS_A_BUCKET rows or fewer, of rows with one SHA-256 as their key."""
    return max(1, min(N_BEGINNINGS, -(-n_rows // ROWS_A_BUCKET)))


def spread(tables: Iterable[pa.Table], folder: Path, n_buckets: int) -> int:
    """One file a bucket, in a new folder; buckets are in the order of keys. How many rows there were."""
    folder.mkdir()
    n_rows = 0
    with ExitStack() as opened:
        writers: list[pa.RecordBatchFileWriter] = []
        for table in in_large_parts(tables):
            n_rows += len(table)
            if not writers:
                paths = (path_of(folder, bucket) for bucket in range(n_buckets))
                writers = [opened.enter_context(pa.ipc.new_file(path, table.schema)) for path in paths]
            for writer, rows in zip(writers, by_bucket(table, n_buckets), strict=True):
                writer.write_table(rows)
    return n_rows


def in_large_parts(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """A few tables each: a part of a few rows in each of many files would be mostly padding."""
    waiting: list[pa.Table] = []
    n_waiting = 0
    for table in tables:
        waiting.append(table)
        n_waiting += len(table)
        if n_waiting >= ROWS_A_BUCKET:
            yield pa.concat_tables(waiting)
            waiting, n_waiting = [], 0
    if waiting:
        yield pa.concat_tables(waiting)


def by_bucket(table: pa.Table, n_buckets: int) -> Iterator[pa.Table]:
    """The rows of each bucket, in their order."""
    beginnings = pc.index_in(pc.utf8_slice_codeunits(table[KEY], 0, 2), BEGINNINGS).to_numpy()
    buckets = beginnings.astype(np.int64) * n_buckets // N_BEGINNINGS
    rows = table.take(pa.array(np.argsort(buckets, kind="stable")))
    ends = np.cumsum(np.bincount(buckets, minlength=n_buckets))
    for start, end in zip((0, *ends), ends, strict=False):
        yield rows.slice(start, end - start)


def path_of(folder: Path, bucket: int) -> Path:
    return folder / f"{bucket}.arrow"


def rows_of(folder: Path, bucket: int) -> pa.Table | None:
    """None where the dataset has no rows at all."""
    path = path_of(folder, bucket)
    if not path.exists():
        return None
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()
