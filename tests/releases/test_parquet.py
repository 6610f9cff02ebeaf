"""The Parquet files hold the rows of the JSON Lines files, to the byte the same when made again."""

from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.projects.pku import PKU
from app.releases.files import parquet
from app.releases.files.parquet import write_parquet
from app.releases.manifest import DatasetName, FileFormat
from app.releases.rows.fields import of_rows, record_batch, told
from app.releases.rows.schemas import schema_of
from tests.releases import samples
from tests.releases.samples import write_release

SMALL = 4_000


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In shards of few rows."""
    folder = tmp_path_factory.mktemp("parquet") / "3"
    samples.write_all(folder, 120, shard_bytes=SMALL)
    return folder


def pairs_of_files(folder: Path) -> list[tuple[Path, Path]]:
    """(JSON Lines, Parquet)."""
    lines = sorted(folder.glob("data/*/*.jsonl"))
    return [(path, folder / "parquet" / path.parent.name / f"{path.stem}.parquet") for path in lines]


@pytest.mark.parametrize("name", samples.DATASETS)
def test_each_file_has_the_rows_of_its_json_lines_in_order(release: Path, name: DatasetName) -> None:
    files = pairs_of_files(release / name)
    assert len(files) == len(list((release / name).glob("parquet/*/*")))
    for lines, columns in files:
        rows = [orjson.loads(line) for line in lines.read_bytes().splitlines()]
        table = pq.read_table(columns)
        assert table.schema.equals(schema_of(name, PKU.category_names))
        assert table.to_pylist() == rows


@pytest.mark.parametrize("name", samples.DATASETS)
def test_pandas_reads_both(release: Path, name: DatasetName) -> None:
    pandas = pytest.importorskip("pandas")
    for lines, columns in pairs_of_files(release / name)[:2]:
        as_lines = pandas.read_json(lines, lines=True, dtype=False)
        as_columns = pandas.read_parquet(columns)
        assert list(as_lines.columns) == list(as_columns.columns)
        assert len(as_lines) == len(as_columns) > 0
        first = as_lines.columns[0]
        if name not in (DatasetName.HELPFUL_CHAT, DatasetName.HARMLESS_CHAT, DatasetName.OVERALL_CHAT):
            assert as_lines[first].tolist() == as_columns[first].tolist()


def test_shards_are_no_larger_than_asked_for_and_named_for_their_number(release: Path) -> None:
    shards = sorted((release / DatasetName.QA / "data/alpaca-7b").glob("train*"))
    assert len(shards) > 2
    assert [path.name for path in shards] == [
        f"train-{number:05}-of-{len(shards):05}.jsonl" for number in range(len(shards))
    ]
    assert all(path.stat().st_size <= SMALL for path in shards)


def test_shards_hold_the_rows_of_the_whole_in_order(release: Path, tmp_path: Path) -> None:
    samples.write_all(tmp_path / "3", 120)
    for name in samples.DATASETS:
        assert samples.rows_below(release / name) == samples.rows_below(tmp_path / "3" / name)


def test_made_again_every_file_is_the_same(release: Path, tmp_path: Path) -> None:
    samples.write_all(tmp_path / "3", 120, shard_bytes=SMALL)
    assert samples.bytes_below(tmp_path / "3") == samples.bytes_below(release)


def test_they_are_compressed_by_zstd(release: Path) -> None:
    for _lines, columns in pairs_of_files(release / DatasetName.QA):
        group = pq.read_metadata(columns).row_group(0)
        assert {group.column(n).compression for n in range(group.num_columns)} == {"ZSTD"}


def write_stream(path: Path, schema: pa.Schema, blocks: list[list[dict[str, Any]]]) -> None:
    with pa.ipc.new_stream(path, schema) as stream:
        for rows in blocks:
            fields = of_rows([told(row) for row in rows], dict(zip(schema.names, schema.types, strict=True)))
            stream.write_batch(record_batch([fields], schema))


def test_row_groups_have_a_fixed_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_GROUP", 100)
    schema = schema_of(DatasetName.PROMPT, ())
    rows: list[dict[str, Any]] = [{"prompt": f"{n}", "prompt_source": "b"} for n in range(250)]
    write_stream(tmp_path / "x.arrow", schema, [rows[:30], rows[30:220], rows[220:]])
    write_parquet(tmp_path / "x.arrow", tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").to_pylist() == rows
    found = pq.read_metadata(tmp_path / "x.parquet")
    assert [found.row_group(n).num_rows for n in range(found.num_row_groups)] == [100, 100, 50]


def test_long_rows_make_row_groups_of_fewer_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MOST_GROUP_BYTES", 1_000_000)
    pairs = [samples.qa_pair(f"{n}", samples.safe("long " * 300_000)) for n in range(8)]
    write_release(tmp_path / "3", samples.facts(), pairs, [])
    *_, (lines, columns) = pairs_of_files(tmp_path / "3" / DatasetName.QA)
    assert pq.read_metadata(columns).num_row_groups > 1
    assert pq.read_table(columns).to_pylist() == [
        orjson.loads(line) for line in lines.read_bytes().splitlines()
    ]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.floats(0, 1))
def test_whatever_text_or_number_arrives_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], chance: float
) -> None:
    folder = tmp_path_factory.mktemp("any")
    schema = schema_of(DatasetName.ANNOTATIONS, PKU.category_names)
    rows: list[dict[str, Any]] = [
        dict.fromkeys(schema.names) | {"item": text, "ranks": [1, 2]} for text in texts
    ]
    write_stream(folder / "x.arrow", schema, [rows])
    write_parquet(folder / "x.arrow", folder / "x.parquet")
    assert pq.read_table(folder / "x.parquet").to_pylist() == rows
    item = samples.judged(samples.said_safe(), posterior=(round(chance, 6),) * 24)
    write_release(folder / "3", samples.facts(), [], [], judged_items=[item])
    ((_, columns),) = pairs_of_files(folder / "3" / DatasetName.CONSENSUS)
    (row,) = pq.read_table(columns).to_pylist()
    assert row["posterior"]["unsafe"] == round(chance, 6)


def test_the_manifest_counts_rows_once_whatever_the_formats(tmp_path: Path) -> None:
    manifest = samples.write_all(tmp_path / "3")
    for entry in manifest.datasets:
        for format in FileFormat:
            assert entry.n_rows == sum(file.n_rows for file in entry.files if file.format is format)
        assert entry.n_bytes == sum(file.n_bytes for file in entry.files)
