"""The zip file that is made while it is sent."""

import os
import shutil
import subprocess
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from app.releases.files.archive import CHUNK_BYTES, zipped
from tests.releases.samples import bytes_below

TEXT = b'{"prompt": "Is tea warm?"}\n' * 5000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With texts, a Parquet file of more than one chunk, an empty file and a name beyond ASCII."""
    made = tmp_path / "7"
    (made / "data" / "模型").mkdir(parents=True)
    (made / "manifest.json").write_bytes(b"{}")
    (made / "data" / "train.jsonl").write_bytes(TEXT)
    (made / "data" / "模型" / "test.parquet").write_bytes(os.urandom(CHUNK_BYTES + 1))
    (made / "data" / "empty.jsonl").touch()
    return made


def assert_readable(packed: bytes, folder: Path, aside: Path) -> None:
    """By Python's reader, and by unzip where the machine has one."""
    with ZipFile(BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == bytes_below(folder)
    if unzip := shutil.which("unzip"):
        aside.write_bytes(packed)
        tested = subprocess.run([unzip, "-t", str(aside)], check=False, capture_output=True, text=True)
        assert tested.returncode == 0, tested.stdout + tested.stderr


def test_readers_find_every_file_and_the_same_folder_gives_the_same_bytes(
    folder: Path, tmp_path: Path
) -> None:
    parts = list(zipped(folder))
    assert all(parts)
    packed = b"".join(parts)
    assert_readable(packed, folder, tmp_path / "all.zip")
    with ZipFile(BytesIO(packed)) as archive:
        kinds = {entry.filename.rpartition(".")[2]: entry.compress_type for entry in archive.infolist()}
    assert kinds == {"json": ZIP_DEFLATED, "jsonl": ZIP_DEFLATED, "parquet": ZIP_STORED}
    for path in folder.rglob("*.json*"):
        os.utime(path, (0, 0))
    assert b"".join(zipped(folder)) == packed


def test_what_is_too_large_for_the_old_format_takes_the_new_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    packed = b"".join(zipped(folder))
    assert b"PK\x06\x06" in packed, "no end record of Zip64"
    assert_readable(packed, folder, tmp_path / "all.zip")


def test_memory_does_not_follow_the_size(tmp_path: Path) -> None:
    folder = tmp_path / "7"
    folder.mkdir()
    for name in ("train.parquet", "train.jsonl"):
        with (folder / name).open("wb") as sparse:
            sparse.truncate(40 * CHUNK_BYTES)
    tracemalloc.start()
    try:
        n_bytes = sum(len(part) for part in zipped(folder))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert n_bytes > 40 * CHUNK_BYTES
    assert peak < 8 * CHUNK_BYTES
