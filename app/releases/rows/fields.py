"""Rows by the thousand, as fields of all of them: made row by row they take half as long again. Pure.

A field is there twice: as JSON, to be put together into lines, and as a column of Arrow's. What many rows
have in common is made once and taken from there.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

TEXT, INT, FLAG, SHARE = pa.string(), pa.int64(), pa.bool_(), pa.float64()
TEXTS, INTS, SHARES = pa.list_(TEXT), pa.list_(INT), pa.list_(SHARE)
JSON = pa.large_binary()

SHARED = 10_000
"""So many of a kind are kept from block to block: those that most rows have, in some megabytes."""

Kinds = Mapping[str, pa.DataType]


class Fields(NamedTuple):
    """Fields that stand side by side. `json`: without the braces, in parts one behind the other, each of them
    the same for all rows or one a row; `columns`: one a field."""

    json: tuple[bytes | pa.Array, ...]
    columns: tuple[pa.Array, ...]

    def at(self, places: pa.Array) -> "Fields":
        json = tuple([part if isinstance(part, bytes) else part.take(places) for part in self.json])
        return Fields(json, tuple([column.take(places) for column in self.columns]))


class Texts(NamedTuple):
    """`json`: as strings of JSON."""

    json: pa.Array
    plain: pa.Array

    def at(self, places: pa.Array) -> "Texts":
        return Texts(self.json.take(places), self.plain.take(places))

    def named(self, name: str) -> Fields:
        return Fields((key_of(name), self.json), (self.plain,))


class Told(NamedTuple):
    """What a few fields hold in one row or more, in both forms."""

    fields: Mapping[str, object]
    json: bytes


def told(fields: Mapping[str, object]) -> Told:
    return Told(fields, orjson.dumps(fields)[1:-1])


def key_of(name: str) -> bytes:
    return orjson.dumps(name) + b":"


def texts_of(values: Sequence[str]) -> Texts:
    return Texts(pa.array(list(map(orjson.dumps, values)), JSON), pa.array(values, TEXT))


def plain_texts(name: str, values: Sequence[str]) -> Fields:
    """Texts in which JSON escapes nothing, such as checksums."""
    column = pa.array(values, TEXT)
    return Fields((key_of(name), b'"', column.cast(pa.binary()).cast(JSON), b'"'), (column,))


def of_rows(rows: Sequence[Told], kinds: Kinds) -> Fields:
    """`kinds`: of the fields, in their order."""
    json = pa.array([each.json for each in rows], JSON)
    columns = (pa.array([each.fields[name] for each in rows], kind) for name, kind in kinds.items())
    return Fields((json,), tuple(columns))


def repeated(keys: Sequence[Hashable], row: Callable[[Any], Told], kinds: Kinds) -> Fields:
    """Of few different rows. `keys`: one a row; `row`: what all those with that key have."""
    place_of = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    places = pa.array(list(map(place_of.__getitem__, keys)), pa.int32())
    return of_rows([row(key) for key in place_of], kinds).at(places)


def values_of(kinds: Kinds, values: Sequence[tuple[Hashable, ...]]) -> Fields:
    """`values`: of each row, and few of them different; each field has values of one type."""
    names = tuple(kinds)
    return repeated(values, lambda row: told(dict(zip(names, row, strict=True))), kinds)


@lru_cache
def flags_kind(category_names: tuple[str, ...]) -> pa.DataType:
    return pa.struct([(category, FLAG) for category in category_names])


@lru_cache(maxsize=SHARED)
def flags_of(harm_categories: frozenset[str], category_names: tuple[str, ...]) -> dict[str, bool]:
    """Each category with whether it applies. Rows share these, so they are not to be changed."""
    return {name: name in harm_categories for name in category_names}


def flags(name: str, labels: Sequence[frozenset[str]], category_names: tuple[str, ...]) -> Fields:
    """A field with each category and whether it applies."""
    return repeated(
        labels,
        lambda label: told({name: flags_of(label, category_names)}),
        {name: flags_kind(category_names)},
    )


def lines_of(fields: Sequence[Fields]) -> pa.Array:
    """Each row as a line of JSON, with its end."""
    parts: list[bytes | pa.Array] = []
    for number, each in enumerate(fields):
        parts += [b"," if number else b"{", *each.json]
    parts.append(b"}\n")
    together = [part if isinstance(part, pa.Array) else pa.scalar(part, JSON) for part in merged(parts)]
    return pc.binary_join_element_wise(*together, pa.scalar(b"", JSON))


def merged(parts: Sequence[bytes | pa.Array]) -> Iterator[bytes | pa.Array]:
    """Parts that are the same for all rows as one, where they follow each other."""
    waiting = b""
    for part in parts:
        if isinstance(part, bytes):
            waiting += part
        else:
            if waiting:
                yield waiting
            waiting = b""
            yield part
    if waiting:
        yield waiting


def record_batch(fields: Sequence[Fields], schema: pa.Schema) -> pa.RecordBatch:
    """One column a field of `schema`, in its order."""
    columns = [column for each in fields for column in each.columns]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
