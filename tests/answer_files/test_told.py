"""What is told of a file of answers, beside its fields."""

import pytest

from app.answer_files.told import Columns, Told, columns_of, taken_apart
from app.items.fields import WronglyTold, field_map, in_our_fields
from app.items.rows import BadRow
from tests.items.samples import JsonObject


def mapped(row: JsonObject, *options: str, columns: str | None = None) -> list[JsonObject]:
    maps = [field_map(option) for option in options]
    return [in_our_fields(each, maps) for each in taken_apart(row, columns_of(columns) if columns else None)]


@pytest.mark.parametrize("option", ["", "label", "label=", "label=a,,b", "label=a,a"])
def test_columns_that_cannot_be_read_are_refused(option: str) -> None:
    with pytest.raises(WronglyTold, match="can't be read"):
        columns_of(option)


def test_an_unknown_default_category_is_refused() -> None:
    with pytest.raises(WronglyTold, match='There is no harm category "Rudeness"'):
        Told(default_category="Rudeness")


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
    with pytest.raises(BadRow, match="is missing, though it is told to be a column of answers"):
        mapped({"ann": 1}, columns="label=ann,bob")
