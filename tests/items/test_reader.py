"""Files of every packing and kind as numbered objects, in bounded memory."""

import bz2
import gzip
import lzma
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from app.items.files import packing
from app.items.files.records import LONGEST_LINE_BYTES, FileRefused, Problem
from app.items.reader import Files


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "Zstandard": zstd,
}


def found_in(content: bytes, folder: Path) -> list[tuple[int, object]]:
    """Numbers and what stands there."""
    path = folder / "file"
    path.write_bytes(content)
    return [(record.number, record.value) for opened in Files(path) for record in opened.records]


TWO_LINES = b'{"a": 1}\n{"b": 2}\n'
LINES = [(1, {"a": 1}), (2, {"b": 2})]


@pytest.mark.parametrize("content", [TWO_LINES, TWO_LINES.strip(), TWO_LINES.replace(b"\n", b"\r\n")])
def test_it_reads_plain_lines_whatever_their_ends(content: bytes, tmp_path: Path) -> None:
    assert found_in(content, tmp_path) == LINES


@pytest.mark.parametrize("name", PACKINGS)
def test_it_unpacks(name: str, tmp_path: Path) -> None:
    assert found_in(PACKINGS[name](TWO_LINES), tmp_path) == LINES


@pytest.mark.parametrize("name", PACKINGS)
def test_packed_files_put_together_are_read_to_the_end(name: str, tmp_path: Path) -> None:
    pack = PACKINGS[name]
    assert found_in(pack(b'{"a": 1}\n') + pack(b'{"b": 2}\n'), tmp_path) == LINES


def test_zeros_may_follow_an_xz_stream(tmp_path: Path) -> None:
    padded = lzma.compress(b'{"a": 1}\n') + b"\0" * 8
    assert found_in(padded + lzma.compress(b'{"b": 2}\n') + b"\0" * 4, tmp_path) == LINES


@pytest.mark.parametrize("name", PACKINGS)
def test_packed_text_of_many_buffers_comes_out_whole(name: str, tmp_path: Path) -> None:
    numbers = b"".join(b'{"n": %d}\n' % n for n in range(40_000))
    found = found_in(PACKINGS[name](numbers), tmp_path)
    assert [value for _, value in found] == [{"n": n} for n in range(40_000)]


def test_it_skips_blank_lines_and_counts_them(tmp_path: Path) -> None:
    assert found_in(b"\n  \r\n{}\n\n{}\n", tmp_path) == [(3, {}), (5, {})]


def test_it_drops_a_byte_order_mark(tmp_path: Path) -> None:
    assert found_in(b"\xef\xbb\xbf{}\n", tmp_path) == [(1, {})]


def long_text(n_bytes: int) -> bytes:
    return b"x" * n_bytes


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b'{"a": "', b'"}\n{}\n', [(1, "the line is longer than 4 MiB"), (2, {})]),
        (
            b'[\n{"a": "',
            b'"},\n{}]',
            [(2, "the object is longer than 4 MiB, or a quote or bracket in it is not closed"), (3, {})],
        ),
        (
            b"prompt,response\nWhy?,",
            b"\nHow?,So.\n",
            [(2, "the line is longer than 4 MiB"), (3, {"prompt": "How?", "response": "So."})],
        ),
        (
            b'prompt,response\nWhy?,"\n',
            b'\n"\nHow?,So.\n',
            [(2, "the line is longer than 4 MiB"), (5, {"prompt": "How?", "response": "So."})],
        ),
    ],
    ids=["JSON Lines", "JSON array", "CSV", "CSV, in quotes"],
)
def test_a_row_of_50_megabytes_is_passed_over_without_being_held(
    before: bytes, after: bytes, expected: list[tuple[int, object]], tmp_path: Path
) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.write(before)
        for _ in range(50):
            file.write(long_text(1_000_000))
        file.write(after)
    tracemalloc.start()
    found = [(record.number, record.value) for opened in Files(path) for record in opened.records]
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    reasons = [(n, value.reason if isinstance(value, Problem) else value) for n, value in found]
    assert reasons == expected
    assert peak_bytes < 5 * LONGEST_LINE_BYTES


def test_the_longest_line_is_still_read(tmp_path: Path) -> None:
    longest = b'{"a": "' + long_text(LONGEST_LINE_BYTES - 9) + b'"}'
    found = found_in(longest + b"\n" + longest + b" \n{}", tmp_path)
    assert [(n, isinstance(value, Problem)) for n, value in found] == [(1, False), (2, True), (3, False)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (gzip.compress(b"", mtime=0), "The file is empty."),
        (lzma.compress(b""), "The file is empty."),
        (b"PK\x03\x04rest", "This is a ZIP archive or an Excel workbook."),
        (b"PAR1rest", "The Parquet file is damaged or cut short."),
        (zstd(b"PAR1rest"), "This is a Parquet file in a packed file."),
        ('{"a": 1}'.encode("utf-16"), "This is UTF-16 text."),
        ('{"a": 1}'.encode("utf-16-le"), "This is UTF-16 text."),
        ('{"a": 1}'.encode("utf-16-be"), "This is UTF-16 text."),
        (b"\x1f\x8bnonsense", "The gzip file is damaged or cut short."),
        (b"\xfd7zXZ\0nonsense", "The xz file is damaged or cut short."),
        (b"BZh9nonsense", "The bzip2 file is damaged or cut short."),
        (b"\x28\xb5\x2f\xfdnonsense", "The Zstandard file is damaged or cut short."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(FileRefused) as refused:
        found_in(content, tmp_path)
    assert refused.value.message.startswith(sentence)


@pytest.mark.parametrize("name", PACKINGS)
@pytest.mark.parametrize("n_kept", [0.5, 0.999])
def test_a_packed_file_that_is_cut_is_refused(name: str, n_kept: float, tmp_path: Path) -> None:
    packed = PACKINGS[name](b"".join(b'{"n": %d}\n' % (n * n) for n in range(20_000)))
    with pytest.raises(FileRefused, match=f"The {name} file is damaged or cut short"):
        found_in(packed[: int(len(packed) * n_kept)], tmp_path)


# Zstandard's checksum is optional, and the library that packs here leaves it out.
@pytest.mark.parametrize("name", ["gzip", "xz", "bzip2"])
def test_a_packed_file_with_changed_bytes_is_refused(name: str, tmp_path: Path) -> None:
    packed = bytearray(PACKINGS[name](b"".join(b'{"n": %d}\n' % (n * n) for n in range(20_000))))
    middle = len(packed) // 2
    packed[middle : middle + 20] = bytes(20)
    with pytest.raises(FileRefused, match=f"The {name} file is damaged or cut short"):
        found_in(bytes(packed), tmp_path)


@pytest.mark.parametrize("unit", [b"\n", b"x", b"{}\n"], ids=["blank lines", "one line", "rows"])
@pytest.mark.parametrize("name", PACKINGS)
@pytest.mark.parametrize("start", [b"{}\n", b"[", b"prompt,response\n"], ids=["lines", "array", "table"])
def test_a_bomb_is_refused(
    start: bytes, name: str, unit: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "UNPACKED_ALWAYS_ALLOWED_BYTES", 2**17)
    bomb = PACKINGS[name](start + unit * (2**20 // len(unit)))
    with pytest.raises(FileRefused, match="The file unpacks to more than"):
        found_in(bomb, tmp_path)


def test_an_xz_file_that_wants_much_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 256 * 2**20}]
    packer = lzma.LZMACompressor(filters=filters)
    greedy = packer.compress(TWO_LINES) + packer.flush()
    with pytest.raises(FileRefused, match="The xz file is damaged or cut short"):
        found_in(greedy, tmp_path)


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="The file can't be opened: No such file"):
        next(iter(Files(tmp_path / "no")))


def test_a_pipe_is_refused_with_a_sentence() -> None:
    with pytest.raises(FileRefused, match="This is a pipe or a device"):
        next(iter(Files(Path(os.devnull))))
