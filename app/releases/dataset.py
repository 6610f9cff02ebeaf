"""One dataset of a release while it is written: which file a row belongs to, and what the files hold."""

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import orjson
import pyarrow as pa

from app.releases.manifest import DEFAULT_CONFIG, DatasetEntry, DatasetName, FileEntry, FileFormat, Split
from app.releases.parts import SHARD_BYTES, Part
from app.releases.rows import LabelledResponse, ResponsePair, Row
from app.releases.rules import DropReason
from app.releases.tally import DualCounts, LabelCounts, SingleCounts

ONE_TEST_PROMPT_IN = 10
MIXED = "mixed"
UNKNOWN = "unknown"
MOST_SLUG_LETTERS = 60


def split_of(prompt: str) -> Split:
    """The split of every row of this prompt, in every release: about one prompt in ten is test.

    Test are those whose SHA-256 (of the UTF-8 text; its first eight bytes as a big-endian number) is
    divisible by ten.
    """
    return split_of_digest(sha256(prompt.encode()).digest())


def split_of_digest(prompt_sha256: bytes) -> Split:
    number = int.from_bytes(prompt_sha256[:8])
    return Split.TEST if number % ONE_TEST_PROMPT_IN == 0 else Split.TRAIN


def config_of_response(response: LabelledResponse) -> str:
    """The folder and config of a model's rows: lower-case letters, digits, dots and hyphens.

    Names that differ only in case or punctuation share one. A name with other letters, or too long, or
    equal to a config with a meaning of its own, carries the start of its SHA-256.
    """
    return config_of_source(response.source)


@lru_cache
def config_of_source(source: str) -> str:
    source = source.strip()
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


class DatasetWriter:
    """Takes rows one at a time; holds no more in memory than a block a file."""

    def __init__(
        self, release_folder: Path, name: DatasetName, schema: pa.Schema, shard_bytes: int = SHARD_BYTES
    ) -> None:
        self._folder = release_folder / name
        self._name = name
        self._schema = schema
        self._shard_bytes = shard_bytes
        self._parts: dict[tuple[str, Split], Part] = {}
        self._dropped = dict.fromkeys(DropReason, 0)

    def drop(self, reason: DropReason) -> None:
        self._dropped[reason] += 1

    def write(self, config: str, split: Split, row: Row) -> None:
        part = self._parts.get((config, split))
        if part is None:
            part = self._parts[config, split] = Part(self._folder, config, split, self._shard_bytes)
        part.add(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

    def finish(
        self,
        labels: LabelCounts | None = None,
        pairs: DualCounts | SingleCounts | None = None,
        counts: dict[str, int] | None = None,
    ) -> DatasetEntry:
        """Write what is left; the writer is not used again."""
        files = tuple(self._finished_files())
        return DatasetEntry(
            name=self._name,
            n_rows=sum(file.n_rows for file in files if file.format is FileFormat.JSON_LINES),
            n_bytes=sum(file.n_bytes for file in files),
            configs=_rows_by_config(files),
            dropped={reason: n for reason, n in self._dropped.items() if n},
            files=files,
            labels=labels,
            pairs=pairs,
            counts=counts or {},
        )

    def _finished_files(self) -> Iterable[FileEntry]:
        """Where all prompts, few as they must be, fell to test: no test split, as readers ask for train."""
        is_test_alone = not any(split is Split.TRAIN for _, split in self._parts)
        for (_, split), part in sorted(self._parts.items(), key=lambda entry: entry[0]):
            yield from part.finish(Split.TRAIN if is_test_alone else split, self._schema)


def _rows_by_config(files: Iterable[FileEntry]) -> dict[str, dict[Split, int]]:
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
