"""Writes a release: its datasets in JSON Lines and Parquet, a card beside each, and one manifest.

Same input, same bytes: nothing here reads a clock or depends on the order of a set. Rows come from
iterables and go straight to their files, so the size of a release does not show in memory.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from app.releases.card import dataset_card
from app.releases.filling import (
    Place,
    write_judged_items,
    write_prompts,
    write_qa_pairs,
    write_response_pairs,
)
from app.releases.folders import flush_files, flush_folder, flush_folders, flush_to_disk, put_in_place
from app.releases.judgements import JudgedItem
from app.releases.manifest import FORMAT_VERSION, DatasetName, Manifest, ReleaseFacts, manifest_json
from app.releases.parts import SHARD_BYTES
from app.releases.rows import QAPair, ResponsePair
from app.releases.training_rows import AskedPrompt

MANIFEST_NAME = "manifest.json"
CARD_NAME = "README.md"
EARLIEST_IN_ZIP = (1980, 1, 1, 0, 0, 0)


def write_release(
    folder: Path,
    facts: ReleaseFacts,
    qa_pairs: Iterable[QAPair],
    response_pairs: Iterable[ResponsePair],
    prompts: Iterable[AskedPrompt] = (),
    judged_items: Iterable[JudgedItem] = (),
    shard_bytes: int = SHARD_BYTES,
) -> Manifest:
    """Write the release and put it in place of `folder`, whole or not at all; say what is in it.

    Each iterable is read once, in the order of the arguments, and its order is the order of the rows; each
    prompt is given once. A dataset without rows gets no folder, only its entry in the manifest.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _folder_beside(folder) as aside:
        fresh = aside / "fresh"
        fresh.mkdir()
        place = Place(fresh, facts, shard_bytes)
        written = [
            *write_qa_pairs(place, qa_pairs),
            *write_response_pairs(place, response_pairs),
            *write_prompts(place, prompts),
            *write_judged_items(place, judged_items),
        ]
        of_name = {entry.name: entry for entry in written}
        manifest = Manifest(FORMAT_VERSION, facts, tuple(of_name[name] for name in DatasetName))
        for entry in manifest.datasets:
            if entry.n_rows:
                (fresh / entry.name / CARD_NAME).write_bytes(dataset_card(manifest, entry).encode())
        (fresh / MANIFEST_NAME).write_bytes(manifest_json(manifest))
        flush_files(fresh)
        flush_folders(fresh)
        put_in_place(fresh, folder, retired=aside / "retired")
    return manifest


def zip_release(folder: Path, target: Path) -> None:
    """Pack a written release; same files, same bytes. `target` appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with _folder_beside(target) as aside:
        fresh = aside / "fresh.zip"
        with ZipFile(fresh, "w", ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*"), key=Path.as_posix):
                if path.is_file():
                    _add_to_zip(archive, path, path.relative_to(folder).as_posix())
        flush_to_disk(fresh)
        fresh.replace(target)
        flush_folder(target.parent)


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A hidden folder of our own on the same file system, gone at the end with all that is left in it."""
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent, ignore_cleanup_errors=True) as aside:
        yield Path(aside)


def _add_to_zip(archive: ZipFile, path: Path, name: str) -> None:
    """One file with its size known beforehand, its time and rights fixed."""
    entry = ZipInfo(name, EARLIEST_IN_ZIP)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 3  # Unix on every system, or the same files would zip differently on Windows
    entry.external_attr = 0o644 << 16
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as packed:
        shutil.copyfileobj(source, packed)
