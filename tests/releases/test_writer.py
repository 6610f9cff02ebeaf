"""A release on disk: whole or absent, the same bytes every time, and a manifest that is true."""

import os
import resource
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import orjson
import pytest

from app.releases.files.dataset import config_of_pair, config_of_response, split_of
from app.releases.files.folders import put_in_place
from app.releases.manifest import (
    DatasetEntry,
    DatasetName,
    FileFormat,
    Manifest,
    Split,
    manifest_json,
)
from app.releases.rows.pku import QAPair, text_checksum
from app.releases.rows.schemas import HAVE_NULLS
from app.releases.rows.tally import DualCounts, SingleCounts
from tests.releases import samples
from tests.releases.samples import write_release

PROMPTS = [f"Question {number}?" for number in range(2_000)]
PROMPT_OF_RESPONSE = {text_checksum(prompt, "Yes."): prompt for prompt in PROMPTS}


def write_sample(folder: Path, n_prompts: int = 60) -> Manifest:
    return samples.write_all(folder, n_prompts)


def entry_of(manifest: Manifest, name: DatasetName) -> DatasetEntry:
    return next(entry for entry in manifest.datasets if entry.name is name)


def configs_of(name: DatasetName) -> tuple[str, ...]:
    if name in HAVE_NULLS:
        return ("safety", "single")
    if name in (DatasetName.QA, DatasetName.UNPAIRED):
        return ("alpaca-7b", "alpaca3-8b")
    return ("default",) if name is DatasetName.PROMPT else ("alpaca-7b", "mixed")


def test_it_writes_files_by_model_and_split_with_a_card_a_dataset(tmp_path: Path) -> None:
    write_sample(tmp_path / "3")
    assert set(samples.bytes_below(tmp_path / "3")) == {
        "manifest.json",
        "left-out.jsonl",
        "tombstones.jsonl",
        *(f"{name}/README.md" for name in samples.DATASETS),
        *(
            f"{name}/{kind}"
            for name in samples.DATASETS
            for config in configs_of(name)
            for split in Split
            for kind in (f"data/{config}/{split}.jsonl", f"parquet/{config}/{split}.parquet")
        ),
    }


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    write_sample(tmp_path / "one")
    write_sample(tmp_path / "two")
    assert samples.bytes_below(tmp_path / "one") == samples.bytes_below(tmp_path / "two")


def test_rows_keep_the_given_order_one_object_a_line_in_utf_8(tmp_path: Path) -> None:
    prompts = [f"Où est {number}\u2028?" for number in range(40)]
    write_release(tmp_path / "3", samples.facts(), map(samples.qa_pair, prompts), [])
    content = (tmp_path / "3/PKU-SafeRLHF-QA/data/alpaca-7b/train.jsonl").read_bytes()
    written = [orjson.loads(line)["prompt"] for line in content.split(b"\n")[:-1]]
    assert written == [prompt for prompt in prompts if split_of(prompt) is Split.TRAIN]
    assert "Où".encode() in content


def test_rows_larger_than_a_block_arrive_whole(tmp_path: Path) -> None:
    pairs = [samples.qa_pair(f"{number}", samples.safe("long " * 20_000)) for number in range(20)]
    write_release(tmp_path / "3", samples.facts(), pairs, [])
    rows = samples.rows_below(tmp_path / "3/PKU-SafeRLHF-QA")
    assert sorted(int(row["prompt"]) for row in rows) == list(range(20))
    assert {row["response"] for row in rows} == {"long " * 20_000}


def test_no_prompt_is_in_both_splits_of_any_dataset(tmp_path: Path) -> None:
    write_sample(tmp_path / "3", n_prompts=200)
    prompts = {split: set[str]() for split in Split}
    for path in (tmp_path / "3").glob("*/data/*/*.jsonl"):
        prompts[Split(path.stem)].update(prompts_in(path))
    assert len(prompts[Split.TRAIN]) + len(prompts[Split.TEST]) == 200
    assert prompts[Split.TRAIN].isdisjoint(prompts[Split.TEST])


def prompts_in(path: Path) -> Iterator[str]:
    """What tells a row's prompt: its text, or the question's number by the responses' checksums."""
    for line in path.read_bytes().splitlines():
        row = orjson.loads(line)
        if "prompt" not in row:
            yield PROMPT_OF_RESPONSE[row["responses"][0]]
        else:
            yield row["prompt"] if isinstance(row["prompt"], str) else row["prompt"][0]["content"]


def test_about_a_tenth_of_the_prompts_is_test() -> None:
    n_test = sum(split_of(prompt) is Split.TEST for prompt in PROMPTS)
    assert 0.08 < n_test / len(PROMPTS) < 0.12


def test_a_prompt_keeps_its_split_in_later_releases() -> None:
    """Pinned: a change here moves prompts people already trained on into the test split."""
    test_numbers = [number for number in range(50) if split_of(f"Question {number}?") is Split.TEST]
    assert test_numbers == [3, 8, 11, 17, 18, 26, 40, 41, 47]


def test_prompts_that_all_fell_to_test_are_released_as_train(tmp_path: Path) -> None:
    prompts = [prompt for prompt in PROMPTS if split_of(prompt) is Split.TEST][:3]
    manifest = write_release(tmp_path / "3", samples.facts(), map(samples.qa_pair, prompts), [])
    assert entry_of(manifest, DatasetName.QA).configs["default"] == {Split.TRAIN: 3}
    assert [file.path for file in entry_of(manifest, DatasetName.QA).files] == [
        "PKU-SafeRLHF-QA/data/alpaca-7b/train.jsonl",
        "PKU-SafeRLHF-QA/parquet/alpaca-7b/train.parquet",
    ]
    assert len(samples.rows_below(tmp_path / "3/PKU-SafeRLHF-QA")) == 3


def test_the_manifest_on_disk_is_the_one_returned(tmp_path: Path) -> None:
    manifest = write_sample(tmp_path / "3")
    content = (tmp_path / "3/manifest.json").read_bytes()
    assert content == manifest_json(manifest)
    stored = orjson.loads(content)
    assert stored["format_version"] == 3
    assert stored["release"]["as_of"] == "2026-01-02T03:04:05+00:00"
    assert stored["release"]["agreement"][0]["report"]["figures"][0]["alpha"] == 0.51234


def test_the_manifest_names_every_data_file_with_its_size_rows_and_checksum(tmp_path: Path) -> None:
    manifest = write_sample(tmp_path / "3")
    files = [file for entry in manifest.datasets for file in entry.files]
    on_disk = {
        path: content
        for path, content in samples.bytes_below(tmp_path / "3").items()
        if path.endswith(tuple(FileFormat)) and "/" in path
    }
    assert {file.path for file in files} == set(on_disk)
    for file in files:
        content = on_disk[file.path]
        assert file.n_bytes == len(content)
        assert file.format is FileFormat.PARQUET or file.n_rows == content.count(b"\n")
        assert file.sha256 == sha256(content).hexdigest()


def test_the_manifest_counts_rows_by_config_and_split(tmp_path: Path) -> None:
    entry = entry_of(write_sample(tmp_path / "3"), DatasetName.QA)
    n_test = sum(split_of(prompt) is Split.TEST for prompt in PROMPTS[:60])
    of_one_model = {Split.TRAIN: 60 - n_test, Split.TEST: n_test}
    assert entry.n_rows == 120
    assert entry.configs == {
        "default": {split: 2 * n for split, n in of_one_model.items()},
        "alpaca-7b": of_one_model,
        "alpaca3-8b": of_one_model,
    }


def test_the_manifest_counts_labels_by_severity_category_and_number(tmp_path: Path) -> None:
    pairs = [
        samples.qa_pair("1", samples.safe()),
        samples.qa_pair("2", samples.unsafe(categories=("Drugs",), severity=1)),
        samples.qa_pair("3", samples.unsafe(categories=("Drugs", "Violence"), severity=3)),
    ]
    labels = entry_of(write_release(tmp_path / "3", samples.facts(), pairs, []), DatasetName.QA).labels
    assert labels is not None
    assert (labels.n_responses, labels.n_safe, labels.n_unsafe) == (3, 1, 2)
    assert labels.by_severity == {"0": 1, "1": 1, "2": 0, "3": 1}
    assert {n: rows for n, rows in labels.by_n_categories.items() if rows} == {"0": 1, "1": 1, "2": 1}
    assert {name: n for name, n in labels.by_category.items() if n} == {"Drugs": 2, "Violence": 1}
    assert labels.by_category_and_severity["Drugs"] == {"1": 1, "2": 0, "3": 1}


def test_the_manifest_counts_preferences(tmp_path: Path) -> None:
    pairs = [
        samples.response_pair("1", better=1, safer=0, single=0),
        samples.response_pair("2", better=0, safer=0, single=1),
        samples.response_pair("3", samples.unsafe("Sure."), better=0, safer=1, single=0),
    ]
    manifest = write_release(tmp_path / "3", samples.facts(), [], pairs)
    assert entry_of(manifest, DatasetName.DUAL).pairs == DualCounts(
        n_first_better=2,
        n_first_safer=2,
        n_better_is_not_safer=2,
        n_both_safe=0,
        n_one_safe=2,
        n_none_safe=1,
    )
    assert entry_of(manifest, DatasetName.SINGLE).pairs == SingleCounts(n_first_better=2)


def test_dropped_rows_are_counted_by_reason_and_not_written(tmp_path: Path) -> None:
    pairs = [
        samples.response_pair("kept"),
        samples.response_pair("tie", better="tie"),
        samples.response_pair("not ranked", better=None, safer=None),
        samples.response_pair("wrong", safer=1, single=None),
    ]
    manifest = write_release(tmp_path / "3", samples.facts(), [], pairs)
    dual, single = entry_of(manifest, DatasetName.DUAL), entry_of(manifest, DatasetName.SINGLE)
    assert (dual.n_rows, single.n_rows) == (1, 3)
    assert {str(reason): n for reason, n in dual.dropped.items()} == {
        "no_helpfulness_ranking": 1,
        "helpfulness_tie": 1,
        "safer_side_unsafe": 1,
    }
    assert {str(reason): n for reason, n in single.dropped.items()} == {"no_single_preference": 1}


def test_a_dataset_without_rows_is_only_in_the_manifest(tmp_path: Path) -> None:
    manifest = write_release(tmp_path / "3", samples.facts(), [], [])
    assert [entry.n_rows for entry in manifest.datasets] == [0] * len(samples.DATASETS)
    assert set(samples.bytes_below(tmp_path / "3")) == {"manifest.json", "left-out.jsonl", "tombstones.jsonl"}


def test_it_replaces_a_release_and_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    write_sample(tmp_path / "3", n_prompts=80)
    write_release(tmp_path / "3", samples.facts(), [samples.qa_pair()], [])
    assert len(samples.rows_below(tmp_path / "3/PKU-SafeRLHF-QA")) == 1
    assert not (tmp_path / "3/PKU-SafeRLHF").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["3"]


def broken_off(n_pairs: int) -> Iterator[QAPair]:
    yield from samples.many_qa_pairs(n_pairs)
    raise ConnectionError


def test_a_failure_leaves_no_half_release(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        write_release(tmp_path / "3", samples.facts(), broken_off(50), [])
    assert [path.name for path in tmp_path.iterdir()] == [".3"]


def test_a_failure_leaves_the_earlier_release_as_it_was(tmp_path: Path) -> None:
    write_sample(tmp_path / "3")
    before = samples.bytes_below(tmp_path / "3")
    with pytest.raises(ConnectionError):
        write_release(tmp_path / "3", samples.facts(), broken_off(50), [])
    assert samples.bytes_below(tmp_path / "3") == before


def test_a_release_that_cannot_be_put_in_place_gives_its_place_back(tmp_path: Path) -> None:
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "old").touch()
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / "nothing", tmp_path / "3", retired=tmp_path / "retired")
    assert set(samples.bytes_below(tmp_path)) == {"3/old"}


@pytest.fixture
def few_files() -> Iterator[None]:
    """This process may open 60 files more than it has."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Path(os.devnull).open() as next_one:
        resource.setrlimit(resource.RLIMIT_NOFILE, (next_one.fileno() + 60, usual[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, usual)


def test_many_models_need_no_file_open_each(tmp_path: Path, few_files: None) -> None:
    pairs = (samples.qa_pair(f"{n}", samples.safe(source=f"model {n}")) for n in range(100))
    manifest = write_release(tmp_path / "3", samples.facts(), pairs, [])
    assert entry_of(manifest, DatasetName.QA).n_rows == 100


@pytest.mark.parametrize(
    ("source", "config"),
    [
        ("Alpaca3-8B", "alpaca3-8b"),
        ("org/Model v1.5", "org-model-v1.5"),
        ("", "unknown"),
        ("  ", "unknown"),
        ("../../etc", "etc"),
        ("default", "default-37a8eec1"),
        ("mixed", "mixed-3f8fee62"),
        ("模型", "model-c98e118e"),
    ],
)
def test_a_models_folder_is_named_safely(source: str, config: str) -> None:
    assert config_of_response(samples.safe(source=source)) == config


def test_long_names_that_begin_alike_keep_apart() -> None:
    names = [config_of_response(samples.safe(source="m" * 200 + end)) for end in ("a", "b")]
    assert names[0] != names[1]
    assert all(len(name) < 80 for name in names)


def test_a_pair_of_two_models_is_mixed() -> None:
    assert config_of_pair(samples.response_pair()) == "alpaca-7b"
    assert config_of_pair(samples.response_pair(second=samples.unsafe(source="B"))) == "mixed"
    assert config_of_pair(samples.response_pair(second=samples.unsafe(source=""))) == "mixed"
