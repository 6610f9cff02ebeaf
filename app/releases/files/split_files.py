"""The rows of one config in one split, as a part of a release writes them: JSON Lines in shards, and each
shard once more as Parquet.

Both formats are made of the same rows, a block at a time. Until a shard is full its columns wait beside it as
Arrow batches, so that hundreds of models take a block of memory each, and no file held open.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from app.releases.files.parquet import write_parquet
from app.releases.manifest import FileEntry, FileFormat, Split

SHARD_BYTES = 256 * 1024 * 1024
"""The most bytes of a JSON Lines file, unless it is one row."""

BLOCK_BYTES = 131_072

FOLDERS = {FileFormat.JSON_LINES: "data", FileFormat.PARQUET: "parquet"}


@dataclass(slots=True)
class Shard:
    """`checksum`: of the lines written so far."""

    n_rows: int = 0
    n_bytes: int = 0
    checksum: Any = field(default_factory=sha256)


@dataclass(slots=True)
class SplitFiles:
    """`lines`, `columns`: what is not in the newest shard's files yet, these as a stream of Arrow's."""

    dataset_folder: Path
    config: str
    split: Split
    schema: pa.Schema
    shard_bytes: int = SHARD_BYTES
    shards: list[Shard] = field(default_factory=lambda: [Shard()])
    lines: bytearray = field(default_factory=bytearray)
    columns: bytearray = field(default_factory=bytearray)

    def add(self, lines: pa.LargeBinaryArray, batch: pa.RecordBatch) -> None:
        """The same rows in both forms."""
        _, ends, content = lines.buffers()
        offsets = np.frombuffer(ends, np.int64)[lines.offset : lines.offset + len(lines) + 1]
        start = 0
        while start < len(lines):
            shard = self.shards[-1]
            end = int(offsets.searchsorted(offsets[start] + self.shard_bytes - shard.n_bytes, "right")) - 1
            if not shard.n_rows:
                end = max(end, start + 1)
            if end > start:
                self.lines += memoryview(content)[offsets[start] : offsets[end]]
                # At once: a slice that waits would keep the whole block in memory.
                self.columns += batch.slice(start, end - start).serialize()
                shard.n_rows += end - start
                shard.n_bytes += int(offsets[end] - offsets[start])
                start = end
            if start < len(lines):
                self.write_block()
                self.shards.append(Shard())
        if len(self.lines) >= BLOCK_BYTES:
            self.write_block()

    def write_block(self) -> None:
        if not self.lines:
            return
        number = len(self.shards) - 1
        lines, batches = self.path_of(FileFormat.JSON_LINES, number), self.path_of_batches(number)
        is_new = not batches.exists()
        for path in (lines, batches):
            path.parent.mkdir(parents=True, exist_ok=True)
        with lines.open("ab") as file:
            file.write(self.lines)
        with batches.open("ab") as file:
            # A stream of Arrow's: what the columns are, then each batch.
            if is_new:
                file.write(self.schema.serialize())
            file.write(self.columns)
        self.shards[number].checksum.update(self.lines)
        self.lines.clear()
        self.columns.clear()

    def path_of(self, format: FileFormat, number: int) -> Path:
        name = f"{self.split}-{number:05}.{format}"
        return self.dataset_folder / FOLDERS[format] / self.config / name

    def path_of_batches(self, number: int) -> Path:
        return self.path_of(FileFormat.PARQUET, number).with_suffix(".arrow")

    def finish(self) -> Iterator[FileEntry]:
        """What is written, by shard; nothing can be added any more. Paths are below the dataset's parent."""
        self.write_block()
        for number, shard in enumerate(self.shards):
            lines, columns = (self.path_of(format, number) for format in FileFormat)
            batches = self.path_of_batches(number)
            write_parquet(batches, columns)
            # Not after every block: what Arrow gives back it has to ask for again, a fifth of a part's time.
            pa.default_memory_pool().release_unused()
            batches.unlink()
            yield self.file_entry(lines, FileFormat.JSON_LINES, shard.n_rows, shard.checksum.hexdigest())
            with columns.open("rb") as file:
                checksum = file_digest(file, "sha256").hexdigest()
            yield self.file_entry(columns, FileFormat.PARQUET, shard.n_rows, checksum)

    def file_entry(self, path: Path, format: FileFormat, n_rows: int, checksum: str) -> FileEntry:
        return FileEntry(
            path=path.relative_to(self.dataset_folder.parent).as_posix(),
            format=format,
            config=self.config,
            split=self.split,
            n_rows=n_rows,
            n_bytes=path.stat().st_size,
            sha256=checksum,
        )
