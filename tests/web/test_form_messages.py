"""What is wrong with a form is said in our words, whatever was sent."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

import app.main  # noqa: F401 (every form is imported with it)
from app.accounts.forms import Activation
from app.deliveries.forms import NewWebhook
from app.search.forms import Choice
from app.taxonomies.forms import TypedVersion
from app.voids.forms import Period
from app.web.forms import OTHERWISE, SENTENCES, messages

LARGE = "9" * 30
SENT: tuple[Any, ...] = (
    *("", " ", "x", "x" * 20_000, "a=b", "true", "Safe", "[]", "[1]", '{"a": 1}', "http://["),
    *("0", "-1", "1", "1.5", "nan", "1e400", LARGE, "9" * 5_000),
    *("2026-01-01", "2026-02-30", "99999-01-01", "2026-01-01T10:00", "2026-01-01T99:00", "10:00", "25:61"),
    *('[{"place": 0}]', '[{"place": 0, "start": 0, "end": 1, "more": 1}]'),
    *([], ["x", "y"], ["1", "x"], ["1"] * 20_001, None),
    UploadFile(io.BytesIO(b"x"), filename="file"),
)
"""What a browser, or a program in its place, may send as one field."""

# No page of ours sends what raises them.
OTHER_SHAPES = {
    *("dataclass_type", "dict_type", "extra_forbidden", "list_type", "model_type", "named_tuple_type"),
    *("timezone_aware", "tuple_type"),
}


def forms(of: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for form in of.__subclasses__():
        if form.__module__.startswith("app.") and form.__module__ != "app.settings":
            yield form
        yield from forms(form)


def mistakes() -> Iterator[tuple[str, ValidationError]]:
    """`what`: the form and its field."""
    for form in forms():
        for field in form.model_fields:
            for value in SENT:
                try:
                    form.model_validate({field: value}, context=("Safe", "Violence"))
                except ValidationError as invalid:
                    yield f"{form.__name__}.{field}", invalid


@pytest.fixture(scope="module")
def told() -> list[tuple[str, str, str, str]]:
    """(where, type, Pydantic's words, ours) of the first mistake of each field of each form."""
    found = {}
    for where, invalid in mistakes():
        ours = messages(invalid)
        for error in reversed(invalid.errors()):
            field = str(error["loc"][0]) if error["loc"] else "form"
            found[where, error["type"], ours[field]] = (where, error["type"], error["msg"], ours[field])
    return list(found.values())


def test_every_kind_of_mistake_that_a_form_can_raise_has_a_sentence(
    told: list[tuple[str, str, str, str]],
) -> None:
    kinds = {kind for _where, kind, _theirs, _ours in told}
    assert kinds == SENTENCES.keys() | OTHER_SHAPES | {"value_error"}


def test_no_sentence_is_pydantics(told: list[tuple[str, str, str, str]]) -> None:
    for where, kind, theirs, ours in told:
        assert kind == "value_error" or ours != theirs, where
        for words in ("Input should", "validation error", "valid ", "%("):
            assert words not in ours, (where, ours)


class Odd(BaseModel):
    names: dict[str, int]


def test_what_has_another_shape_has_a_sentence_too() -> None:
    with pytest.raises(ValidationError) as invalid:
        Odd.model_validate({"names": "x"})
    assert messages(invalid.value) == {"names": OTHERWISE}


@pytest.mark.parametrize(
    ("form", "sent", "field", "said"),
    [
        (NewWebhook, {"webhook_secret": "short"}, "webhook_secret", "Make this 16 characters or more."),
        (NewWebhook, {"webhook_secret": "x" * 501}, "webhook_secret", "Make this 500 characters or fewer."),
        (TypedVersion, {"rules": "rule\n" * 21}, "rules", "Enter 20 or fewer."),
        (TypedVersion, {"rules": " \n"}, "rules", "Fill this in."),
        (Choice, {"ticked": ["1"] * 101}, "ticked", "Enter 100 or fewer."),
        (Activation, {"is_active": "perhaps"}, "is_active", "Choose yes or no."),
        (Period, {"since": "soon"}, "since", "Enter a day and a time as YYYY-MM-DDTHH:MM."),
    ],
)
def test_lengths_are_told_of_texts_in_characters_and_of_lists_in_entries(
    form: type[BaseModel], sent: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(ValidationError) as invalid:
        form.model_validate(sent)
    assert messages(invalid.value)[field] == said
