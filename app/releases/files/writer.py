"""Puts a release together from its parts: its datasets, a card beside each, and one manifest.

Same parts, same bytes: nothing here reads a clock or depends on the order of a set.
"""

from collections.abc import Sequence
from pathlib import Path

from app.releases.card.whole import dataset_card
from app.releases.files.folders import flush_files, flush_folders, put_in_place
from app.releases.files.joining import join_dataset, join_left_out
from app.releases.files.staging import PartMade, Staging
from app.releases.manifest import (
    FORMAT_VERSION,
    ListEntry,
    Manifest,
    ReleaseFacts,
    content_checksum,
    manifest_json,
)
from app.releases.reading.plan import Part
from app.releases.rows.schemas import datasets_by
from app.releases.tombstones import write_tombstones
from app.withdrawals.queries import Tombstone

MANIFEST_NAME = "manifest.json"
CARD_NAME = "README.md"


def put_together(
    staging: Staging,
    made: Sequence[tuple[Part, PartMade]],
    facts: ReleaseFacts,
    folder: Path,
    tombstones: Sequence[Tombstone] = (),
) -> Manifest:
    """The release in place of `folder`, whole or not at all; what is in it.

    The staging folder holds it from the first file that is moved, and is good for nothing else any more.
    A dataset without rows gets no folder, only its entry in the manifest.
    """
    staging.forget_plan()
    fresh = staging.folder / "fresh"
    fresh.mkdir()
    manifest = joined(staging, made, facts, fresh, write_tombstones(fresh, tombstones))
    for entry in manifest.datasets:
        if entry.n_rows:
            (fresh / entry.name / CARD_NAME).write_bytes(dataset_card(manifest, entry).encode())
    (fresh / MANIFEST_NAME).write_bytes(manifest_json(manifest))
    flush_files(fresh)
    flush_folders(fresh)
    put_in_place(fresh, folder, retired=staging.folder / "retired")
    staging.remove()
    return manifest


def joined(
    staging: Staging,
    made: Sequence[tuple[Part, PartMade]],
    facts: ReleaseFacts,
    fresh: Path,
    tombstones: ListEntry,
) -> Manifest:
    by_name = {
        name: [
            (staging.folder_of(part), dataset)
            for part, each in made
            for dataset in each.datasets
            if dataset.name is name
        ]
        for name in datasets_by(facts.category_names)
    }
    datasets = tuple(join_dataset(name, parts, fresh) for name, parts in by_name.items())
    lists = [staging.left_out(part) for part, _ in made]
    left_out = join_left_out(lists, sum(each.n_left_out for _, each in made), fresh)
    return Manifest(FORMAT_VERSION, content_checksum(datasets), facts, datasets, left_out, tombstones)
