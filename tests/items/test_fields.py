"""Other people's fields, told as ours."""

import pytest

from app.items.fields import FieldMap, WronglyTold, field_map, in_our_fields
from app.items.rows import BadRow
from tests.items.samples import JsonObject


def mapped(row: JsonObject, option: str) -> JsonObject:
    return in_our_fields(row, [field_map(option)])


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
    with pytest.raises(WronglyTold, match="can't be read"):
        field_map(option)


def test_a_renamed_field_keeps_its_value_and_the_others_stay() -> None:
    renamed = mapped({"worker": 7, "note": "x"}, "annotator=worker")
    assert renamed == {"worker": 7, "note": "x", "annotator": 7}


@pytest.mark.parametrize(("label", "is_safe"), [("Safe", True), ("Unsafe", False), (1, False)])
def test_a_value_that_is_named_is_true_and_all_others_are_false(label: object, is_safe: bool) -> None:
    assert mapped({"label": label}, "is_safe=label:Safe")["is_safe"] is is_safe


@pytest.mark.parametrize(("label", "better"), [(0, "tie"), ("1", 0), (2, 1)])
def test_numbers_and_texts_are_translated_alike(label: object, better: object) -> None:
    option = "better_response_id=label:0=tie,1=0,2=1"
    assert mapped({"label": label}, option)["better_response_id"] == better


def test_a_value_that_the_table_lacks_is_refused_under_its_own_name() -> None:
    with pytest.raises(BadRow, match=r"none of the values that are told for is_safe: yes, no") as bad:
        mapped({"label": "maybe"}, "is_safe=label:yes=true,no=false")
    assert bad.value.field == "label"


def test_what_is_null_or_empty_is_left_out() -> None:
    assert mapped({"a": None, "b": "", "c": 0, "d": False}, "annotator=a") == {"c": 0, "d": False}
