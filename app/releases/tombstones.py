"""`tombstones.jsonl`: what was withdrawn, for users of earlier releases to take it out of their copies."""

from collections.abc import Iterable
from datetime import UTC

import orjson

from app.withdrawals.queries import Tombstone

TOMBSTONES_NAME = "tombstones.jsonl"


def tombstone_lines(tombstones: Iterable[Tombstone]) -> bytes:
    """One a line, in the order given; without reasons and people."""
    return b"".join(
        orjson.dumps(
            {
                "kind": each.kind,
                "sha256": each.sha256,
                "withdrawn_at": each.withdrawn_at.astimezone(UTC).isoformat(timespec="seconds"),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for each in tombstones
    )
