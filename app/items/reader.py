"""An import's file, or the files of its folder; what each is, its first bytes tell, never its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.items.files.folder import data_files_of
from app.items.files.json_array import JsonArray
from app.items.files.json_lines import JsonLines
from app.items.files.lines import BOM
from app.items.files.packing import unpacked
from app.items.files.parquet import MAGIC as PARQUET
from app.items.files.parquet import ParquetRows
from app.items.files.records import FileRefused, RecordFile
from app.items.files.table import Table, delimiter_of
from app.items.vocabularies import PKU_ALONE, Vocabularies

TAR_MAGIC_AT = 257
OTHER_FORMATS = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"PARE": "an encrypted Parquet file",
    b"ARROW1": "an Arrow file",
    b"\xff\xff\xff\xff": "an Arrow file",
}
WANTED = "JSON Lines, a JSON array, CSV or TSV in UTF-8, or Parquet is wanted"
RETURNS_ALONE = (
    "The lines of this file end in carriage returns alone, as on old Macs. Save it with line feeds at the "
    'ends of its lines ("Unix" or "LF"), then import that.'
)


class Opened(NamedTuple):
    """One file of an import. `name`: its path within the folder, "" where no folder was given."""

    name: str
    n_bytes: int
    file: BinaryIO
    records: RecordFile

    @property
    def n_bytes_read(self) -> int:
        """How far the file as it lies on disk has been read."""
        share = self.records.share_read
        return self.file.tell() if share is None else int(share * self.n_bytes)


class Files:
    """What is brought in at once, one after the other. `vocabularies`: of the harm categories that cells and
    columns may name. Raises FileRefused for a folder without data."""

    def __init__(self, path: Path, vocabularies: Vocabularies = PKU_ALONE) -> None:
        self._vocabularies = vocabularies
        if path.is_dir():
            self._paths = {each.relative_to(path).as_posix(): each for each in data_files_of(path)}
        else:
            self._paths = {"": path}
        self._n_bytes_done = 0
        self._open: Opened | None = None

    @property
    def n_bytes(self) -> int:
        """As they lie on disk; what is not there counts nothing."""
        return sum(path.stat().st_size for path in self._paths.values() if path.is_file())

    @property
    def n_bytes_read(self) -> int:
        return self._n_bytes_done + (self._open.n_bytes_read if self._open else 0)

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[Opened]:
        for name, path in self._paths.items():
            with open_records(path, self._vocabularies, name) as opened:
                self._open = opened
                yield opened
            self._open = None
            self._n_bytes_done += opened.n_bytes


@contextmanager
def open_records(path: Path, vocabularies: Vocabularies = PKU_ALONE, name: str = "") -> Iterator[Opened]:
    """Raises FileRefused if the file can't be opened, or is of no kind that can be imported."""
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise FileRefused(f"The file can't be opened: {error.strerror}.") from error
    if not path.is_file():
        file.close()
        raise FileRefused("This is a pipe or a device. A file is wanted.")
    with file:
        n_bytes = path.stat().st_size
        yield Opened(name, n_bytes, file, records_of(file, n_bytes, vocabularies))


def records_of(file: BinaryIO, n_bytes: int, vocabularies: Vocabularies) -> RecordFile:
    is_parquet = file.read(len(PARQUET)) == PARQUET
    file.seek(0)
    if is_parquet:
        return ParquetRows(file, vocabularies)
    stream = unpacked(file, n_bytes)
    start = stream.peek()
    refuse_other_formats(start)
    first = start.removeprefix(BOM).lstrip()
    if first.startswith(b"["):
        return JsonArray(stream)
    if b"\n" not in start and b"\r" in first.rstrip():
        raise FileRefused(RETURNS_ALONE)
    delimiter = None if first.startswith(b"{") else delimiter_of(start, vocabularies)
    return Table(stream, delimiter, vocabularies) if delimiter else JsonLines(stream)


def refuse_other_formats(start: bytes) -> None:
    if not start:
        raise FileRefused("The file is empty.")
    for magic, name in OTHER_FORMATS.items():
        if start.startswith(magic):
            raise FileRefused(f"This is {name}. {WANTED}.")
    if start.startswith(PARQUET):
        raise FileRefused("This is a Parquet file in a packed file. Unpack it: Parquet is packed inside.")
    if start[TAR_MAGIC_AT:].startswith(b"ustar"):
        raise FileRefused(f"This is a tar archive. {WANTED}.")
    # ASCII in UTF-16 has a zero in every second byte.
    if len(start) >= 2 and (start[0] == 0) != (start[1] == 0):
        raise FileRefused(f"This is UTF-16 text. {WANTED}.")
