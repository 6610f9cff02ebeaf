"""What a release says about itself: `manifest.json`, and the one source of every number on its cards."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

import orjson

from app.agreement.report.content import Report
from app.releases.rows.rules import READER_TOKENS, DropReason
from app.releases.rows.tally import DualCounts, LabelCounts, SingleCounts

FORMAT_VERSION = 3
DEFAULT_CONFIG = "default"


class DatasetName(StrEnum):
    """The datasets of a release, each a folder that loads on its own.

    BeaverTails is one of those alone whose project labels by just its 14 categories, since these can't be
    told from PKU's 19. Some have no counterpart there (child_abuse; controversial_topics,politics), some cut
    across those (misinformation, non_violent_unethical_behavior; self_harm is one part of Psychological and
    Physical Harm), so a mapping would state labels that nobody gave.
    """

    DUAL = "PKU-SafeRLHF"
    QA = "PKU-SafeRLHF-QA"
    BEAVERTAILS = "BeaverTails"
    SINGLE = "PKU-SafeRLHF-single-dimension"
    PROMPT = "PKU-SafeRLHF-prompt"
    V0 = "PKU-SafeRLHF-v0"
    HELPFUL = "trl-preference-helpful"
    HARMLESS = "trl-preference-harmless"
    OVERALL = "trl-preference-single"
    HELPFUL_CHAT = "trl-preference-helpful-conversational"
    HARMLESS_CHAT = "trl-preference-harmless-conversational"
    OVERALL_CHAT = "trl-preference-single-conversational"
    UNPAIRED = "trl-unpaired"
    ANNOTATIONS = "annotations"
    CONSENSUS = "consensus"


class Split(StrEnum):
    TRAIN = "train"
    TEST = "test"


class FileFormat(StrEnum):
    """The ending of a file's name."""

    JSON_LINES = "jsonl"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class QueueAgreement:
    queue: str
    report: Report


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What the writer cannot know by itself.

    `as_of`: ISO 8601, the moment the labels were read. `category_names`: the taxonomy's, in its order.
    `consensus_rules`: sentences for the card. `agreement`: the report of each queue, without what it says of
    single people. `reader_tokens`: see `rules.READER_TOKENS`. `filters`: those that are on, as
    `filters.filter_sentences` reads them.
    """

    project: str
    number: int
    as_of: str
    code_version: str
    taxonomy_version: str
    category_names: tuple[str, ...]
    consensus_rules: tuple[str, ...]
    agreement: tuple[QueueAgreement, ...] = ()
    license: str = "cc-by-nc-4.0"
    reader_tokens: int = READER_TOKENS
    filters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """`path`: from the release's folder, with "/". `sha256`: of the whole file, lower hex.

    Each JSON Lines file has the same rows once more in the Parquet file that follows it.
    """

    path: str
    format: FileFormat
    config: str
    split: Split
    n_rows: int
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """`n_rows`: rows, each counted once whatever the formats; `n_bytes`: of all files.

    `configs`: rows by config and split; "default" holds all rows, and a split without rows is left out.
    `dropped`: rows by reason, in the order of `DropReason`. `labels` is None where rows carry no harm
    categories, `pairs` where they name no preferred side by its number. `counts`: what else was counted of
    the rows, by the words of the card.
    """

    name: DatasetName
    n_rows: int
    n_bytes: int
    configs: dict[str, dict[Split, int]]
    dropped: dict[DropReason, int]
    files: tuple[FileEntry, ...]
    labels: LabelCounts | None
    pairs: DualCounts | SingleCounts | None
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A file of JSON Lines beside the datasets. Fields as in `FileEntry`."""

    path: str
    n_rows: int
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`content_sha256`: of all data, see `content_checksum`; the name of what is in a release, whatever its
    number. `left_out`: the list of rows that are not released, each with its reasons; `tombstones`: that of
    withdrawn texts."""

    format_version: int
    content_sha256: str
    release: ReleaseFacts
    datasets: tuple[DatasetEntry, ...]
    left_out: ListEntry
    tombstones: ListEntry


def content_checksum(datasets: Iterable[DatasetEntry]) -> str:
    """SHA-256 of a line for each file in the manifest's order: its SHA-256, two spaces and its path, as the
    program sha256sum writes and checks them."""
    lines = (f"{file.sha256}  {file.path}\n" for entry in datasets for file in entry.files)
    return sha256("".join(lines).encode()).hexdigest()


def manifest_json(manifest: Manifest) -> bytes:
    """The file, two spaces an indent; keys in the order of the classes above."""
    return orjson.dumps(
        manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    )
