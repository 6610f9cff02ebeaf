"""Other people's fields as ours, as whoever imports a file tells it.

`--map OURS=THEIRS` renames a field. `--map OURS=THEIRS:a|b` makes true of the values a and b, and false of
all others. `--map OURS=THEIRS:a=x,b=y` makes x of a and y of b, and refuses all others.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from app.errors import Refused
from app.i18n import gettext as _
from app.items.rows import BadRow, JsonObject

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


def field_map(option: str) -> FieldMap:
    """Of one `--map`. Raises WronglyTold."""
    ours, _equals, rest = option.partition("=")
    theirs, colon, named = rest.partition(":")
    if not ours or not theirs or (colon and not named):
        sentence = _(
            "“%(option)s” can't be read: write OURS=THEIRS, OURS=THEIRS:VALUE"
            " or OURS=THEIRS:VALUE=OURS,VALUE=OURS."
        )
        raise WronglyTold(sentence % {"option": option})
    if not colon:
        return FieldMap(ours, theirs)
    if "=" not in named:
        return FieldMap(ours, theirs, dict.fromkeys(named.split("|"), True), otherwise=False)
    pairs = [part.partition("=") for part in named.split(",")]
    if not all(equals for _value, equals, _ours in pairs):
        sentence = _("“%(option)s” can't be read: each part behind the colon must be VALUE=OURS.")
        raise WronglyTold(sentence % {"option": option})
    return FieldMap(ours, theirs, {value: json_value(becomes) for value, _equals, becomes in pairs})


def json_value(text: str) -> Any:
    """A number, true, false or null as such; all else is text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def in_our_fields(row: JsonObject, maps: Sequence[FieldMap]) -> JsonObject:
    """What is null or "" is left out. Raises BadRow."""
    known = {name: value for name, value in row.items() if value is not None and value != ""}
    return known | {each.ours: mapped_value(known, each) for each in maps if each.theirs in known}


def mapped_value(row: JsonObject, each: FieldMap) -> Any:
    value = row[each.theirs]
    if each.values is None:
        return value
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    if text in each.values:
        return each.values[text]
    if each.otherwise is None:
        known = ", ".join(list(each.values)[:MOST_VALUES_SHOWN])
        raise BadRow(each.theirs, f"is none of the values that are told for {each.ours}: {known}")
    return each.otherwise
