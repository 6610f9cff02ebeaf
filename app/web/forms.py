"""From a form that can't be used to the words beside its fields."""

from typing import Any

from pydantic import ValidationError

from app.i18n import N_
from app.i18n import gettext as _

# Pydantic's own sentences are good but for these, which people meet most.
SENTENCES = {
    "missing": N_("Fill this in."),
    "string_too_short": N_("Make this %(min_length)s characters or more."),
    "string_too_long": N_("Make this %(max_length)s characters or fewer."),
    "too_long": N_("Enter %(max_length)s or fewer."),
    "int_parsing": N_("Enter a whole number."),
    "float_parsing": N_("Enter a number."),
    "date_from_datetime_parsing": N_("Enter a day as YYYY-MM-DD."),
    "time_parsing": N_("Enter a time as HH:MM."),
    "greater_than": N_("Enter more than %(gt)g."),
    "less_than": N_("Enter less than %(lt)g."),
    "greater_than_equal": N_("Enter %(ge)s or more."),
    "less_than_equal": N_("Enter %(le)s or less."),
    "enum": N_("Choose one of: %(expected)s."),
    "literal_error": N_("Choose one of: %(expected)s."),
}


def messages(invalid: ValidationError) -> dict[str, str]:
    """One sentence a field; what concerns the whole form stands under "form"."""
    found: dict[str, str] = {}
    for error in invalid.errors():
        field = str(error["loc"][0]) if error["loc"] else "form"
        is_empty = error["type"] in ("string_too_short", "too_short") and error["ctx"]["min_length"] == 1
        sentence = SENTENCES.get("missing" if is_empty else error["type"])
        text = _(sentence) % without_point(error.get("ctx", {})) if sentence else error["msg"]
        found.setdefault(field, text.removeprefix("Value error, "))
    return found


def without_point(bounds: dict[str, Any]) -> dict[str, Any]:
    """1.0 as 1: a bound is read by people."""
    return {
        name: int(bound) if isinstance(bound, float) and bound.is_integer() else bound
        for name, bound in bounds.items()
    }
