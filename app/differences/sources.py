"""A release on disk as it is compared: what its manifest tells, and its rows from files that are whole.

Rows are read from the Parquet files, which hold the same rows as the JSON Lines and give single columns.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from app.errors import Refused
from app.releases.files.writer import MANIFEST_NAME
from app.releases.manifest import FORMAT_VERSION, DatasetName, FileFormat, Split

ROWS_AT_ONCE = 2_000

Needs = Callable[[str], bool]
"""Whether a column is to be read, by its name."""


class ReleaseUnreadable(Refused):
    """The folder holds no release that can be compared."""


class ToldFile(BaseModel):
    path: str
    format: FileFormat
    split: Split
    n_rows: int
    sha256: str


class ToldDataset(BaseModel):
    name: DatasetName
    n_rows: int
    files: list[ToldFile]


class ToldFigure(BaseModel):
    question: str
    n_items: int
    alpha: float | None
    ac1: float | None


class ToldReport(BaseModel):
    figures: list[ToldFigure]


class ToldAgreement(BaseModel):
    queue: str
    report: ToldReport


class ToldFacts(BaseModel):
    project: str
    number: int
    as_of: str
    code_version: str
    taxonomy_version: str
    agreement: list[ToldAgreement]


class ToldManifest(BaseModel):
    """What is read of `app.releases.manifest.Manifest`."""

    release: ToldFacts
    datasets: list[ToldDataset]


@dataclass(frozen=True, slots=True)
class Source:
    """A release's folder. `datasets`: by name."""

    folder: Path
    facts: ToldFacts
    datasets: dict[DatasetName, ToldDataset]

    def batches(self, dataset: ToldDataset, needs: Needs) -> Iterator[tuple[Split, pa.RecordBatch]]:
        """The rows of a dataset, with the columns that are needed.

        Raises ReleaseUnreadable for a file that lacks or is another one than the manifest tells.
        """
        for file in dataset.files:
            if file.format is FileFormat.PARQUET:
                path = self._whole(file)
                for batch in batches_of(path, needs):
                    yield file.split, batch

    def _whole(self, file: ToldFile) -> Path:
        path = self.folder / file.path
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise ReleaseUnreadable(f"{self.folder}: the manifest names a file outside the release.")
        try:
            with path.open("rb") as opened:
                checksum = file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            raise ReleaseUnreadable(f"{path}: {error.strerror}.") from error
        if checksum != file.sha256:
            raise ReleaseUnreadable(f"{path} is broken: its SHA-256 is not that of the manifest.")
        return path


def batches_of(path: Path, needs: Needs) -> Iterator[pa.RecordBatch]:
    try:
        # Ahead of time it would read every row group, and keep it.
        with pq.ParquetFile(path, pre_buffer=False) as file:
            names = [name for name in file.schema_arrow.names if needs(name)]
            yield from file.iter_batches(ROWS_AT_ONCE, columns=names, use_threads=False)
    except pa.ArrowException as error:
        raise ReleaseUnreadable(f"{path} can't be read as Parquet.") from error


def source_in(folder: Path) -> Source:
    """Raises ReleaseUnreadable."""
    try:
        content = orjson.loads((folder / MANIFEST_NAME).read_bytes())
        version = content["format_version"]
    except OSError as error:
        raise ReleaseUnreadable(
            f"{folder} is no release: {MANIFEST_NAME} can't be read ({error.strerror})."
            " Of a zip archive name the folder that it was unpacked to."
        ) from error
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ReleaseUnreadable(f"{folder / MANIFEST_NAME} is no manifest of a release.") from error
    if version != FORMAT_VERSION:
        raise ReleaseUnreadable(
            f"{folder} has format version {version}; this version of Evenhand compares releases of format"
            f" version {FORMAT_VERSION}."
        )
    try:
        told = ToldManifest.model_validate(content)
    except ValidationError as invalid:
        place = ".".join(map(str, invalid.errors()[0]["loc"]))
        raise ReleaseUnreadable(f"{folder / MANIFEST_NAME}: {place} is missing or wrong.") from invalid
    return Source(folder, told.release, {dataset.name: dataset for dataset in told.datasets})
