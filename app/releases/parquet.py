"""The rows of a JSON Lines file once more as Parquet.

Read back from the file that was just written, so that both formats hold the same rows, whole columns at a
time, and with one file open, however many there are. Same rows, same bytes by one version of pyarrow:
nothing in a file tells a time or a place.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.json as pj
import pyarrow.parquet as pq

ROWS_A_GROUP = 10_000
MOST_GROUP_BYTES = 1 << 26
"""Where rows are so long that fewer of them fill this, a group is what has been read by then."""

BLOCK_BYTES = 1 << 20


def write_parquet(source: Path, target: Path, schema: pa.Schema, longest_line: int) -> None:
    """`longest_line`: bytes of the longest row in `source`; a reader of blocks must fit it in."""
    target.parent.mkdir(parents=True, exist_ok=True)
    reader = pj.open_json(
        source,
        # Two rows a block at least: a row may reach into the next block, but not into the one behind it.
        read_options=pj.ReadOptions(use_threads=False, block_size=max(BLOCK_BYTES, 2 * longest_line)),
        parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
    )
    with reader, pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for group in row_groups(reader, schema):
            writer.write_table(group, row_group_size=ROWS_A_GROUP)


def row_groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """ROWS_A_GROUP rows each, or fewer where they are long; the last one what is left."""
    waiting, n_bytes = schema.empty_table(), 0
    for batch in batches:
        waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch], schema)])
        n_bytes += batch.nbytes
        while waiting.num_rows >= ROWS_A_GROUP:
            yield waiting.slice(0, ROWS_A_GROUP)
            waiting = waiting.slice(ROWS_A_GROUP)
            n_bytes = waiting.nbytes
        if n_bytes >= MOST_GROUP_BYTES:
            yield waiting
            waiting, n_bytes = schema.empty_table(), 0
    if waiting.num_rows:
        yield waiting
