"""Files of every kind as lines, in bounded memory."""

import gzip
import os
import tracemalloc
from pathlib import Path

import pytest

from app.items import reader
from app.items.reader import LONGEST_LINE_BYTES, FileRefused, Line, open_lines


def lines_of(content: bytes, folder: Path) -> list[Line]:
    path = folder / "file"
    path.write_bytes(content)
    with open_lines(path) as lines:
        return list(lines)


@pytest.mark.parametrize(
    "content",
    [b'{"a": 1}\n{"b": 2}\n', b'{"a": 1}\n{"b": 2}', gzip.compress(b'{"a": 1}\n{"b": 2}\n', mtime=0)],
)
def test_it_reads_plain_and_gzip_alike(content: bytes, tmp_path: Path) -> None:
    assert lines_of(content, tmp_path) == [Line(1, b'{"a": 1}'), Line(2, b'{"b": 2}')]


def test_it_skips_blank_lines_and_counts_them(tmp_path: Path) -> None:
    assert lines_of(b"\n  \r\n{}\n\n{}\n", tmp_path) == [Line(3, b"{}"), Line(5, b"{}")]


def test_it_drops_a_byte_order_mark(tmp_path: Path) -> None:
    assert lines_of(b"\xef\xbb\xbf{}\n", tmp_path) == [Line(1, b"{}")]


def test_a_line_of_20_megabytes_is_passed_over_without_being_held(tmp_path: Path) -> None:
    content = b'{"a": "' + b"x" * 20_000_000 + b'"}\n{}\n'
    path = tmp_path / "file"
    path.write_bytes(content)
    del content
    tracemalloc.start()
    with open_lines(path) as lines:
        found = list(lines)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [Line(1, None), Line(2, b"{}")]
    assert peak_bytes < 3 * LONGEST_LINE_BYTES


def test_the_longest_line_is_still_read(tmp_path: Path) -> None:
    longest = b"x" * LONGEST_LINE_BYTES
    found = lines_of(longest + b"\n" + longest + b"x\n{}", tmp_path)
    assert [(number, content is None) for number, content in found] == [(1, False), (2, True), (3, False)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (gzip.compress(b"", mtime=0), "The file is empty."),
        (b' \n[{"a": 1}]', "This is a JSON array."),
        (b"PK\x03\x04rest", "This is a ZIP archive."),
        (b"PAR1rest", "This is a Parquet file."),
        ('{"a": 1}'.encode("utf-16"), "This is UTF-16 text."),
        (b"\x1f\x8bnonsense", "The gzip file is damaged or cut short."),
        (gzip.compress(b'{"a": 1}\n' * 1000, mtime=0)[:-20], "The gzip file is damaged or cut short."),
    ],
)
def test_a_file_that_cannot_be_lines_is_refused_with_a_sentence(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(FileRefused) as refused:
        lines_of(content, tmp_path)
    assert refused.value.message.startswith(sentence)


@pytest.mark.parametrize("unit", [b"\n", b"x", b"{}\n"], ids=["blank lines", "one line", "rows"])
def test_a_gzip_bomb_is_refused(unit: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "UNPACKED_ALWAYS_ALLOWED_BYTES", 2**20)
    bomb = gzip.compress(unit * (6 * 2**20 // len(unit)))
    with pytest.raises(FileRefused, match="The file unpacks to more than"):
        lines_of(bomb, tmp_path)


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(FileRefused, match="The file can't be opened: No such file"),
        open_lines(tmp_path / "no"),
    ):
        pass


def test_a_pipe_and_a_folder_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="The file can't be opened: Is a directory"), open_lines(tmp_path):
        pass
    with pytest.raises(FileRefused, match="This is a pipe or a device"), open_lines(Path(os.devnull)):
        pass
