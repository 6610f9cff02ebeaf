"""The parts of a release as one: its files under their names, its counts added up."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from app.releases.files.dataset import DatasetPart
from app.releases.files.left_out import LEFT_OUT_NAME
from app.releases.files.split_files import FOLDERS
from app.releases.manifest import (
    DEFAULT_CONFIG,
    DatasetEntry,
    DatasetName,
    FileEntry,
    FileFormat,
    ListEntry,
    Split,
)
from app.releases.rows.rules import DropReason
from app.releases.rows.tally import summed

ANNOTATORS = "Annotators"
BLOCK_BYTES = 1 << 20

Name = TypeVar("Name", bound=str)

PartOf = tuple[Path, DatasetPart]
"""A dataset's part, and the folder that its paths begin at."""


def join_dataset(name: DatasetName, parts: Sequence[PartOf], fresh: Path) -> DatasetEntry:
    """Move the files of all parts below `fresh`, in the order of the parts."""
    files = tuple(moved_files(name, parts, fresh))
    contents = [part for _, part in parts]
    dropped = added_up(part.dropped for part in contents)
    counts = added_up(part.counts for part in contents)
    if name is DatasetName.ANNOTATIONS:
        counts[ANNOTATORS] = len({annotator for part in contents for annotator in part.annotators})
    return DatasetEntry(
        name=name,
        n_rows=sum(file.n_rows for file in files if file.format is FileFormat.JSON_LINES),
        n_bytes=sum(file.n_bytes for file in files),
        configs=rows_by_config(files),
        dropped={reason: dropped[reason] for reason in DropReason if reason in dropped},
        files=files,
        labels=summed(part.labels for part in contents),
        pairs=summed(part.pairs for part in contents),
        counts=counts,
    )


def added_up(counts: Iterable[dict[Name, int]]) -> dict[Name, int]:
    found: dict[Name, int] = {}
    for each in counts:
        for name, n in each.items():
            found[name] = found.get(name, 0) + n
    return found


def moved_files(name: DatasetName, parts: Sequence[PartOf], fresh: Path) -> Iterator[FileEntry]:
    """By config and split; each JSON Lines file before its Parquet file.

    Where all prompts, few as they must be, fell to test, there is no test split, as readers ask for train.
    """
    staged: dict[tuple[str, Split, FileFormat], list[tuple[Path, FileEntry]]] = defaultdict(list)
    for folder, part in parts:
        for file in part.files:
            staged[file.config, file.split, file.format].append((folder / file.path, file))
    is_test_alone = not any(split is Split.TRAIN for _, split, _ in staged)
    for config, split in sorted({(config, split) for config, split, _ in staged}):
        given = Split.TRAIN if is_test_alone else split
        shards = [staged[config, split, format] for format in FileFormat]
        for number, pair in enumerate(zip(*shards, strict=True)):
            shard_name = name_of_shard(given, number, len(shards[0]))
            for path, file in pair:
                folder = fresh / name / FOLDERS[file.format] / config
                folder.mkdir(parents=True, exist_ok=True)
                placed = folder / f"{shard_name}.{file.format}"
                path.rename(placed)
                yield replace(file, path=placed.relative_to(fresh).as_posix(), split=given)


def name_of_shard(split: Split, number: int, n_shards: int) -> str:
    """Without the ending; the split alone where there is one shard."""
    return split if n_shards == 1 else f"{split}-{number:05}-of-{n_shards:05}"


def rows_by_config(files: Iterable[FileEntry]) -> dict[str, dict[Split, int]]:
    """The default config over all files, then one a model, where rows are told apart by model.

    A model whose few prompts all fell to test gets no config: loading its train split could only fail.
    """
    by_config: dict[str, dict[Split, int]] = {DEFAULT_CONFIG: {}}
    for file in files:
        if file.format is FileFormat.JSON_LINES:
            for config in dict.fromkeys((DEFAULT_CONFIG, file.config)):
                rows = by_config.setdefault(config, {})
                rows[file.split] = rows.get(file.split, 0) + file.n_rows
    return {
        config: {split: rows[split] for split in (Split.TRAIN, Split.TEST) if split in rows}
        for config, rows in by_config.items()
        if Split.TRAIN in rows
    }


def join_left_out(paths: Iterable[Path], n_rows: int, fresh: Path) -> ListEntry:
    """One list of all of those that are there."""
    target = fresh / LEFT_OUT_NAME
    checksum, n_bytes = sha256(), 0
    with target.open("wb") as joined:
        for path in paths:
            if path.exists():
                with path.open("rb") as file:
                    while block := file.read(BLOCK_BYTES):
                        joined.write(block)
                        checksum.update(block)
                        n_bytes += len(block)
    return ListEntry(LEFT_OUT_NAME, n_rows, n_bytes, checksum.hexdigest())
