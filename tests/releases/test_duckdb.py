"""DuckDB reads each dataset of a release by its own guess of the types, and needs no extension for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from duckdb import DuckDBPyRelation

from app.projects.pku import PKU
from app.releases.manifest import DEFAULT_CONFIG, DatasetName, FileFormat, Manifest, Split
from app.releases.rows.judgements import JudgedItem
from app.releases.rows.training import AskedPrompt
from tests.releases import samples

N_PROMPTS = 30
SMALL = 10_000
WITHOUT_EXTENSIONS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
FLAGS = str(duckdb.struct_type(dict.fromkeys(PKU.category_names, "BOOLEAN")))
MESSAGES = str(duckdb.list_type(duckdb.struct_type({"role": "VARCHAR", "content": "VARCHAR"})))
# All other fields of these hold text.
TYPES = {
    DatasetName.DUAL: {
        **dict.fromkeys(("is_response_0_safe", "is_response_1_safe"), "BOOLEAN"),
        **dict.fromkeys(("response_0_harm_category", "response_1_harm_category"), FLAGS),
        **dict.fromkeys(("response_0_severity_level", "response_1_severity_level"), "BIGINT"),
        **dict.fromkeys(("better_response_id", "safer_response_id"), "BIGINT"),
    },
    DatasetName.QA: {"is_safe": "BOOLEAN", "severity_level": "BIGINT", "harm_category": FLAGS},
    DatasetName.V0: {
        **dict.fromkeys(("is_response_0_safe", "is_response_1_safe"), "BOOLEAN"),
        **dict.fromkeys(("better_response_id", "safer_response_id"), "BIGINT"),
    },
    DatasetName.SINGLE: {"better_response_id": "BIGINT"},
    DatasetName.UNPAIRED: {"label": "BOOLEAN"},
    DatasetName.HARMLESS_CHAT: dict.fromkeys(("prompt", "chosen", "rejected"), MESSAGES),
    DatasetName.HARMLESS: {},
    DatasetName.PROMPT: {},
}


class Released(NamedTuple):
    folder: Path
    manifest: Manifest

    def rows(self, name: DatasetName, format: FileFormat, split: str = "") -> DuckDBPyRelation:
        """Of both splits where none is named; the database may neither fetch an extension nor load one."""
        database = duckdb.connect(config=WITHOUT_EXTENSIONS)
        if format is FileFormat.PARQUET:
            return database.read_parquet(f"{self.folder / name}/parquet/*/{split}*.parquet")
        return database.read_json(f"{self.folder / name}/data/*/{split}*.jsonl", union_by_name=True)


def judged_items() -> Iterator[JudgedItem]:
    """Each field has a value somewhere: what is null throughout has no type."""
    yield samples.judged(samples.said_safe(confidence=3, guideline_version=2))
    yield samples.judged(samples.ranked(strength=1))
    yield from samples.many_judged_items(N_PROMPTS)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """In shards; of more than 32 DuckDB looks at all for their types with `union_by_name` alone."""
    folder = tmp_path_factory.mktemp("release") / "3"
    manifest = samples.write_release(
        folder,
        samples.facts(),
        samples.many_qa_pairs(N_PROMPTS),
        samples.many_response_pairs(N_PROMPTS),
        [AskedPrompt(f"Question {number}?", "demo") for number in range(N_PROMPTS)],
        judged_items(),
        shard_bytes=SMALL,
    )
    return Released(folder, manifest)


@pytest.mark.parametrize("format", FileFormat)
def test_rows_are_as_many_as_the_manifest_says(released: Released, format: FileFormat) -> None:
    for entry in released.manifest.datasets:
        for split in Split:
            n_rows = entry.configs[DEFAULT_CONFIG][split]
            assert len(released.rows(entry.name, format, split)) == n_rows > 0


@pytest.mark.parametrize("format", FileFormat)
def test_flags_are_booleans_and_numbers_whole(released: Released, format: FileFormat) -> None:
    for name, types in TYPES.items():
        found = types_of(released.rows(name, format))
        assert {field: type for field, type in found.items() if type != "VARCHAR"} == types


@pytest.mark.parametrize("name", samples.DATASETS)
def test_both_formats_hold_the_same_rows(released: Released, name: DatasetName) -> None:
    """Times are text in a file; in JSON Lines DuckDB sees what they are."""
    lines, columns = (released.rows(name, format) for format in FileFormat)
    if name is DatasetName.ANNOTATIONS:
        columns = columns.project("* REPLACE (answered_at::TIMESTAMPTZ AS answered_at)")
    assert types_of(lines) == types_of(columns)
    assert sorted(map(repr, lines.fetchall())) == sorted(map(repr, columns.fetchall()))


def types_of(rows: DuckDBPyRelation) -> dict[str, str]:
    return {field: str(type) for field, type in zip(rows.columns, rows.types, strict=True)}
