"""What whoever imports a file of answers says of it, so that other people's fields become ours.

`--map OURS=THEIRS` renames a field. `--map OURS=THEIRS:a|b` makes true of the values a and b, and false of
all others. `--map OURS=THEIRS:a=x,b=y` makes x of a and y of b, and refuses all others. `--columns
FIELD=NAME,NAME` takes a row with one column an annotator apart: one answer for each column that is not empty,
whose name is the annotator's, with the column's value in FIELD.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from app.errors import Refused
from app.items.rows import BadRow, JsonObject
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.models import QueueKind

MOST_VALUES_SHOWN = 10


class WronglyTold(Refused):
    """An option can't be understood."""


class FieldMap(NamedTuple):
    """`values`: what becomes of theirs, told as text; None: they stay. `otherwise`: of those it does not
    name; None if they are refused."""

    ours: str
    theirs: str
    values: Mapping[str, Any] | None = None
    otherwise: bool | None = None


class Columns(NamedTuple):
    field: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """`kind`: None where the first row is to say. The defaults are for unsafe answers that name no harm
    category, or no severity (1 to 3); None: such rows are refused."""

    maps: Sequence[FieldMap] = ()
    columns: Columns | None = None
    kind: QueueKind | None = None
    default_category: str | None = None
    default_severity: int | None = None
    queue_name: str | None = None

    def __post_init__(self) -> None:
        if self.default_category is not None and self.default_category not in CATEGORY_NAMES:
            raise WronglyTold(f"{self.default_category!r} is not one of the harm categories.")


def field_map(option: str) -> FieldMap:
    """Of one `--map`. Raises WronglyTold."""
    ours, _, rest = option.partition("=")
    theirs, colon, named = rest.partition(":")
    if not ours or not theirs or (colon and not named):
        raise WronglyTold(
            f"--map {option}: write OURS=THEIRS, OURS=THEIRS:VALUE or OURS=THEIRS:VALUE=OURS,VALUE=OURS."
        )
    if not colon:
        return FieldMap(ours, theirs)
    if "=" not in named:
        return FieldMap(ours, theirs, dict.fromkeys(named.split("|"), True), otherwise=False)
    pairs = [part.partition("=") for part in named.split(",")]
    if not all(equals for _, equals, _ in pairs):
        raise WronglyTold(f"--map {option}: each part behind the colon must read VALUE=OURS.")
    return FieldMap(ours, theirs, {value: json_value(becomes) for value, _, becomes in pairs})


def columns_of(option: str) -> Columns:
    """Of `--columns`. Raises WronglyTold."""
    name, _, columns = option.partition("=")
    names = tuple(columns.split(","))
    if not name or not all(names) or len(set(names)) < len(names):
        raise WronglyTold(f"--columns {option}: write FIELD=COLUMN,COLUMN,..., each column once.")
    return Columns(name, names)


def json_value(text: str) -> Any:
    """A number, true, false or null as such; all else is text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def taken_apart(row: JsonObject, columns: Columns | None) -> list[JsonObject]:
    """One row an answer. Raises BadRow."""
    if columns is None:
        return [row]
    for name in columns.names:
        if name not in row:
            raise BadRow(name, "is missing, though --columns names it")
    return [
        row | {"annotator": name, columns.field: row[name]}
        for name in columns.names
        if row[name] is not None and row[name] != ""
    ]


def in_our_fields(row: JsonObject, maps: Sequence[FieldMap]) -> JsonObject:
    """What is null or "" is left out. Raises BadRow."""
    known = {name: value for name, value in row.items() if value is not None and value != ""}
    return known | {each.ours: mapped_value(known, each) for each in maps if each.theirs in known}


def mapped_value(row: JsonObject, each: FieldMap) -> Any:
    value = row[each.theirs]
    if each.values is None:
        return value
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if text in each.values:
        return each.values[text]
    if each.otherwise is None:
        known = ", ".join(list(each.values)[:MOST_VALUES_SHOWN])
        raise BadRow(each.theirs, f"is none of the values that --map {each.ours} names: {known}")
    return each.otherwise
