"""`tombstones.jsonl`: what was withdrawn, for users of earlier releases to take it out of their copies."""

from collections.abc import Sequence
from datetime import UTC
from hashlib import sha256
from pathlib import Path

import orjson

from app.releases.manifest import ListEntry
from app.withdrawals.queries import Tombstone

TOMBSTONES_NAME = "tombstones.jsonl"


def write_tombstones(folder: Path, tombstones: Sequence[Tombstone]) -> ListEntry:
    """In the order given; the file is there also where nothing was withdrawn."""
    lines = b"".join(tombstone_line(each) for each in tombstones)
    (folder / TOMBSTONES_NAME).write_bytes(lines)
    return ListEntry(TOMBSTONES_NAME, len(tombstones), len(lines), sha256(lines).hexdigest())


def tombstone_line(tombstone: Tombstone) -> bytes:
    """Without reason and people."""
    row = {
        "kind": tombstone.kind,
        "sha256": tombstone.sha256,
        "withdrawn_at": tombstone.withdrawn_at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
