"""Results of comparisons, kept as files beside the releases they compare.

Releases do not change, so a result stands. It can be made again at any time, hence it has no row in the
database.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

import orjson
from pydantic import BaseModel, ValidationError

from app.differences.content import VERSION, Difference
from app.releases.actions import project_folder
from app.releases.models import Release


class DifferenceState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Kept(BaseModel):
    """`item_ids`: of the listed rows, by key, where an item is known by it."""

    state: DifferenceState
    asked_at: datetime
    error: str | None = None
    difference: Difference | None = None
    item_ids: dict[str, int] = {}
    version: int = VERSION


class Asked(NamedTuple):
    """That two releases, by their numbers, were to be compared; `at`: or when that ended."""

    number: int
    other: int
    state: DifferenceState
    at: datetime
    error: str | None


def kept_path(before: Release, after: Release) -> Path:
    return project_folder(after.project_id) / f"{after.number}-against-{before.number}.json"


def list_path(before: Release, after: Release) -> Path:
    """Of all that differs, as CSV; there once the comparison is done."""
    return kept_path(before, after).with_suffix(".csv")


def kept_of(before: Release, after: Release) -> Kept | None:
    """None where nobody asked, or what is there was written by another version."""
    try:
        kept = Kept.model_validate_json(kept_path(before, after).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return kept if kept.version == VERSION else None


def asked_in(project_id: int) -> Iterator[Asked]:
    """All that were asked for in a project, without what they found; those of another version left out."""
    for path in project_folder(project_id).glob("*-against-*.json"):
        try:
            kept = Kept.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            continue
        number, other = map(int, path.stem.split("-against-"))
        yield Asked(number, other, kept.state, kept.asked_at, kept.error)


def keep(before: Release, after: Release, kept: Kept) -> None:
    """In place of what was kept, whole or not at all."""
    path = kept_path(before, after)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(orjson.dumps(kept.model_dump(mode="json")))
    Path(file.name).replace(path)
