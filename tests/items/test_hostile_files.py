"""Whatever a file holds, it ends in a good import or in reasons that name the place."""

from io import BytesIO
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.items.files.records import FileRefused, Problem
from app.items.reader import Files
from tests.items.samples import json_array, plain

HEADER = b"prompt,response\n"
GOOD = b"Why?,So.\n"
GOOD_ROW = {"prompt": "Why?", "response": "So."}
BARE_RETURN = (
    "a carriage return stands in a field without quotes; put the field in quotes, or end the line with a "
    "line feed"
)
Found = tuple[int, str, str]


def found_in(content: bytes, folder: Path) -> list[object]:
    """What is good; of the rest number, field and reason."""
    path = folder / "file"
    path.write_bytes(content)
    return [
        (record.number, *record.value, *([record.place] if record.place else []))
        if isinstance(record.value, Problem)
        else record.value
        for opened in Files(path)
        for record in opened.records
    ]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ('{"is_safe": true, "is_safe": false}', "is_safe", "is there twice in the same object"),
        ('{"a" : ":", "a" : 1}', "a", "is there twice in the same object"),
        ('{"a": {"b": 1, "b": 1}}', "b", "is there twice in the same object"),
        ('{"a": [{"b": 1}, {"c": 1, "c": 2}]}', "c", "is there twice in the same object"),
        ('{"a": 1, "\\u0061": 2}', "a", "is there twice in the same object"),
        ('{"severity_level": NaN}', "severity_level", "is NaN, which is no number in JSON"),
        ('{"a": [0, {"b": -Infinity}]}', "a[1].b", "is -Infinity, which is no number in JSON"),
        ('{"a": Infinity}', "a", "is Infinity, which is no number in JSON"),
        ('{"\\ud800": NaN}', "?", "is NaN, which is no number in JSON"),
        ("3", "", "must be an object, not a number"),
        ('"text"', "", "must be an object, not a string"),
        ("null", "", "must be an object, not null"),
    ],
)
@pytest.mark.parametrize("kind", ["lines", "array"])
def test_a_bad_object_is_rejected_alone(row: str, field: str, reason: str, kind: str, tmp_path: Path) -> None:
    if kind == "lines":
        content = f'{{"a": 1}}\n{row}\n{{"b": 2}}\n'
        expected: object = (2, field, reason)
    else:
        content = f'[{{"a": 1}},\n\n {row}\n,{{"b": 2}} ]\n'
        expected = (3, field, reason, "object 2")
    assert found_in(content.encode(), tmp_path) == [{"a": 1}, expected, {"b": 2}]


@pytest.mark.parametrize("row", ['{"a": {}, "b": 1, "b": 2}', '{"a": {"b": 1, "b": 1}}', '{"a" : 1, "a":1}'])
def test_a_key_twice_is_found_among_many_good_lines(row: str, tmp_path: Path) -> None:
    """Lines are checked together: what one lacks, another one must not make up for."""
    good = [{"a": {"c": n}, "text": text} for n, text in enumerate((": ", '":', "", "{}") * 20)]
    lines = [orjson.dumps(each) for each in good]
    found = found_in(b"\n".join([*lines[:40], row.encode(), *lines[40:]]), tmp_path)
    assert found[:40] + found[41:] == good
    assert isinstance(found[40], tuple)
    assert found[40][2] == "is there twice in the same object"


@pytest.mark.parametrize(
    "text",
    ['a": 1, "a": 2', ":", '":', "{}[],:", "\\", '\\"', "NaN", '"', "}, {", "} ]"],
)
@pytest.mark.parametrize("spaces", [False, True])
def test_texts_that_look_like_json_are_taken_as_they_are(text: str, spaces: bool, tmp_path: Path) -> None:
    rows = [{"a": text, "b": [text, {"c": text}], text: text}, {"a": 1}]
    options = orjson.OPT_INDENT_2 if spaces else 0
    assert found_in(orjson.dumps(rows, option=options), tmp_path) == rows
    assert found_in(b"\n".join(orjson.dumps(row) for row in rows), tmp_path) == rows


def test_nesting_without_end_is_rejected_alone(tmp_path: Path) -> None:
    deep = b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    almost = b'{"a":"\\":","b": ' + b"[" * 1_000 + b"]" * 1_000 + b"}"
    found = found_in(b"[" + deep + b",{}," + almost + b"]", tmp_path)
    assert isinstance(found[0], tuple)
    assert found[1] == {}
    assert isinstance(found[2], dict)


@pytest.mark.parametrize("at", range(3))
def test_an_object_of_another_encoding_is_rejected_alone(at: int, tmp_path: Path) -> None:
    rows = [b'{"a": "x"}', b'{"a": "x"}', b'{"a": "x"}']
    rows[at] = b'{"a": "\xe9t\xe9"}'
    expected: list[object] = [{"a": "x"}] * 3
    expected[at] = (at + 1, "", "not valid UTF-8 at byte 8 of the line")
    assert found_in(b"\n".join(rows), tmp_path) == expected
    expected[at] = (at + 1, "", "not valid UTF-8 at byte 8 of the object", f"object {at + 1}")
    assert found_in(b"[" + b",\n".join(rows) + b"]", tmp_path) == expected


@pytest.mark.parametrize(
    ("row", "n"), [('{"a": }', 7), ('{"a": 1} {"b": 2}', 10), ("oops", 1), ('{"a": tru}', 9), ("{]", 2)]
)
def test_a_broken_object_between_commas_is_rejected_alone(row: str, n: int, tmp_path: Path) -> None:
    found = found_in(f'[{{"a": 1}}, {row}, {{"b": 2}}]'.encode(), tmp_path)
    assert (found[0], found[2], len(found)) == ({"a": 1}, {"b": 2}, 3)
    assert isinstance(found[1], tuple)
    assert found[1][2].startswith("not valid JSON at character")


def test_a_comma_too_many_does_no_harm_at_the_end(tmp_path: Path) -> None:
    assert found_in(b'\xef\xbb\xbf [ {"a": 1}, ] \r\n', tmp_path) == [{"a": 1}]


@pytest.mark.parametrize("content", [b"[", b'[{"a": 1}', b'[{"a": 1},', b'[{"a": "', b'[{"a": "x\\'])
def test_an_array_without_end_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="The JSON array has no end"):
        found_in(content, tmp_path)


def test_objects_of_all_sizes_come_out_of_an_array_whole(tmp_path: Path) -> None:
    rows = [{"n": n, "text": '\\"}, {' * (n * n), "list": [{"x": n}, {"y": "]"}]} for n in range(150)]
    assert found_in(json_array(rows), tmp_path) == rows


def test_a_hostile_array_is_passed_through_in_linear_time(tmp_path: Path) -> None:
    """Each of these would have the whole buffer searched for its end; then the test would not end."""
    assert len(found_in(b"[" + b"{]," * 90_000 + b"{}]", tmp_path)) == 90_001


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (b"Why?\n", (2, "", "has 1 fields; the header has 2")),
        (b"Why?,So.,No.\n", (2, "", "has 3 fields; the header has 2")),
        (b"Why?,\xe9\n", (2, "", "not valid UTF-8 at byte 6 of the line")),
        (b'Why?,"a\nb\xe9"\n', (2, "", "not valid UTF-8 at byte 2 of line 3")),
        (b"Why?,a\rb\n", (2, "", BARE_RETURN)),
        (b'Why?,"a"b\n', (2, "", "not valid CSV: ',' expected after '\"'")),
    ],
)
def test_a_bad_row_of_a_table_is_rejected_alone(rows: bytes, expected: Found, tmp_path: Path) -> None:
    assert found_in(HEADER + rows + GOOD, tmp_path) == [expected, GOOD_ROW]


def test_a_quote_that_is_not_closed_is_told_with_all_its_lines(tmp_path: Path) -> None:
    expected = (3, "", "a quote is not closed; lines 3 to 5 are left out")
    assert found_in(HEADER + GOOD + b'Why?,"So.\n' + GOOD + GOOD, tmp_path) == [GOOD_ROW, expected]


def test_a_quote_that_is_not_closed_on_the_last_line_is_told_with_that_line(tmp_path: Path) -> None:
    expected = (3, "", "a quote is not closed; line 3 is left out")
    assert found_in(HEADER + GOOD + b'Why?,"So.\n', tmp_path) == [GOOD_ROW, expected]


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + GOOD * 2).replace(b"\n", b"\r"),
        b'\xef\xbb\xbf"prompt","response"\r"Why?","So."',
        HEADER.replace(b"\n", b"\r") + GOOD.replace(b"\n", b"\r") * 500_000,
        orjson.dumps(GOOD_ROW) + b"\r" + orjson.dumps(GOOD_ROW) + b"\r",
    ],
    ids=["table", "quotes", "large", "lines"],
)
def test_carriage_returns_alone_at_the_ends_of_lines_are_named(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"end in carriage returns alone.* Save it with line feeds"):
        found_in(content, tmp_path)


def test_one_row_that_ends_in_a_carriage_return_is_read(tmp_path: Path) -> None:
    assert found_in(orjson.dumps(GOOD_ROW) + b"\r", tmp_path) == [GOOD_ROW]
    rows = [GOOD_ROW, GOOD_ROW]
    assert found_in(json_array(rows).replace(b"\n", b"\r"), tmp_path) == rows


def test_reading_goes_on_behind_a_quote_that_is_not_closed_for_megabytes(tmp_path: Path) -> None:
    found = found_in(HEADER + b'Why?,"So.\n' + GOOD * 500_000, tmp_path)
    assert isinstance(found[0], tuple)
    assert found[0][2].startswith("the row is longer than 4 MiB, or a quote in it is not closed; lines 2 to")
    assert found[-1] == GOOD_ROW


def test_rows_are_known_by_the_line_they_begin_on(tmp_path: Path) -> None:
    content = HEADER + b'"a\n\nb",c\n\n ,\n,,,\nd\n'
    assert found_in(content, tmp_path) == [
        {"prompt": "a\n\nb", "response": "c"},
        (8, "", "has 1 fields; the header has 2"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"prompt;response\nWhy?;So.\n",
        b"prompt\tresponse\nWhy?\tSo.\n",
        b"\xef\xbb\xbf\r\n prompt , response \r\nWhy?,So.\r\n",
        b"sep=;\r\nprompt;response\r\nWhy?;So.\r\n",
        b'"prompt","response"\n"Why?","So."',
        b"prompt,response,\nWhy?,So.,\n",
        b"prompt,response\nWhy?,So.,,\n",
    ],
)
def test_it_knows_what_stands_between_the_fields(content: bytes, tmp_path: Path) -> None:
    assert found_in(content, tmp_path) == [GOOD_ROW]


def test_a_cell_of_several_hundred_kilobytes_is_read(tmp_path: Path) -> None:
    (found,) = found_in(HEADER + b"Why?," + b"x" * 500_000 + b"\n", tmp_path)
    assert isinstance(found, dict)


def parquet(**columns: object) -> bytes:
    written = BytesIO()
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def test_a_text_in_parquet_that_is_no_unicode_is_rejected_alone(tmp_path: Path) -> None:
    texts = pa.array([b"Why?", b"Wh\xe9?", b"Why?"]).view(pa.string())
    found = found_in(parquet(prompt=texts, response=["So."] * 3), tmp_path)
    assert found == [GOOD_ROW, (2, "prompt", "not valid UTF-8 at byte 3"), GOOD_ROW]


def test_columns_of_other_types_in_parquet_do_no_harm(tmp_path: Path) -> None:
    content = parquet(
        prompt=["Why?"],
        response=["So."],
        made=pa.array([2**62], pa.timestamp("ns", "Asia/Shanghai")),
        raw=[b"\xff"],
        pairs=pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    )
    (found,) = found_in(content, tmp_path)
    assert isinstance(found, dict)
    assert found | GOOD_ROW == found


def test_nulls_in_parquet_are_nulls(tmp_path: Path) -> None:
    flags = pa.array([{"x": True}, None], pa.struct([("x", pa.bool_())]))
    content = parquet(prompt=["Why?", None], severity_level=[1.0, None], harm_category=flags)
    assert found_in(content, tmp_path) == [
        {"prompt": "Why?", "severity_level": 1, "harm_category": {"x": True}},
        {"prompt": None, "severity_level": None, "harm_category": None},
    ]


@pytest.mark.parametrize("n_kept", [8, 200, -1])
def test_a_parquet_file_that_is_cut_is_refused(n_kept: int, tmp_path: Path) -> None:
    content = parquet(prompt=[str(n) for n in range(1_000)])
    with pytest.raises(FileRefused, match="The Parquet file is damaged or cut short"):
        found_in(content[:n_kept], tmp_path)


def test_a_parquet_file_with_changed_bytes_is_read_or_refused(tmp_path: Path) -> None:
    content = parquet(prompt=[f"{n} {n * n}" for n in range(300)], response=["So."] * 300)
    for at in range(0, len(content), 61):
        changed = bytearray(content)
        changed[at] ^= 0xFF
        try:
            found_in(bytes(changed), tmp_path)
        except FileRefused:
            continue


def test_a_parquet_file_without_rows_has_none(tmp_path: Path) -> None:
    assert found_in(parquet(prompt=pa.array([], pa.string())), tmp_path) == []


def test_a_bad_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="The header can't be read: not valid UTF-8 at byte 8 of the line"):
        found_in(b"prompt,\xe9,response\na,b,c\n", tmp_path)


def test_a_line_of_words_is_no_header(tmp_path: Path) -> None:
    found = found_in(b'", "response": "So."}\n' + orjson.dumps(plain()), tmp_path)
    assert found[1] == plain()
