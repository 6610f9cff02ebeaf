"""What whoever imports a file of answers says of it.

`--map` is told in `app/items/fields.py`. `--columns FIELD=NAME,NAME` takes a row with one column an annotator
apart: one answer for each column that is not empty, whose name is the annotator's, with the column's value in
FIELD.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from app.i18n import gettext as _
from app.items.fields import FieldMap, WronglyTold
from app.items.rows import BadRow, JsonObject
from app.items.vocabularies import named_with_nearest
from app.projects.pku import PKU
from app.queues.models import QueueKind


class Columns(NamedTuple):
    field: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """`kind`: None where the first row is to say. The defaults are for unsafe answers that name no harm
    category, or no severity (1 to 3); None: such rows are refused. `category_names`: the project's."""

    maps: Sequence[FieldMap] = ()
    columns: Columns | None = None
    kind: QueueKind | None = None
    default_category: str | None = None
    default_severity: int | None = None
    queue_name: str | None = None
    category_names: tuple[str, ...] = PKU.category_names

    @cached_property
    def known_categories(self) -> frozenset[str]:
        return frozenset(self.category_names)

    def __post_init__(self) -> None:
        if self.default_category is not None and self.default_category not in self.category_names:
            shown = named_with_nearest(self.default_category, self.known_categories)
            raise WronglyTold(f"There is no harm category {shown}.")


def columns_of(option: str) -> Columns:
    """Of `--columns`. Raises WronglyTold."""
    name, _equals, columns = option.partition("=")
    names = tuple(columns.split(","))
    if not name or not all(names) or len(set(names)) < len(names):
        sentence = _("“%(option)s” can't be read: write FIELD=COLUMN,COLUMN,..., each column once.")
        raise WronglyTold(sentence % {"option": option})
    return Columns(name, names)


def taken_apart(row: JsonObject, columns: Columns | None) -> list[JsonObject]:
    """One row an answer. Raises BadRow."""
    if columns is None:
        return [row]
    for name in columns.names:
        if name not in row:
            raise BadRow(name, "is missing, though it is told to be a column of answers")
    return [
        row | {"annotator": name, columns.field: row[name]}
        for name in columns.names
        if row[name] is not None and row[name] != ""
    ]


STORED = TypeAdapter(Told)


def as_stored(told: Told) -> dict[str, Any]:
    stored: dict[str, Any] = STORED.dump_python(told, mode="json")
    return stored


def told_of(stored: dict[str, Any]) -> Told:
    return STORED.validate_python(stored)
