"""From a form that can't be used to the words beside its fields."""

from pydantic import ValidationError

# Pydantic's own sentences are good but for these, which people meet most.
SENTENCES = {
    "missing": "Fill this in.",
    "string_too_short": "Make this {min_length} characters or more.",
    "string_too_long": "Make this {max_length} characters or fewer.",
    "int_parsing": "Enter a whole number.",
    "float_parsing": "Enter a number.",
    "date_from_datetime_parsing": "Enter a day as YYYY-MM-DD.",
    "greater_than": "Enter more than {gt:g}.",
    "less_than": "Enter less than {lt:g}.",
    "greater_than_equal": "Enter {ge} or more.",
    "less_than_equal": "Enter {le} or less.",
    "enum": "Choose one of: {expected}.",
    "literal_error": "Choose one of: {expected}.",
}


def messages(invalid: ValidationError) -> dict[str, str]:
    """One sentence a field; what concerns the whole form stands under "form"."""
    found: dict[str, str] = {}
    for error in invalid.errors():
        field = str(error["loc"][0]) if error["loc"] else "form"
        is_empty = error["type"] == "string_too_short" and error["ctx"]["min_length"] == 1
        sentence = SENTENCES.get("missing" if is_empty else error["type"])
        text = sentence.format(**error.get("ctx", {})) if sentence else error["msg"]
        found.setdefault(field, text.removeprefix("Value error, "))
    return found
