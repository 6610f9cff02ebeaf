"""A folder in the layout of `datasets` is brought in whole."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.items.actions import run_import, start_import
from app.items.files.folder import data_files_of
from app.items.files.records import FileRefused
from app.items.models import Import, ImportState
from app.items.reader import Files
from tests import make
from tests.items.formats import by_pyarrow
from tests.items.samples import json_lines, no_progress, pku_qa, plain, report_rows

HEADER = """---
license: cc-by-nc-4.0
configs:
- config_name: default
  default: true
  data_files:
  - split: train
    path: data/*/train.jsonl
  - split: test
    path: ["data/small/test.parquet"]
- config_name: small
  data_files:
  - split: train
    path: "data/small/train.jsonl"
---
# A dataset
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two models' files, one of Parquet, and some that no config names."""
    folder = tmp_path / "dataset"
    contents = {
        "README.md": HEADER.encode(),
        "data/large/train.jsonl": json_lines([plain(prompt="1"), plain(prompt="")]),
        "data/small/train.jsonl": json_lines([plain(prompt="2"), plain(prompt="3")]),
        "data/small/test.parquet": by_pyarrow([plain(prompt="4"), plain(prompt=" ")]),
        "data/small/unnamed.jsonl": json_lines([plain(prompt="5")]),
        "data/.cache/train.jsonl": json_lines([plain(prompt="6")]),
        "notes.txt": b"Just some notes.",
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def names_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in data_files_of(folder)]


def bring_in_folder(session: Session, folder: Path) -> Import:
    files = Files(folder)
    started = start_import(session, make.project(session).id, folder.name, files.n_bytes)
    assert run_import(session, started.id, folder, no_progress)
    session.expire_all()
    return started


def test_all_configs_together_are_taken_each_file_once(folder: Path) -> None:
    assert names_in(folder) == [
        "data/large/train.jsonl",
        "data/small/train.jsonl",
        "data/small/test.parquet",
    ]


@pytest.mark.parametrize("readme", [None, "# A dataset\n", "---\nlicense: mit\n---\n", "---\n[1, 2\n"])
def test_without_configs_it_is_all_data_files(folder: Path, readme: str | None) -> None:
    (folder / "README.md").unlink()
    if readme is not None:
        (folder / "README.md").write_text(readme)
    assert names_in(folder) == [
        "data/large/train.jsonl",
        "data/small/test.parquet",
        "data/small/train.jsonl",
        "data/small/unnamed.jsonl",
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('"data/large/train.jsonl"', ["data/large/train.jsonl"]),
        ("{train: data/large/*, test: data/small/test.parquet}", None),
        ("data/large/**", ["data/large/train.jsonl"]),
        ("[data/large/train.jsonl, ./data/small/test.parquet]", None),
    ],
)
def test_it_knows_the_ways_to_name_files(folder: Path, given: str, expected: list[str] | None) -> None:
    (folder / "README.md").write_text(f"---\nconfigs:\n- config_name: default\n  data_files: {given}\n---\n")
    assert names_in(folder) == (expected or ["data/large/train.jsonl", "data/small/test.parquet"])


def test_a_config_may_name_a_folder(folder: Path) -> None:
    (folder / "README.md").write_text("---\nconfigs:\n- config_name: small\n  data_dir: data/large\n---\n")
    assert names_in(folder) == ["data/large/train.jsonl"]


@pytest.mark.parametrize("path", ["data/none.jsonl", "../outside.jsonl", "/etc/hosts", "https://a.b/c", "''"])
def test_a_file_that_is_not_in_the_folder_is_refused(folder: Path, path: str) -> None:
    (folder.parent / "outside.jsonl").write_bytes(json_lines([plain()]))
    (folder / "README.md").write_text(f"---\nconfigs:\n- data_files: {path}\n---\n")
    with pytest.raises(FileRefused, match="but there is no such file in the folder"):
        data_files_of(folder)


def test_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder.parent / "outside.jsonl").write_bytes(json_lines([plain()]))
    (folder / "data/large/train.jsonl").unlink()
    (folder / "data/large/train.jsonl").symlink_to(folder.parent / "outside.jsonl")
    assert "data/large/train.jsonl" not in names_in(folder)


@pytest.mark.parametrize("header", ["configs: [", "a: &a [*a", "x: !!python/object:os.system 1"])
def test_a_header_that_can_not_be_read_is_refused(folder: Path, header: str) -> None:
    (folder / "README.md").write_text(f"---\n{header}\n---\n")
    with pytest.raises(FileRefused, match=r"The YAML header of README\.md can't be read"):
        data_files_of(folder)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Just some notes.")
    with pytest.raises(FileRefused, match="The folder has no data files"):
        Files(tmp_path)


def test_its_files_go_in_together_and_the_report_names_each(
    session: Session, home: Path, folder: Path
) -> None:
    done = bring_in_folder(session, folder)
    assert (done.state, done.shape, done.error) == (ImportState.DONE, "prompt with responses", None)
    assert (done.n_rows, done.n_rejected, done.n_new_qa_pairs) == (6, 2, 4)
    assert done.n_bytes == sum(path.stat().st_size for path in data_files_of(folder))
    assert report_rows(done) == [
        (2, "error", "prompt", "is empty"),
        (2, "error", "prompt", "is empty"),
    ]


def test_each_of_its_files_may_have_a_shape_of_its_own(session: Session, home: Path, folder: Path) -> None:
    (folder / "data/small/train.jsonl").write_bytes(json_lines([pku_qa()]))
    done = bring_in_folder(session, folder)
    assert (done.state, done.shape) == (ImportState.DONE, "prompt with responses, PKU-SafeRLHF-QA")


def test_one_file_of_no_use_fails_the_whole_folder_and_is_named(
    session: Session, home: Path, folder: Path
) -> None:
    (folder / "data/small/train.jsonl").write_bytes(b'{"question": "Why?"}\n')
    done = bring_in_folder(session, folder)
    assert (done.state, done.n_new_qa_pairs) == (ImportState.FAILED, 0)
    assert (done.error or "").startswith("data/small/train.jsonl: The keys of the first row fit no known")
