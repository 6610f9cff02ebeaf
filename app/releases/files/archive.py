"""A release's folder as one zip file, made while it is sent: nothing is kept, and memory stays the same."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

EARLIEST_IN_ZIP = (1980, 1, 1, 0, 0, 0)
CHUNK_BYTES = 1024 * 1024
QUICK = 1
"""The level of zlib that texts are packed at: as fast as they can be sent."""
PACKED_ALREADY = frozenset({".parquet"})


class Outbox:
    """Where the archive is written to: a stream that can't go back, so sizes follow after each file."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self.parts.append(part)
        return len(part)

    def flush(self) -> None:
        """Nothing lies between us and the reader."""

    def close(self) -> None:
        """The reader ends it."""

    def take(self) -> bytes:
        taken = b"".join(self.parts)
        self.parts.clear()
        return taken


def zipped(folder: Path) -> Iterator[bytes]:
    """The archive in parts, none of them empty; same files, same bytes."""
    outbox = Outbox()
    with ZipFile(outbox, "w") as archive:
        for path in sorted(folder.rglob("*"), key=Path.as_posix):
            if not path.is_file():
                continue
            entry = entry_of(path, path.relative_to(folder).as_posix())
            with path.open("rb") as source, archive.open(entry, "w") as packed:
                while chunk := source.read(CHUNK_BYTES):
                    packed.write(chunk)
                    if part := outbox.take():
                        yield part
    yield outbox.take()


def entry_of(path: Path, name: str) -> ZipInfo:
    """With its size known beforehand, which decides about Zip64; its time and rights fixed."""
    entry = ZipInfo(name, EARLIEST_IN_ZIP)
    entry.compress_type = ZIP_STORED if path.suffix in PACKED_ALREADY else ZIP_DEFLATED
    # Public as `compress_level` from Python 3.13 on, where this name stays.
    entry._compresslevel = QUICK  # type: ignore[attr-defined]
    entry.create_system = 3  # Unix on every system, or the same files would zip differently on Windows
    entry.external_attr = 0o644 << 16
    entry.file_size = path.stat().st_size
    return entry
