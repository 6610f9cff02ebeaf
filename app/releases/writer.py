"""Writes a release: three datasets in PKU-SafeRLHF's shapes, a card beside each, and one manifest.

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
from app.releases.dataset import DatasetWriter, config_of_pair, config_of_response
from app.releases.folders import flush_folder, flush_folders, flush_to_disk, put_in_place, write_file
from app.releases.manifest import (
    FORMAT_VERSION,
    DatasetEntry,
    DatasetName,
    Manifest,
    ReleaseFacts,
    manifest_json,
)
from app.releases.rows import QAPair, ResponsePair, dual_row, qa_row, single_row
from app.releases.rules import why_dual_dropped, why_qa_pair_dropped, why_single_dropped
from app.releases.tally import DualCounts, SingleCounts, count_dual, count_label, count_single, no_labels

MANIFEST_NAME = "manifest.json"
CARD_NAME = "README.md"
EARLIEST_IN_ZIP = (1980, 1, 1, 0, 0, 0)


def write_release(
    folder: Path, facts: ReleaseFacts, qa_pairs: Iterable[QAPair], response_pairs: Iterable[ResponsePair]
) -> Manifest:
    """Write the release and put it in place of `folder`, whole or not at all; say what is in it.

    Each iterable is read once, `qa_pairs` first, and its order is the order of the rows. A dataset
    without rows gets no folder, only its entry in the manifest.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _folder_beside(folder) as aside:
        fresh = aside / "fresh"
        fresh.mkdir()
        qa = _write_qa_pairs(fresh, facts, qa_pairs)
        dual, single = _write_response_pairs(fresh, facts, response_pairs)
        manifest = Manifest(FORMAT_VERSION, facts, (dual, qa, single))
        for entry in manifest.datasets:
            if entry.n_rows:
                write_file(fresh / entry.name / CARD_NAME, dataset_card(manifest, entry).encode())
        write_file(fresh / MANIFEST_NAME, manifest_json(manifest))
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


def _write_qa_pairs(fresh: Path, facts: ReleaseFacts, qa_pairs: Iterable[QAPair]) -> DatasetEntry:
    writer, labels = DatasetWriter(fresh, DatasetName.QA), no_labels(facts.category_names)
    for pair in qa_pairs:
        reason = why_qa_pair_dropped(pair, facts.category_names)
        if reason is not None:
            writer.drop(reason)
            continue
        writer.write(config_of_response(pair.response), pair.prompt, qa_row(pair, facts.category_names))
        count_label(labels, pair.response)
    return writer.finish(labels, None)


def _write_response_pairs(
    fresh: Path, facts: ReleaseFacts, response_pairs: Iterable[ResponsePair]
) -> tuple[DatasetEntry, DatasetEntry]:
    """The dual and the single-preference dataset, from one pass over the pairs."""
    dual, dual_counts = DatasetWriter(fresh, DatasetName.DUAL), DualCounts()
    single, single_counts = DatasetWriter(fresh, DatasetName.SINGLE), SingleCounts()
    labels = no_labels(facts.category_names)
    for pair in response_pairs:
        reason = why_dual_dropped(pair, facts.category_names, facts.reader_tokens)
        if reason is None:
            dual.write(config_of_pair(pair), pair.prompt, dual_row(pair, facts.category_names))
            count_dual(dual_counts, pair)
            count_label(labels, pair.response_0)
            count_label(labels, pair.response_1)
        else:
            dual.drop(reason)
        reason = why_single_dropped(pair, facts.reader_tokens)
        if reason is None:
            single.write(config_of_pair(pair), pair.prompt, single_row(pair))
            count_single(single_counts, pair)
        else:
            single.drop(reason)
    return dual.finish(labels, dual_counts), single.finish(None, single_counts)


def _add_to_zip(archive: ZipFile, path: Path, name: str) -> None:
    """One file with its size known beforehand, its time and rights fixed."""
    entry = ZipInfo(name, EARLIEST_IN_ZIP)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 3  # Unix on every system, or the same files would zip differently on Windows
    entry.external_attr = 0o644 << 16
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as packed:
        shutil.copyfileobj(source, packed)
