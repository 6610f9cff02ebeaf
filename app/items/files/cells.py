"""A table's cells as an object of the same kind as JSON gives.

What a column holds is said by its name (`shapes.py`), never guessed from its values: a prompt "true" is a
text. Harm categories may have a column each, or one column for all of them. Which names they may have is
told beforehand: `vocabularies`, the project's own first.
"""

import ast
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import orjson

from app.items.files.records import FileRefused, Problem
from app.items.rows import LONGEST_KEY_SHOWN, BadRow, JsonObject
from app.items.shapes import (
    BEAVERTAILS_FIELD,
    CATEGORY_FIELDS,
    FLAG_FIELDS,
    LIST_FIELDS,
    NUMBER_FIELDS,
)
from app.items.vocabularies import BEAVERTAILS_KEYS, PKU_ALONE, Vocabularies, vocabulary_for

# 1 and 1.0 find True.
FLAGS: dict[object, bool] = {
    True: True,
    False: False,
    **dict.fromkeys(("true", "True", "TRUE", "1", "1.0"), True),
    **dict.fromkeys(("false", "False", "FALSE", "0", "0.0"), False),
}
WHOLE_NUMBER = re.compile(r"\s*([+-]?\d{1,9})(?:\.0*)?\s*", re.ASCII)
NAMES_APART = re.compile(r"\s*[;|\n]\s*")
COMMA = re.compile(r"\s*,\s*")
BETWEEN_FIELD_AND_CATEGORY = "./:_"
LONGEST_KEPT_CELL = 2_000
# Python's reader takes a hundred times as much memory as the text.
LONGEST_PYTHON_CELL = 2**18


class Typed(NamedTuple):
    place: int
    field: str
    read: Callable[[str, object], object]


class Columns(NamedTuple):
    """`others`: taken as they are. `split`: field -> place and category of each of its columns."""

    others: list[tuple[str, int]]
    typed: list[Typed]
    split: dict[str, list[tuple[str, int]]]

    def object_of(self, cells: Sequence[object]) -> JsonObject | Problem:
        row: JsonObject = {name: cells[place] for name, place in self.others}
        try:
            for place, field, read in self.typed:
                row[field] = read(field, cells[place])
            for field, columns in self.split.items():
                row[field] = {name: category_flag(field, name, cells[place]) for name, place in columns}
        except BadRow as bad:
            return Problem(bad.field, bad.reason)
        return row


def columns_of(names: Sequence[str], vocabularies: Vocabularies = PKU_ALONE) -> Columns:
    """`names`: the header. Raises FileRefused where a name is there twice. A nameless column is left out."""
    columns = Columns([], [], {})
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            raise FileRefused(f'The column "{name[:LONGEST_KEY_SHOWN]}" is there twice.')
        if not name:
            continue
        seen.add(name)
        field, category = split_name(name, vocabularies, has_severity="severity_level" in names)
        if category:
            columns.split.setdefault(field, []).append((category, place))
        elif read := reader_of(name, vocabularies):
            columns.typed.append(Typed(place, name, read))
        else:
            columns.others.append((name, place))
    for field in columns.split:
        if field in seen:
            raise FileRefused(f'The column "{field}" is there once for all categories and once for each.')
    return columns


def split_name(name: str, vocabularies: Vocabularies, *, has_severity: bool) -> tuple[str, str]:
    """Field and category of a column for one of them, "" twice for all other columns.

    `has_severity`: BeaverTails has none, so where there is one, its names are a project's own.
    """
    if name in BEAVERTAILS_KEYS and not has_severity:
        return BEAVERTAILS_FIELD, name
    if any(name in known for known in vocabularies):
        return CATEGORY_FIELDS[0], name
    for field in CATEGORY_FIELDS:
        rest = name.removeprefix(field)
        is_split = rest != name and rest[:1] in BETWEEN_FIELD_AND_CATEGORY
        if is_split and any(rest[1:] in known for known in known_in(field, vocabularies)):
            return field, rest[1:]
    return "", ""


def known_in(field: str, vocabularies: Vocabularies) -> Vocabularies:
    return (BEAVERTAILS_KEYS,) if field == BEAVERTAILS_FIELD else vocabularies


def reader_of(field: str, vocabularies: Vocabularies) -> Callable[[str, object], object] | None:
    if field in FLAG_FIELDS:
        return flag_or_none
    if field in NUMBER_FIELDS:
        return number_cell
    if field in CATEGORY_FIELDS:
        return partial(category_cell, vocabularies=known_in(field, vocabularies))
    return list_cell if field in LIST_FIELDS else None


def flag_or_none(field: str, value: object) -> bool | None:
    """Whether there must be one, the shape knows: rankings among safety labels have none. Raises BadRow."""
    return None if value is None else flag_cell(field, value)


def flag_cell(field: str, value: object) -> bool:
    """Raises BadRow."""
    try:
        return FLAGS[value]
    except (KeyError, TypeError):
        text = str(value).strip().lower() if isinstance(value, str) else value
        if isinstance(text, str) and text in FLAGS:
            return FLAGS[text]
        raise BadRow(field, f"must be true or false, {but_is(value)}") from None


def category_flag(field: str, category: str, value: object) -> bool:
    """Raises BadRow."""
    try:
        return FLAGS[value]
    except (KeyError, TypeError):
        try:
            return flag_cell(field, value)
        except BadRow as bad:
            raise BadRow(field, f'"{category}" {bad.reason}') from None


def number_cell(field: str, value: object) -> object:
    """A column of pandas with a gap in it holds 1.0 for 1. Raises BadRow."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str):
        return value
    if found := WHOLE_NUMBER.fullmatch(value):
        return int(found[1])
    raise BadRow(field, f"must be a whole number, {but_is(value)}")


def but_is(value: object) -> str:
    if value is None or value == "":
        return "but is empty"
    shown = f'"{value[:LONGEST_KEY_SHOWN]}"' if isinstance(value, str) else str(value)[:LONGEST_KEY_SHOWN]
    return f"not {shown}"


def category_cell(field: str, value: object, vocabularies: Vocabularies) -> object:
    """Whatever it is, if it is no form of categories: the shape knows whether it wants some."""
    if isinstance(value, str):
        read = categories_of if len(value) <= LONGEST_KEPT_CELL else categories_of.__wrapped__
        return read(field, value, vocabularies)
    if isinstance(value, list):
        return ticked_among(value, vocabularies)
    if isinstance(value, dict):
        return {name: FLAGS.get(flag, flag) if is_number(flag) else flag for name, flag in value.items()}
    return value


@lru_cache(maxsize=4096)
def categories_of(field: str, text: str, vocabularies: Vocabularies) -> object:
    """Of an object or list as JSON or as Python writes it, or of names with ";", "|" or "," between them."""
    text = text.strip()
    if text.startswith(("{", "[")):
        value = list_or_object(text)
        return text if isinstance(value, str) else category_cell(field, value, vocabularies)
    names = names_in(text, vocabularies)
    # "category" is a common name for anything; then it is no list of ours.
    is_none = field == BEAVERTAILS_FIELD and not BEAVERTAILS_KEYS.issuperset(names)
    return text if is_none else ticked_among(names, vocabularies)


def names_in(text: str, vocabularies: Vocabularies) -> list[str]:
    """BeaverTails has commas in its names: what is a name as it stands is taken as one."""
    names: list[str] = []
    for part in NAMES_APART.split(text):
        is_name = any(part in known for known in vocabularies)
        names += [part] if is_name else COMMA.split(part)
    return [name for name in names if name]


def ticked_among(names: list[Any], vocabularies: Vocabularies) -> object:
    """An unknown name stays in, for the shape to tell."""
    if not all(isinstance(name, str) for name in names):
        return names
    known = vocabulary_for(names, vocabularies)
    return dict.fromkeys(sorted(known), False) | dict.fromkeys(names, True)


def list_cell(field: str, value: object) -> object:
    return list_or_object(value.strip()) if isinstance(value, str) else value


def list_or_object(text: str) -> object:
    """The text again if it is neither.

    As pandas writes a list into CSV, it is what Python's `repr` makes. What `repr` would write otherwise
    is not taken: ['a' 'b'], as numpy prints, would become one text.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        if len(text) > LONGEST_PYTHON_CELL:
            return text
        try:
            value = ast.literal_eval(text)
            # What JSON could not hold, such as half a letter, no shape is made for.
            orjson.dumps(value)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            return text
        if repr(value) != text:
            return text
    return value if isinstance(value, list | dict) else text


def is_number(value: object) -> bool:
    return isinstance(value, int | float)
