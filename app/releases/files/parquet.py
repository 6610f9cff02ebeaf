"""Parquet files of a stream of Arrow batches.

Same rows, same bytes by one version of pyarrow: nothing in a file tells a time or a place, or how many rows
were in memory at once.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_A_GROUP = 10_000
REPEATING = ("_source", "_version", "dimension", "annotator")
MOST_GROUP_BYTES = 1 << 26
"""Where rows are so long that fewer of them fill this, a group is what has been read by then."""


def write_parquet(batches: Path, target: Path) -> None:
    """`batches`: a file of Arrow's stream format, with one batch or more."""
    # Not mapped into memory: the whole file would count as ours.
    with pa.OSFile(str(batches)) as source, pa.ipc.open_stream(source) as stream:
        schema = stream.schema
        with pq.ParquetWriter(target, schema, compression="zstd", use_dictionary=repeating(schema)) as writer:
            for group in row_groups(stream, schema):
                writer.write_table(group, row_group_size=ROWS_A_GROUP)


def repeating(schema: pa.Schema) -> list[str]:
    """Columns worth a dictionary; texts, which take most of the room, hardly ever repeat."""
    return [name for name in schema.names if name.endswith(REPEATING)]


def row_groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """ROWS_A_GROUP rows each, or fewer where they are long; the last one what is left."""
    waiting: list[pa.RecordBatch] = []
    n_rows = n_bytes = 0
    for batch in batches:
        start = 0
        while start < batch.num_rows:
            taken = batch.slice(start, ROWS_A_GROUP - n_rows)
            waiting.append(taken)
            start += taken.num_rows
            n_rows += taken.num_rows
            n_bytes += taken.nbytes
            if n_rows == ROWS_A_GROUP or n_bytes >= MOST_GROUP_BYTES:
                yield pa.Table.from_batches(waiting, schema).combine_chunks()
                waiting, n_rows, n_bytes = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting, schema).combine_chunks()
