"""What is told of other people's fields."""

import pytest

from app.answer_files.told import (
    Columns,
    FieldMap,
    Told,
    WronglyTold,
    columns_of,
    field_map,
    in_our_fields,
    taken_apart,
)
from app.items.rows import BadRow
from tests.items.samples import JsonObject


def mapped(row: JsonObject, *options: str, columns: str | None = None) -> list[JsonObject]:
    maps = [field_map(option) for option in options]
    return [in_our_fields(each, maps) for each in taken_apart(row, columns_of(columns) if columns else None)]


def test_the_three_ways_to_map_a_field() -> None:
    assert field_map("annotator=worker") == FieldMap("annotator", "worker")
    assert field_map("is_safe=label:Safe|Fine") == FieldMap(
        "is_safe", "label", {"Safe": True, "Fine": True}, otherwise=False
    )
    assert field_map("better_response_id=label:0=tie,1=0,2=1") == FieldMap(
        "better_response_id", "label", {"0": "tie", "1": 0, "2": 1}
    )


@pytest.mark.parametrize("option", ["", "annotator", "=worker", "annotator=", "a=b:", "a=b:1=0,2"])
def test_a_map_that_cannot_be_read_is_refused(option: str) -> None:
    with pytest.raises(WronglyTold, match="--map"):
        field_map(option)


@pytest.mark.parametrize("option", ["", "label", "label=", "label=a,,b", "label=a,a"])
def test_columns_that_cannot_be_read_are_refused(option: str) -> None:
    with pytest.raises(WronglyTold, match="--columns"):
        columns_of(option)


def test_an_unknown_default_category_is_refused() -> None:
    with pytest.raises(WronglyTold, match="'Rudeness' is not one of the harm categories"):
        Told(default_category="Rudeness")


def test_a_renamed_field_keeps_its_value_and_the_others_stay() -> None:
    assert mapped({"worker": 7, "note": "x"}, "annotator=worker") == [
        {"worker": 7, "note": "x", "annotator": 7}
    ]


@pytest.mark.parametrize(("label", "is_safe"), [("Safe", True), ("Unsafe", False), (1, False)])
def test_a_value_that_is_named_is_true_and_all_others_are_false(label: object, is_safe: bool) -> None:
    assert mapped({"label": label}, "is_safe=label:Safe")[0]["is_safe"] is is_safe


@pytest.mark.parametrize(("label", "better"), [(0, "tie"), ("1", 0), (2, 1)])
def test_numbers_and_texts_are_translated_alike(label: object, better: object) -> None:
    option = "better_response_id=label:0=tie,1=0,2=1"
    assert mapped({"label": label}, option)[0]["better_response_id"] == better


def test_a_value_that_the_table_lacks_is_refused_under_its_own_name() -> None:
    with pytest.raises(BadRow, match=r"none of the values that --map is_safe names: yes, no") as bad:
        mapped({"label": "maybe"}, "is_safe=label:yes=true,no=false")
    assert bad.value.field == "label"


def test_what_is_null_or_empty_is_left_out() -> None:
    assert mapped({"a": None, "b": "", "c": 0, "d": False}, "annotator=a") == [{"c": 0, "d": False}]


def test_columns_become_one_answer_each() -> None:
    assert columns_of("label=ann,bob") == Columns("label", ("ann", "bob"))
    answers = mapped(
        {"id": 4, "ann": "Safe", "bob": "Unsafe", "cy": None},
        *("item=id", "is_safe=label:Safe"),
        columns="label=ann,bob,cy",
    )
    assert [(row["annotator"], row["item"], row["is_safe"]) for row in answers] == [
        ("ann", 4, True),
        ("bob", 4, False),
    ]


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(BadRow, match="is missing, though --columns names it"):
        mapped({"ann": 1}, columns="label=ann,bob")
