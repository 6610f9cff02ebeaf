"""One dataset as a part of a release writes it: which files a row belongs to, and what they hold."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from app.releases.files.split_files import SHARD_BYTES, SplitFiles
from app.releases.manifest import DEFAULT_CONFIG, DatasetName, FileEntry, Split
from app.releases.rows.fields import Fields, lines_of, record_batch
from app.releases.rows.pku import LabelledResponse, ResponsePair
from app.releases.rows.rules import DropReason
from app.releases.rows.tally import DualCounts, LabelCounts, SingleCounts

ONE_TEST_PROMPT_IN = 10
MIXED = "mixed"
UNKNOWN = "unknown"
MOST_SLUG_LETTERS = 60

Place = tuple[str, Split]
"""A row's config and split."""


@lru_cache(maxsize=10_000)
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


@dataclass(frozen=True, slots=True)
class DatasetPart:
    """What one part of a release has of a dataset. Fields as in `DatasetEntry`; paths from the part's folder.

    `annotators`: the pseudonyms found, where the dataset has some.
    """

    name: DatasetName
    files: tuple[FileEntry, ...]
    dropped: dict[DropReason, int]
    labels: LabelCounts | None = None
    # In this order: read back, counts of one number are taken for the first class that has them all.
    pairs: SingleCounts | DualCounts | None = None
    counts: dict[str, int] = field(default_factory=dict)
    annotators: tuple[str, ...] = ()


class DatasetWriter:
    """Takes rows by the block; holds no more in memory than a block a file."""

    def __init__(
        self, part_folder: Path, name: DatasetName, schema: pa.Schema, shard_bytes: int = SHARD_BYTES
    ) -> None:
        self._folder = part_folder / name
        self._name = name
        self._schema = schema
        self._shard_bytes = shard_bytes
        self._files: dict[Place, SplitFiles] = {}
        self._dropped = dict.fromkeys(DropReason, 0)

    def drop(self, reason: DropReason) -> None:
        self._dropped[reason] += 1

    def write(self, places: Sequence[Place], rows: Sequence[Fields]) -> None:
        """`places`: of each row its config and split; what stands side by side is written at once."""
        lines, batch = lines_of(rows), record_batch(rows, self._schema)
        start = 0
        for place, of_file in groupby(places):
            n_rows = len(list(of_file))
            files = self._files.get(place)
            if files is None:
                files = SplitFiles(self._folder, *place, self._schema, self._shard_bytes)
                self._files[place] = files
            files.add(lines.slice(start, n_rows), batch.slice(start, n_rows))
            start += n_rows

    def finish(
        self,
        labels: LabelCounts | None = None,
        pairs: DualCounts | SingleCounts | None = None,
        counts: dict[str, int] | None = None,
        annotators: Iterable[str] = (),
    ) -> DatasetPart:
        """Write what is left; the writer is not used again."""
        files = [file for _, part in sorted(self._files.items(), key=by_place) for file in part.finish()]
        dropped = {reason: n for reason, n in self._dropped.items() if n}
        names = tuple(sorted(annotators))
        return DatasetPart(self._name, tuple(files), dropped, labels, pairs, counts or {}, names)


def by_place(entry: tuple[Place, SplitFiles]) -> Place:
    return entry[0]
