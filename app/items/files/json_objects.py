"""The bytes of one JSON object, and why they are none.

A key that occurs twice makes an object useless here: which of two labels was meant, nobody can say, and
readers differ in which one they take.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from app.items.files.records import Problem
from app.items.rows import LONGEST_KEY_SHOWN, JsonObject, json_type

# Where a key may end that `":` does not find.
KEY_THEN_SPACE = re.compile(rb'"[ \t\r\n]+:')


class NotANumber(NamedTuple):
    """Stands where the text has a number that JSON does not know."""

    name: str


class KeyTwice(ValueError):
    """`key`: as it is written."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def object_of(content: bytes, what: str) -> JsonObject | Problem:
    """`what`: "line" or "object", for the reasons."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return why_not_json(content, error, what)
    return checked_object(value, content)


def checked_object(value: Any, content: bytes) -> JsonObject | Problem:
    """`content`: what `value` was read from."""
    if type(value) is not dict:
        return Problem("", f"must be an object, not {json_type(value)}")
    if not has_each_key_once(value, content):
        key = key_twice(content)
        if key is not None:
            return Problem(key[:LONGEST_KEY_SHOWN], "is there twice in the same object")
    read: JsonObject = value
    return read


def has_each_key_once(value: JsonObject, content: bytes) -> bool:
    """False also where texts look so much like keys that it takes a closer look.

    No more keys are written than there are colons, and no fewer than were read. So if there are as many
    colons as keys that were read, none was lost to another of its name.
    """
    n_objects = 1
    n = len(value)
    for part in value.values():
        if type(part) is dict:
            n_objects += 1
            n += len(part)
    if content.count(b"{") != n_objects:
        n = n_keys(value)
    return are_keys_alone(content, n)


def have_each_key_once(values: Sequence[Any], contents: Sequence[bytes]) -> bool:
    """Of several objects at once, each with what it was read from. False also where it takes a closer look.

    No object has fewer colons than keys, so if all together have as many, each one has. Keys within objects
    are counted where the first object has such a one; if there are more, there are more colons than that.
    """
    if set(map(type, values)) != {dict}:
        return False
    n = sum(map(len, values))
    for key in [key for key, part in values[0].items() if type(part) is dict]:
        parts = [value.get(key) for value in values]
        n += sum(len(part) for part in parts if type(part) is dict)
    content = b"".join(contents)
    return are_keys_alone(content, n)


def are_keys_alone(content: bytes, n: int) -> bool:
    """Whether `n` keys are all that could be one."""
    if content.count(b":") == n:
        return True
    return content.count(b'":') == n and not KEY_THEN_SPACE.search(content)


def n_keys(value: Any) -> int:
    """In the value and all within it."""
    n = 0
    open_values = [value]
    while open_values:
        opened = open_values.pop()
        if type(opened) is dict:
            n += len(opened)
            opened = opened.values()
        open_values.extend(part for part in opened if type(part) is dict or type(part) is list)
    return n


def key_twice(content: bytes) -> str | None:
    """A key that occurs twice in one object. `content`: valid JSON."""
    try:
        json.loads(content, object_pairs_hook=refuse_twice)
    except KeyTwice as error:
        return error.key
    except RecursionError:
        # Deeper than any shape goes; then orjson's reading stands.
        return None
    return None


def refuse_twice(pairs: list[tuple[str, object]]) -> JsonObject:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise KeyTwice(key)
            seen.add(key)
    return made


def why_not_json(content: bytes, error: orjson.JSONDecodeError, what: str) -> Problem:
    try:
        content.decode()
    except UnicodeDecodeError as wrong:
        return Problem("", f"not valid UTF-8 at byte {wrong.start + 1} of the {what}")
    not_json = Problem("", f"not valid JSON at character {error.pos + 1}: {error.msg}")
    if b"NaN" not in content and b"Infinity" not in content:
        return not_json
    try:
        lenient = json.loads(content, parse_constant=NotANumber)
        field, found = next(not_numbers(lenient, ""), ("", None))
    except (ValueError, RecursionError):
        found = None
    if found:
        # A report can't hold half a letter, which orjson would have refused.
        field = field.encode(errors="replace").decode()
        return Problem(field[:LONGEST_KEY_SHOWN], f"is {found.name}, which is no number in JSON")
    return not_json


def not_numbers(value: object, path: str) -> Iterator[tuple[str, NotANumber]]:
    """With the path to each: `scores.mean`, `responses[2]`."""
    if isinstance(value, NotANumber):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from not_numbers(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from not_numbers(part, f"{path}[{place}]")
