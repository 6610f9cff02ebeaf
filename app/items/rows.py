"""One row of a file, checked: a prompt, its responses and the labels that came with them."""

from functools import lru_cache
from hashlib import sha256
from itertools import compress
from typing import Any, NamedTuple

from app.items.vocabularies import Categories, named_with_nearest

LONGEST_TEXT_BYTES = 1_000_000
LONGEST_SOURCE = 1_000
MOST_RESPONSES = 50
LONGEST_KEY_SHOWN = 60
BOOL = frozenset({bool})

JsonObject = dict[str, Any]


class BadRow(ValueError):
    """This row can't be imported. `field`: the key at fault, empty where it is the row as a whole."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class EmptyText(BadRow):
    """There is a prompt or a response, but no text in it."""


class Text(NamedTuple):
    """`sha256`: of the UTF-8 text."""

    text: str
    sha256: bytes
    source: str


class Safety(NamedTuple):
    """A safety label as far as the file knows it; None where it does not say."""

    is_safe: bool
    harm_categories: tuple[str, ...] | None = None
    severity: int | None = None


class Warned(NamedTuple):
    """Something to tell about a row that is imported all the same."""

    field: str
    reason: str


class Row(NamedTuple):
    """`safety`: one label a response, or none at all. `preferences`: dimension -> the preferred response.

    The responses differ from each other; the preferred one is given by its place among them.
    """

    prompt: Text
    responses: tuple[Text, ...]
    safety: tuple[Safety, ...] = ()
    preferences: tuple[tuple[str, int], ...] = ()
    warnings: tuple[Warned, ...] = ()


def text_of(value: object, field: str, source: str) -> Text:
    """`value` as a prompt or response. Raises BadRow."""
    if not isinstance(value, str):
        raise BadRow(field, f"must be a string, not {json_type(value)}")
    if not value or value.isspace():
        raise EmptyText(field, "is empty")
    if "\0" in value:
        raise BadRow(field, "has a NUL character, which can't be stored")
    encoded = value.encode()
    if len(encoded) > LONGEST_TEXT_BYTES:
        raise BadRow(field, f"has {len(encoded):,} bytes; {LONGEST_TEXT_BYTES:,} is the most")
    return Text(value, sha256(encoded).digest(), source)


def source_of(row: JsonObject, field: str) -> str:
    """Where a text is from, "" if the row does not say."""
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow(field, f"must be a string, not {json_type(value)}")
    if "\0" in value or len(value) > LONGEST_SOURCE:
        raise BadRow(field, f"has a NUL character or more than {LONGEST_SOURCE:,} characters")
    return value


def required(row: JsonObject, field: str) -> Any:
    try:
        return row[field]
    except KeyError:
        raise BadRow(field, "is missing") from None


def flag(row: JsonObject, field: str) -> bool:
    value = required(row, field)
    if not isinstance(value, bool):
        raise BadRow(field, f"must be true or false, not {json_type(value)}")
    return value


def whole_number(row: JsonObject, field: str, most: int) -> int:
    """0 to `most`, both included."""
    value = required(row, field)
    if type(value) is not int or not 0 <= value <= most:
        shown = value if type(value) in (int, float) else json_type(value)
        raise BadRow(field, f"must be a whole number from 0 to {most}, not {shown}")
    return value


def ticked(row: JsonObject, field: str, known: Categories) -> tuple[str, ...]:
    """The categories that are true, in the row's order. Each of `known` must be there, and no other."""
    flags = required(row, field)
    if not isinstance(flags, dict):
        raise BadRow(field, f"must be an object, not {json_type(flags)}")
    if not are_all(tuple(flags), known):
        unknown = flags.keys() - known
        if unknown:
            raise BadRow(field, f"has the unknown category {named_with_nearest(min(unknown), known)}")
        raise BadRow(field, f'lacks the category "{min(known - flags.keys())}"')
    if not BOOL.issuperset(map(type, flags.values())):
        name, value = next((name, value) for name, value in flags.items() if not isinstance(value, bool))
        raise BadRow(field, f'"{name}" must be true or false, not {json_type(value)}')
    return tuple(compress(flags, flags.values()))


@lru_cache(maxsize=64)
def are_all(names: tuple[str, ...], known: Categories) -> bool:
    """Of most files each row has the same names in the same order."""
    return known == set(names)


def json_type(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    names: dict[type, str] = {str: "a string", int: "a number", float: "a number", list: "an array"}
    return "null" if value is None else names.get(type(value), "an object")
