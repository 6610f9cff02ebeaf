"""What a file's columns are, and what stands in them, for whoever is to tell which is which."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson

from app.items.files.records import Problem, RecordFile
from app.items.intake import MOST_ROWS_BEFORE_A_SHAPE
from app.items.reader import Files
from app.items.rows import JsonObject
from app.items.vocabularies import Vocabularies

ROWS_READ = 20
VALUES_SHOWN = 3
LONGEST_SHOWN = 1_000
MOST_COLUMNS = 100


class Column(NamedTuple):
    """`values`: the first few that are there, as text, cut where they are long."""

    name: str
    values: list[str]


def columns_in(path: Path, vocabularies: Vocabularies) -> list[Column]:
    """Of the first file's first rows, as an import reads them. Those whose names can't be stored are left
    out. Raises FileRefused."""
    values: dict[str, list[str]] = {}
    for row in first_rows(path, vocabularies):
        for name, value in row.items():
            shown = values.setdefault(name, [])
            if value not in (None, "") and len(shown) < VALUES_SHOWN:
                shown.append(as_text(value))
    columns = [Column(name, shown) for name, shown in values.items() if "\0" not in name]
    return columns[:MOST_COLUMNS]


def first_rows(path: Path, vocabularies: Vocabularies) -> list[JsonObject]:
    for _, _, _, records in Files(path, vocabularies):
        return list(islice(objects_in(records), ROWS_READ))
    return []


def objects_in(records: RecordFile) -> Iterator[JsonObject]:
    for record in islice(records, MOST_ROWS_BEFORE_A_SHAPE):
        if not isinstance(record.value, Problem):
            yield record.value


def as_text(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text[:LONGEST_SHOWN]
