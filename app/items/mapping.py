"""Files of no known shape, whose columns someone has told: which is the prompt, which are responses.

A column is a key of a row's own; what lies within an object of theirs is not reached.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from app.i18n import gettext as _
from app.items.fields import FieldMap, WronglyTold, mapped_value
from app.items.files.records import FileRefused
from app.items.mapped_rows import FIELD, NAMED_RESPONSE, NUMBERED, PARTS_OF_ONE, PREFERENCES, read_fields
from app.items.rows import MOST_RESPONSES, BadRow, JsonObject, Row, Warned
from app.items.shapes import Shape, in_project, shape_of, unknown_shape
from app.items.vocabularies import Categories

FieldMaps = Sequence[FieldMap]
MAPPED = "columns as told"
STORED = TypeAdapter(list[FieldMap])


class UnknownShape(FileRefused):
    """The columns have not been told either."""


@dataclass
class Mappings:
    """`told`: of this import's columns. `remembered`: by the hash of the columns' names. `used`: by the names
    of the columns they were used on."""

    told: FieldMaps | None = None
    remembered: Mapping[bytes, FieldMaps] = field(default_factory=dict)
    used: dict[tuple[str, ...], FieldMaps] = field(default_factory=dict)

    def shape_of(self, row: JsonObject, own: Categories) -> Shape:
        """`row`: a file's first one; `own`: the harm categories of the project. Raises UnknownShape."""
        maps = self.remembered.get(columns_sha256(row)) if self.told is None else self.told
        if maps is not None:
            self.used[tuple(row)] = maps
            return Shape(MAPPED, frozenset(), partial(read_mapped, maps, own))
        known = shape_of(row)
        if known is None:
            raise UnknownShape(unknown_shape(row))
        return in_project(known, own)


def columns_sha256(names: Iterable[str]) -> bytes:
    """The same in whatever order they stand."""
    return sha256("\0".join(sorted(names)).encode()).digest()


def as_stored(maps: FieldMaps) -> list[Any]:
    stored: list[Any] = STORED.dump_python(list(maps), mode="json")
    return stored


def maps_of(stored: list[Any]) -> list[FieldMap]:
    return STORED.validate_python(stored)


def completed(told: Iterable[FieldMap], names: Iterable[str]) -> list[FieldMap]:
    """With those of the columns `names` that have our names and are not told of. Raises WronglyTold."""
    maps = list(told)
    ours, theirs = {each.ours for each in maps}, {each.theirs for each in maps}
    has_response = any(NAMED_RESPONSE.fullmatch(name) for name in ours)
    return checked(
        [
            *maps,
            *(
                FieldMap(name, name)
                for name in names
                if FIELD.fullmatch(name)
                and name not in ours | theirs
                and not (has_response and NAMED_RESPONSE.fullmatch(name))
            ),
        ]
    )


def checked(maps: list[FieldMap]) -> list[FieldMap]:
    """The same. Raises WronglyTold where they make no item."""
    told = [each.ours for each in maps]
    for name in told:
        if not FIELD.fullmatch(name):
            raise WronglyTold(_("There is no field %(name)s that a column could be.") % {"name": name})
        if told.count(name) > 1:
            raise WronglyTold(_("Two columns are told to be the field %(name)s.") % {"name": name})
    if "prompt" not in told:
        raise WronglyTold(_("No column is told to be the prompt."))
    responses = {name for name in told if NAMED_RESPONSE.fullmatch(name)}
    if not responses:
        raise WronglyTold(_("No column is told to be a response."))
    if len({NUMBERED.sub("_", name) for name in responses}) > 1 or len(responses) > MOST_RESPONSES:
        sentence = _(
            "Tell one column as response, one as responses, or several as response_0, response_1 and so on,"
            " %(n)s at most."
        )
        raise WronglyTold(sentence % {"n": MOST_RESPONSES})
    refuse_without_response(told, responses)
    return maps


def refuse_without_response(told: list[str], responses: set[str]) -> None:
    """Labels would be lost in silence. Raises WronglyTold."""
    for name in told:
        number = NUMBERED.search(name)
        of_one = name in PARTS_OF_ONE and "response" not in responses
        of_several = name in PREFERENCES and responses in ({"response"}, {"response_0"})
        if of_one or of_several or (number and f"response{number[0]}" not in responses):
            sentence = _("The field %(name)s is told, but not the response that it is about.")
            raise WronglyTold(sentence % {"name": name})


def read_mapped(maps: FieldMaps, own: Categories, row: JsonObject) -> Row:
    """Raises BadRow, under the name that their column has."""
    fields = {}
    for each in maps:
        if row.get(each.theirs) not in (None, ""):
            value = mapped_value(row, each)
            if value is not None:
                fields[each.ours] = value
    theirs = {each.ours: each.theirs for each in maps}
    try:
        read = read_fields(fields, own, is_dual="safer_response_id" in theirs)
    except BadRow as bad:
        raise BadRow(theirs.get(bad.field, bad.field), bad.reason) from None
    warnings = tuple(Warned(theirs.get(name, name), reason) for name, reason in read.warnings)
    return read._replace(warnings=warnings)
