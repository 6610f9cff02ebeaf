"""From a form that can't be used to the words beside its fields."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.i18n import N_
from app.i18n import gettext as _

WHOLE_NUMBER = N_("Enter a whole number.")
NUMBER = N_("Enter a number.")
DAY = N_("Enter a day as YYYY-MM-DD.")
MOMENT = N_("Enter a day and a time as YYYY-MM-DDTHH:MM.")
TIME = N_("Enter a time as HH:MM.")
YES_OR_NO = N_("Choose yes or no.")
CHOICE = N_("Choose one of: %(expected)s.")

SENTENCES = {
    "missing": N_("Fill this in."),
    "string_type": N_("Enter a text."),
    "string_too_short": N_("Make this %(min_length)s characters or more."),
    "string_too_long": N_("Make this %(max_length)s characters or fewer."),
    "too_short": N_("Enter %(min_length)s or more."),
    "too_long": N_("Enter %(max_length)s or fewer."),
    "int_type": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "int_parsing_size": N_("This number is too large. Enter a smaller one."),
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "bool_type": YES_OR_NO,
    "bool_parsing": YES_OR_NO,
    "date_type": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "datetime_type": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "time_type": TIME,
    "time_parsing": TIME,
    "greater_than": N_("Enter more than %(gt)g."),
    "less_than": N_("Enter less than %(lt)g."),
    "greater_than_equal": N_("Enter %(ge)s or more."),
    "less_than_equal": N_("Enter %(le)s or less."),
    "enum": CHOICE,
    "literal_error": CHOICE,
}
# Of what has another shape than a page of ours sends: Pydantic's own sentences are for programmers.
OTHERWISE = N_("This can't be read. Fill it in anew.")


def messages(invalid: ValidationError) -> dict[str, str]:
    """One sentence a field; what concerns the whole form stands under "form"."""
    found: dict[str, str] = {}
    for error in invalid.errors():
        field = str(error["loc"][0]) if error["loc"] else "form"
        found.setdefault(field, sentence_of(error))
    return found


def sentence_of(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return error["msg"].removeprefix("Value error, ")
    if kind in {"too_short", "too_long"} and isinstance(error["input"], str):
        # Of a secret, whose length is told as that of a list.
        kind = f"string_{kind}"
    if kind in {"string_too_short", "too_short"} and context["min_length"] == 1:
        kind = "missing"
    return _(SENTENCES.get(kind, OTHERWISE)) % without_point(context)


def without_point(bounds: dict[str, Any]) -> dict[str, Any]:
    """1.0 as 1: a bound is read by people."""
    return {
        name: int(bound) if isinstance(bound, float) and bound.is_integer() else bound
        for name, bound in bounds.items()
    }
