"""What a cell means is said by its column's name."""

import pytest

from app.items.files.cells import columns_of
from app.items.files.records import FileRefused, Problem
from app.items.vocabularies import BEAVERTAILS_KEYS
from tests.items.samples import JsonObject, harm


def read(**cells: object) -> JsonObject | Problem:
    return columns_of(list(cells)).object_of(list(cells.values()))


@pytest.mark.parametrize("cell", ["true", "TRUE", "True", " tRUE ", "1", "1.0", True, 1, 1.0])
def test_ways_to_say_true(cell: object) -> None:
    assert read(is_safe=cell) == {"is_safe": True}


@pytest.mark.parametrize("cell", ["false", "FALSE", "False", "0", "0.0", False, 0, 0.0])
def test_ways_to_say_false(cell: object) -> None:
    assert read(is_safe=cell) == {"is_safe": False}


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "must be true or false, but is empty"),
        ("maybe", 'must be true or false, not "maybe"'),
        ("2", 'must be true or false, not "2"'),
        (2, "must be true or false, not 2"),
        (float("nan"), "must be true or false, not nan"),
        ([True], "must be true or false, not [True]"),
    ],
)
def test_no_way_to_say_either(cell: object, reason: str) -> None:
    assert read(is_safe=cell) == Problem("is_safe", reason)


def test_a_flag_that_is_not_there_is_left_to_the_shape() -> None:
    assert read(is_safe=None) == {"is_safe": None}


@pytest.mark.parametrize("cell", ["2", " 2 ", "+2", "2.0", "2.", "02", 2, 2.0])
def test_ways_to_say_two(cell: object) -> None:
    assert read(severity_level=cell) == {"severity_level": 2}


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "must be a whole number, but is empty"),
        ("two", 'must be a whole number, not "two"'),
        ("2.5", 'must be a whole number, not "2.5"'),
        ("1e0", 'must be a whole number, not "1e0"'),
        ("²", 'must be a whole number, not "²"'),
    ],
)
def test_no_number(cell: object, reason: str) -> None:
    assert read(severity_level=cell) == Problem("severity_level", reason)


@pytest.mark.parametrize("text", ["true", "1", "", "[1]", "{'a': 1}", "NaN", "2.0"])
def test_texts_stay_texts(text: str) -> None:
    fields = ("prompt", "response", "chosen", "prompt_source", "anything")
    assert read(**dict.fromkeys(fields, text)) == dict.fromkeys(fields, text)


@pytest.mark.parametrize(
    "cell",
    [
        "Violence;Drugs",
        " Violence | Drugs ",
        "Drugs, Violence",
        '["Violence", "Drugs"]',
        "['Drugs', 'Violence']",
        str(harm("Violence", "Drugs")),
        str({name: int(flag) for name, flag in harm("Violence", "Drugs").items()}),
        ["Drugs", "Violence"],
        harm("Violence", "Drugs"),
    ],
)
def test_ways_to_name_categories(cell: object) -> None:
    assert read(harm_category=cell) == {"harm_category": harm("Violence", "Drugs")}


def test_no_name_is_no_category() -> None:
    assert read(harm_category="") == {"harm_category": harm()}


def test_an_unknown_category_is_kept_for_the_shape_to_tell() -> None:
    assert read(harm_category="Rudeness") == {"harm_category": harm() | {"Rudeness": True}}


def test_names_with_commas_in_them_are_told_apart_by_other_signs() -> None:
    names = ["violence,aiding_and_abetting,incitement", "self_harm"]
    expected = {"category": {name: name in names for name in BEAVERTAILS_KEYS}}
    assert read(category=";".join(names)) == expected


def test_a_category_of_another_kind_stays_a_text() -> None:
    assert read(prompt="Why?", category="fiction, short") == {"prompt": "Why?", "category": "fiction, short"}


@pytest.mark.parametrize(
    "before", ["", "harm_category.", "harm_category/", "harm_category_", "harm_category:"]
)
def test_each_category_may_have_a_column(before: str) -> None:
    cells: dict[str, object] = {before + name: int(flag) for name, flag in harm("Drugs").items()}
    assert read(**cells) == {"harm_category": harm("Drugs")}


def test_a_column_of_one_category_names_it_where_it_is_wrong() -> None:
    cells: dict[str, object] = {name: "x" if name == "Drugs" else "0" for name in harm()}
    assert read(**cells) == Problem("harm_category", '"Drugs" must be true or false, not "x"')


def test_categories_both_together_and_apart_are_refused() -> None:
    with pytest.raises(FileRefused, match='"harm_category" is there once for all categories and once for'):
        columns_of(["harm_category", "Drugs"])


@pytest.mark.parametrize("cell", ['["A", "B"]', "['A', 'B']", ["A", "B"]])
def test_ways_to_write_a_list(cell: object) -> None:
    assert read(responses=cell) == {"responses": ["A", "B"]}


@pytest.mark.parametrize(
    "cell",
    ["['A' 'B']", "A", "[open('x')]", "['\\ud800']", "[1j]", "[" * 5_000, "['A',\n 'B']", "{1, 2}", "3"],
)
def test_what_is_no_list_stays_a_text(cell: str) -> None:
    assert read(responses=cell) == {"responses": cell}


def test_nameless_columns_are_left_out() -> None:
    assert columns_of(["", "prompt", ""]).object_of(["0", "Why?", "x"]) == {"prompt": "Why?"}
