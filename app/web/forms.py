"""From a form that can't be used to the words beside its fields."""

from pydantic import ValidationError

# Pydantic's own sentences are good but for these, which people meet most.
SENTENCES = {
    "missing": "Fill this in.",
    "string_too_short": "Make this {min_length} characters or more.",
    "string_too_long": "Make this {max_length} characters or fewer.",
    "int_parsing": "Enter a whole number.",
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
        sentence = SENTENCES.get(error["type"])
        text = sentence.format(**error.get("ctx", {})) if sentence else error["msg"]
        found.setdefault(field, text.removeprefix("Value error, "))
    return found
