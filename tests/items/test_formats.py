"""The same rows reach the shapes alike, whatever format they come in."""

import gzip
import lzma
from collections.abc import Callable, Sequence
from pathlib import Path

import datasets
import pytest

from app.items.files.records import Problem
from app.items.reader import Files
from app.items.rows import BadRow, Row
from app.items.shapes import shape_of
from app.items.vocabularies import BEAVERTAILS_KEYS
from tests.items.formats import (
    by_excel,
    by_hand,
    by_pandas_csv,
    by_pandas_parquet,
    by_pyarrow,
    with_small_numbers,
)
from tests.items.samples import JsonObject, harm, json_array, json_lines, pku_pair, pku_qa, plain

AWKWARD = ' "Quoted", with; all\tof, them\r\nand\n\nlines, [{"a": 1}], {, ]}, \\ 1 true 🦊 \u2028 '
SHAPES: dict[str, list[JsonObject]] = {
    "pairs": [pku_pair(), pku_pair(prompt=AWKWARD, response_1="true", better_response_id=0)],
    "QA": [
        pku_qa(prompt="1", response=AWKWARD),
        pku_qa(prompt_source="", is_safe=True, severity_level=0, harm_category=harm()),
        pku_qa(harm_category=harm("Violence", "White-Collar Crime"), severity_level=3),
    ],
    "single": [
        {"prompt": AWKWARD, "response_0": "A", "response_1": "'B'", "better_response_id": 1},
        {"prompt": "=1+1", "response_0": "0", "response_1": '"', "better_response_id": 0},
    ],
    "BeaverTails": [
        {
            "prompt": "How?",
            "response": AWKWARD,
            "category": {name: name.startswith("violence") for name in sorted(BEAVERTAILS_KEYS)},
            "is_safe": False,
        }
    ],
    "HH-RLHF": [
        {
            "chosen": f"\n\nHuman: {AWKWARD}\n\nAssistant: Yes, sir",
            "rejected": f"\n\nHuman: {AWKWARD}\n\nAssistant: No;",
        }
    ],
    "plain": [plain(), plain(response=AWKWARD, response_source="model-a")],
    "N responses": [{"prompt": "Why?", "responses": ["A", AWKWARD, "'C'"]}],
    "N responses with sources": [
        {"prompt": "Why?", "responses": [{"text": "A", "source": "a"}, {"text": AWKWARD, "source": "b"}]}
    ],
}
SHAPES["plain"][0]["response_source"] = ""

FORMATS: dict[str, Callable[[Sequence[JsonObject]], bytes]] = {
    "JSON array": json_array,
    "JSON array on one line": lambda rows: json_array(rows).replace(b",\n", b","),
    "Excel": by_excel,
    "CSV": lambda rows: by_hand(rows, ","),
    "TSV": lambda rows: by_hand(rows, "\t"),
    "packed CSV": lambda rows: lzma.compress(by_hand(rows, ";")),
    "packed array": lambda rows: gzip.compress(json_array(rows)),
    "pandas CSV": by_pandas_csv,
    "pandas Parquet": by_pandas_parquet,
    "pyarrow": by_pyarrow,
    "pyarrow, small numbers": with_small_numbers,
    "pyarrow, brotli": lambda rows: by_pyarrow(rows, compression="brotli", data_page_version="2.0"),
}


def rows_in(content: bytes, folder: Path) -> list[Row]:
    path = folder / "file"
    path.write_bytes(content)
    rows = []
    for opened in Files(path):
        for record in opened.records:
            assert not isinstance(record.value, Problem), record
            shape = shape_of(record.value)
            assert shape is not None, record
            rows.append(shape.read(record.value))
    return rows


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_rows_of_json_lines(shape: str, name: str, tmp_path: Path) -> None:
    wanted = rows_in(json_lines(SHAPES[shape]), tmp_path)
    found = rows_in(FORMATS[name](SHAPES[shape]), tmp_path)
    assert found == wanted


# Lists in CSV: below.
WRITTEN = [
    (kind, shape)
    for shape in SHAPES
    for kind in ("parquet", "jsonl", "array", "csv")
    if kind != "csv" or "responses" not in SHAPES[shape][0]
]


@pytest.mark.parametrize(("kind", "shape"), WRITTEN)
def test_what_datasets_writes_is_read(kind: str, shape: str, tmp_path: Path) -> None:
    made = datasets.Dataset.from_list(SHAPES[shape])
    path = tmp_path / "written"
    if kind == "parquet":
        made.to_parquet(path)
    elif kind == "csv":
        made.to_csv(path)
    else:
        made.to_json(path, lines=kind == "jsonl")
    wanted = rows_in(json_lines(SHAPES[shape]), tmp_path)
    assert rows_in(path.read_bytes(), tmp_path) == wanted


def test_a_list_as_numpy_prints_it_is_rejected(tmp_path: Path) -> None:
    """That is how `datasets` writes lists into CSV. Read as Python, two texts would become one."""
    path = tmp_path / "written"
    datasets.Dataset.from_list([{"prompt": "Why?", "responses": ["A", "B"]}]).to_csv(path)
    assert b"['A' 'B']" in path.read_bytes()
    with pytest.raises(BadRow, match="must be an array of 1 to 50 responses"):
        rows_in(path.read_bytes(), tmp_path)


def test_windows_line_ends_are_no_part_of_a_row(tmp_path: Path) -> None:
    rows = [plain(), plain(prompt="Why?")]
    content = by_hand(rows, ",").replace(b"\n", b"\r\n")
    assert rows_in(content, tmp_path) == rows_in(json_lines(rows), tmp_path)
