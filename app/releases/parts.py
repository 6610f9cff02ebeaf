"""The files of a dataset: of each config and split its rows as JSON Lines in shards, and as Parquet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

import pyarrow as pa

from app.releases.manifest import FileEntry, FileFormat, Split
from app.releases.parquet import write_parquet

SHARD_BYTES = 256 * 1024 * 1024
"""The most bytes of a JSON Lines file, unless it is one row."""

BLOCK_BYTES = 65_536
"""Rows are collected up to this size, so that hundreds of models need no file held open each."""

FOLDERS = {FileFormat.JSON_LINES: "data", FileFormat.PARQUET: "parquet"}


@dataclass(slots=True)
class Shard:
    n_rows: int = 0
    n_bytes: int = 0
    longest_line: int = 0


@dataclass(slots=True)
class Part:
    """The rows of one config in one split. `waiting`: what is not in the newest shard's file yet."""

    dataset_folder: Path
    config: str
    split: Split
    shard_bytes: int = SHARD_BYTES
    shards: list[Shard] = field(default_factory=lambda: [Shard()])
    waiting: bytearray = field(default_factory=bytearray)

    def add(self, line: bytes) -> None:
        """A row with its line end."""
        shard = self.shards[-1]
        if shard.n_rows and shard.n_bytes + len(line) > self.shard_bytes:
            self.write_waiting()
            shard = Shard()
            self.shards.append(shard)
        self.waiting += line
        shard.n_rows += 1
        shard.n_bytes += len(line)
        shard.longest_line = max(shard.longest_line, len(line))
        if len(self.waiting) >= BLOCK_BYTES:
            self.write_waiting()

    def write_waiting(self) -> None:
        path = self.path_of_begun(len(self.shards) - 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(self.waiting)
        self.waiting.clear()

    def path_of_begun(self, number: int) -> Path:
        """Of a shard as long as it is not known how many there will be, or in which split."""
        return self.folder_of(FileFormat.JSON_LINES) / f".{self.split}-{number}"

    def folder_of(self, format: FileFormat) -> Path:
        return self.dataset_folder / FOLDERS[format] / self.config

    def finish(self, split: Split, schema: pa.Schema) -> Iterator[FileEntry]:
        """Write all rows as `split`, in both formats; nothing can be added any more."""
        self.write_waiting()
        for number, shard in enumerate(self.shards):
            name = name_of_shard(split, number, len(self.shards))
            lines, columns = (self.folder_of(format) / f"{name}.{format}" for format in FileFormat)
            self.path_of_begun(number).rename(lines)
            write_parquet(lines, columns, schema, shard.longest_line)
            for path, format in ((lines, FileFormat.JSON_LINES), (columns, FileFormat.PARQUET)):
                yield self.file_entry(path, format, split, shard.n_rows)

    def file_entry(self, path: Path, format: FileFormat, split: Split, n_rows: int) -> FileEntry:
        with path.open("rb") as file:
            checksum = file_digest(file, "sha256").hexdigest()
        return FileEntry(
            path=path.relative_to(self.dataset_folder.parent).as_posix(),
            format=format,
            config=self.config,
            split=split,
            n_rows=n_rows,
            n_bytes=path.stat().st_size,
            sha256=checksum,
        )


def name_of_shard(split: Split, number: int, n_shards: int) -> str:
    """Without the ending; the split alone where there is one shard."""
    return split if n_shards == 1 else f"{split}-{number:05}-of-{n_shards:05}"
