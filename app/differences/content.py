"""What a comparison of two releases says: plain rows that are printed, kept as JSON and shown on a page."""

from dataclasses import dataclass
from enum import StrEnum

VERSION = 1

Value = str | int | float | bool | None


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two releases."""

    project: str
    number: int
    as_of: str
    code_version: str
    taxonomy_version: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One field of a row that changed, or a row that is in one release alone.

    `key`: see shapes.py. `field`: "" for a whole row, of which `before` or `after` says what it was labelled.
    """

    change: Change
    key: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Transition:
    """`n` rows went from one value to the other."""

    field: str
    before: Value
    after: Value
    n: int


@dataclass(frozen=True, slots=True)
class DatasetDifference:
    """`is_matched`: False where rows can't be told apart, so that a changed one is both removed and added.

    `n_by_field`: how many rows changed in it, in the order of the fields. `transitions`: the most frequent
    ones of each field, and `n_other` rows by field whose transition is not among them. `listed`: the first
    ones of each kind of change, by key.
    """

    name: str
    is_matched: bool
    n_before: int
    n_after: int
    n_same: int
    n_added: int
    n_removed: int
    n_changed: int
    n_by_field: dict[str, int]
    transitions: list[Transition]
    n_other: dict[str, int]
    listed: list[Listed]


@dataclass(frozen=True, slots=True)
class AgreementDifference:
    """Krippendorff's alpha and Gwet's AC1 of one question; None where undefined or not in that release."""

    queue: str
    question: str
    alpha_before: float | None
    alpha_after: float | None
    ac1_before: float | None
    ac1_after: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    before: Side
    after: Side
    datasets: list[DatasetDifference]
    agreement: list[AgreementDifference]
    version: int = VERSION
