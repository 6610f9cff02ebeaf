"""What the audit log holds of a change, in words: fields and values are kept there as code names them."""

from collections.abc import Mapping
from typing import Any

from app.i18n import gettext as _

# A count, or yes or no, says by its value that it is one.
SILENT = ("n_", "is_", "has_")
SAID = {"min": "least", "max": "most", "url": "address", "sha256": "SHA-256"}
IDS = {"id": "number", "ids": "numbers"}


def field_in_words(name: str) -> str:
    """ "n_sampled" is "sampled", "min_right" is "least right", "item_ids" is "item numbers"."""
    for prefix in SILENT:
        name = name.removeprefix(prefix)
    first, *others = name.split("_")
    if others:
        others[-1] = IDS.get(others[-1], others[-1])
    return " ".join([SAID.get(first, first), *others])


def value_in_words(value: Any) -> str:
    """Of JSON, however deep; "" for what is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return "; ".join(f"{field_in_words(name)}: {part_in_words(part)}" for name, part in value.items())
    if isinstance(value, list):
        return _(", ").join(map(part_in_words, value))
    return str(value)


def part_in_words(value: Any) -> str:
    """Of a list or an object; what has parts of its own stands in brackets."""
    words = value_in_words(value) or _("nothing")
    return f"({words})" if value and isinstance(value, Mapping | list) else words
