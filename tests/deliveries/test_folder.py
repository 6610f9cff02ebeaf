"""A folder as a target."""

from pathlib import Path

import pytest

from app.deliveries.errors import NotDelivered
from app.deliveries.stores.contents import Place
from app.deliveries.stores.folder import bring_to_folder
from tests.deliveries.finished import FILES, write_files
from tests.releases.samples import bytes_below


@pytest.fixture
def target(tmp_path: Path) -> Path:
    made = tmp_path / "target"
    made.mkdir()
    return made


def test_a_release_appears_whole_and_once(tmp_path: Path, target: Path) -> None:
    files = write_files(tmp_path / "7")
    assert [file.name for file in files][-1] == "manifest.json"
    for left_over in (".7.fresh", ".7.retired"):
        (target / left_over).mkdir()
        (target / left_over / "half.jsonl").write_bytes(b"{")
    bring_to_folder(Place(str(target)), 7, files)
    assert [path.name for path in target.iterdir()] == ["7"]
    assert bytes_below(target / "7") == FILES
    before = (target / "7").stat().st_ino
    bring_to_folder(Place(str(target)), 7, files)
    assert (target / "7").stat().st_ino == before


@pytest.mark.parametrize("name", ["PKU-SafeRLHF/README.md", "stray.txt"])
def test_what_is_there_and_is_not_ours_gives_way(tmp_path: Path, target: Path, name: str) -> None:
    files = write_files(tmp_path / "7")
    bring_to_folder(Place(str(target)), 7, files)
    (target / "7" / name).write_bytes(b"# Tee\n")
    bring_to_folder(Place(str(target)), 7, files)
    assert bytes_below(target / "7") == FILES


def test_a_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotDelivered, match="There is no folder"):
        bring_to_folder(Place(str(tmp_path / "not-mounted")), 7, write_files(tmp_path / "7"))
    assert not (tmp_path / "not-mounted").exists()


def test_a_full_or_closed_disk_is_told(tmp_path: Path, target: Path) -> None:
    (target / "7").write_bytes(b"in the way")
    (target / ".7.fresh").write_bytes(b"in the way")
    with pytest.raises(NotDelivered, match=r"\.7\.fresh"):
        bring_to_folder(Place(str(target)), 7, write_files(tmp_path / "7"))
