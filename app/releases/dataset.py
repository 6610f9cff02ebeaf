"""One dataset of a release while it is written: which file a row belongs to, and what the files hold."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path

import orjson

from app.releases.folders import flush_to_disk
from app.releases.manifest import DEFAULT_CONFIG, DatasetEntry, DatasetName, FileEntry, Split
from app.releases.rows import LabelledResponse, ResponsePair, Row
from app.releases.rules import DropReason
from app.releases.tally import DualCounts, LabelCounts, SingleCounts

BLOCK_BYTES = 65_536
"""Rows are collected up to this size, so that hundreds of models need no file held open each."""

ONE_TEST_PROMPT_IN = 10
MIXED = "mixed"
UNKNOWN = "unknown"
MOST_SLUG_LETTERS = 60


def split_of(prompt: str) -> Split:
    """The split of every row of this prompt, in every release: about one prompt in ten is test.

    Test are those whose SHA-256 (of the UTF-8 text; its first eight bytes as a big-endian number) is
    divisible by ten.
    """
    number = int.from_bytes(sha256(prompt.encode()).digest()[:8])
    return Split.TEST if number % ONE_TEST_PROMPT_IN == 0 else Split.TRAIN


def config_of_response(response: LabelledResponse) -> str:
    """The folder and config of a model's rows: lower-case letters, digits, dots and hyphens.

    Names that differ only in case or punctuation share one. A name with other letters, or too long, or
    equal to a config with a meaning of its own, carries the start of its SHA-256.
    """
    source = response.source.strip()
    if not source:
        return UNKNOWN
    slug = re.sub(r"[^a-z0-9.]+", "-", source.lower()).strip("-.")
    is_reserved = slug in {"", DEFAULT_CONFIG, MIXED, UNKNOWN}
    if source.isascii() and not is_reserved and len(slug) <= MOST_SLUG_LETTERS:
        return slug
    return f"{slug[:MOST_SLUG_LETTERS] or 'model'}-{sha256(source.encode()).hexdigest()[:8]}"


def config_of_pair(pair: ResponsePair) -> str:
    """The model of both responses, or "mixed"."""
    first, second = config_of_response(pair.response_0), config_of_response(pair.response_1)
    return first if first == second else MIXED


@dataclass(slots=True)
class _Part:
    """The rows of one config in one split. `waiting`: what is not in the file yet."""

    path: Path
    n_rows: int = 0
    waiting: bytearray = field(default_factory=bytearray)


class DatasetWriter:
    """Takes rows one at a time; holds no more in memory than a block a file."""

    def __init__(self, release_folder: Path, name: DatasetName) -> None:
        self._release_folder = release_folder
        self._name = name
        self._parts: dict[tuple[str, Split], _Part] = {}
        self._dropped = dict.fromkeys(DropReason, 0)

    def drop(self, reason: DropReason) -> None:
        self._dropped[reason] += 1

    def write(self, config: str, prompt: str, row: Row) -> None:
        split = split_of(prompt)
        part = self._parts.get((config, split))
        if part is None:
            path = self._release_folder / self._name / "data" / config / f"{split}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            part = self._parts[config, split] = _Part(path)
        part.waiting += orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        part.n_rows += 1
        if len(part.waiting) >= BLOCK_BYTES:
            _append_waiting(part)

    def finish(self, labels: LabelCounts | None, pairs: DualCounts | SingleCounts | None) -> DatasetEntry:
        """Bring every row to disk; the writer is not used again."""
        for part in self._parts.values():
            _append_waiting(part)
        self._train_on_what_there_is()
        files = tuple(self._file_entry(config, split) for config, split in sorted(self._parts))
        return DatasetEntry(
            name=self._name,
            n_rows=sum(file.n_rows for file in files),
            n_bytes=sum(file.n_bytes for file in files),
            configs=_rows_by_config(files),
            dropped={reason: n for reason, n in self._dropped.items() if n},
            files=files,
            labels=labels,
            pairs=pairs,
        )

    def _train_on_what_there_is(self) -> None:
        """Where all prompts, few as they must be, fell to test: no test split, as readers ask for train."""
        if any(split is Split.TRAIN for _, split in self._parts):
            return
        self._parts = {(config, Split.TRAIN): part for (config, _), part in self._parts.items()}
        for part in self._parts.values():
            part.path = part.path.rename(part.path.with_stem(Split.TRAIN))

    def _file_entry(self, config: str, split: Split) -> FileEntry:
        part = self._parts[config, split]
        flush_to_disk(part.path)
        with part.path.open("rb") as file:
            checksum = file_digest(file, "sha256").hexdigest()
        return FileEntry(
            path=part.path.relative_to(self._release_folder).as_posix(),
            config=config,
            split=split,
            n_rows=part.n_rows,
            n_bytes=part.path.stat().st_size,
            sha256=checksum,
        )


def _append_waiting(part: _Part) -> None:
    with part.path.open("ab") as file:
        file.write(part.waiting)
    part.waiting.clear()


def _rows_by_config(files: Iterable[FileEntry]) -> dict[str, dict[Split, int]]:
    """The default config over all files, then one a model.

    A model whose few prompts all fell to test gets no config: loading its train split could only fail.
    """
    by_config: dict[str, dict[Split, int]] = {DEFAULT_CONFIG: {}}
    for file in files:
        by_config.setdefault(file.config, {})[file.split] = file.n_rows
        in_all = by_config[DEFAULT_CONFIG]
        in_all[file.split] = in_all.get(file.split, 0) + file.n_rows
    return {
        config: {split: rows[split] for split in (Split.TRAIN, Split.TEST) if split in rows}
        for config, rows in by_config.items()
        if Split.TRAIN in rows
    }
