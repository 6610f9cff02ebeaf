"""A file's bytes, unpacked on the way: gzip, xz, bzip2 and Zstandard are known by their first bytes."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

import pyarrow as pa

from app.items.files.records import FileRefused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Text packs about three to ten times smaller; a thousand times is what a bomb reaches.
MOST_TIMES_UNPACKED = 200
UNPACKED_ALWAYS_ALLOWED_BYTES = 64 * 2**20
MOST_UNPACKED_BYTES = 32 * 2**30
BUFFER_BYTES = 2**18
# Twice what `xz -9` asks for; without a limit a file of a few bytes may ask for 4 GiB.
MOST_XZ_MEMORY_BYTES = 130 * 2**20
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, OSError, pa.ArrowException)


class Readable(Protocol):
    def read(self, n: int, /) -> bytes: ...


class Packing(NamedTuple):
    name: str
    unpack: Callable[[BinaryIO], Readable]


class XzStream:
    """`lzma.LZMAFile` with a limit on memory. Streams may follow each other, zeros between them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacker = self._fresh()
        self._left = b""

    def read(self, n: int, /) -> bytes:
        """At most `n` bytes, none at the end. Raises EOFError, LZMAError."""
        while True:
            if self._unpacker.eof:
                self._left = self._next_stream()
                if not self._left:
                    return b""
                self._unpacker = self._fresh()
            if self._unpacker.needs_input and not self._left:
                self._left = self._file.read(BUFFER_BYTES)
                if not self._left:
                    raise EOFError
            packed, self._left = self._left, b""
            if unpacked := self._unpacker.decompress(packed, n):
                return unpacked

    def _next_stream(self) -> bytes:
        """The bytes behind the padding, none at the end of the file."""
        left = self._unpacker.unused_data
        while not (left := left.lstrip(b"\0")):
            left = self._file.read(BUFFER_BYTES)
            if not left:
                return b""
        return left

    def _fresh(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MOST_XZ_MEMORY_BYTES)


def unpack_zstd(file: BinaryIO) -> Readable:
    """The library asks for at most 128 MiB, whatever the file says."""
    stream: Readable = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
    return stream


PACKINGS = {
    b"\x1f\x8b": Packing("gzip", lambda file: gzip.GzipFile(fileobj=file)),
    b"\xfd7zXZ\0": Packing("xz", XzStream),
    b"BZh": Packing("bzip2", lambda file: bz2.BZ2File(file)),
    b"\x28\xb5\x2f\xfd": Packing("Zstandard", unpack_zstd),
}


class Unpacked(RawIOBase):
    """Reading raises FileRefused where the file is damaged, cut short, or far too large once unpacked."""

    def __init__(self, file: BinaryIO, n_bytes: int) -> None:
        """`n_bytes`: the file's size on disk."""
        start = file.read(6)
        file.seek(0)
        packing = next((known for magic, known in PACKINGS.items() if start.startswith(magic)), None)
        self.packing = packing.name if packing else ""
        self._source: Readable = packing.unpack(file) if packing else file
        self._n_unpacked = 0
        self._most_bytes = min(
            MOST_UNPACKED_BYTES, max(UNPACKED_ALWAYS_ALLOWED_BYTES, MOST_TIMES_UNPACKED * n_bytes)
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        into = memoryview(buffer).cast("B")
        try:
            content = self._source.read(len(into))
        except DAMAGED as error:
            raise FileRefused(self._why_unreadable(error)) from error
        into[: len(content)] = content
        self._n_unpacked += len(content)
        if self._n_unpacked > self._most_bytes:
            raise FileRefused(f"The file unpacks to more than {self._most_bytes // 2**20} MiB.")
        return len(content)

    def _why_unreadable(self, error: BaseException) -> str:
        if not self.packing:
            return f"The file can't be read: {error}."
        return f"The {self.packing} file is damaged or cut short."


def unpacked(file: BinaryIO, n_bytes: int) -> BufferedReader:
    return BufferedReader(Unpacked(file, n_bytes), BUFFER_BYTES)
