"""What is brought to a store, and which store."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from app.deliveries.errors import NotDelivered

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Place:
    """As `app.deliveries.models.Target`; `secret` is plain, and in no log."""

    address: str
    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """`name`: below the release's folder, with "/". `sha256`: lower hex."""

    path: Path
    name: str
    n_bytes: int
    sha256: str


def contents_of(folder: Path) -> list[ReleaseFile]:
    """In the order they are brought: the manifest last, so whoever sees it sees everything.

    Raises NotDelivered where the release has no manifest.
    """
    paths = sorted((path for path in folder.rglob("*") if path.is_file()), key=Path.as_posix)
    manifest = folder / MANIFEST_NAME
    if manifest not in paths:
        raise NotDelivered("The files of this release are not on this machine.")
    paths.remove(manifest)
    return [file_at(path, folder) for path in (*paths, manifest)]


def file_at(path: Path, folder: Path) -> ReleaseFile:
    return ReleaseFile(path, path.relative_to(folder).as_posix(), path.stat().st_size, sha256_of(path))


def sha256_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def refuse_other_sizes(files: list[ReleaseFile], sizes: dict[str, int]) -> None:
    """`sizes`: bytes by name, as the store says. Raises NotDelivered for the first that is not ours."""
    for file in files:
        if sizes.get(file.name) != file.n_bytes:
            found = sizes.get(file.name, "no")
            raise NotDelivered(f"{file.name} has {file.n_bytes} bytes, and {found} bytes arrived.")
