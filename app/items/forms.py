"""Which column is which, as the page of a checked import asks it."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from app.i18n import N_
from app.items.fields import FieldMap
from app.items.mapped_rows import NUMBERED
from app.items.mapping import checked


class Use(StrEnum):
    """What a column may be; several of one kind belong to the responses in turn."""

    PROMPT = "prompt"
    RESPONSE = "response"
    PROMPT_SOURCE = "prompt_source"
    RESPONSE_SOURCE = "response_source"
    IS_SAFE = "is_safe"
    SEVERITY = "severity_level"
    CATEGORIES = "harm_category"
    BETTER = "better_response_id"
    SAFER = "safer_response_id"


WORDS = {
    Use.PROMPT: N_("the prompt"),
    Use.RESPONSE: N_("a response"),
    Use.PROMPT_SOURCE: N_("where the prompt is from"),
    Use.RESPONSE_SOURCE: N_("where a response is from"),
    Use.IS_SAFE: N_("whether a response is safe"),
    Use.SEVERITY: N_("how severe, 0 to 3"),
    Use.CATEGORIES: N_("harm categories"),
    Use.BETTER: N_("which response is better"),
    Use.SAFER: N_("which response is safer"),
}
OF_ONE_OF_SEVERAL = {
    Use.RESPONSE: "response_{}",
    Use.RESPONSE_SOURCE: "response_{}_source",
    Use.IS_SAFE: "is_response_{}_safe",
    Use.SEVERITY: "response_{}_severity_level",
    Use.CATEGORIES: "response_{}_harm_category",
}
USE_OF_FIELD = {use.value: use for use in Use} | {
    NUMBERED.sub("", field.format(0)): use for use, field in OF_ONE_OF_SEVERAL.items()
}
LIKELY = {
    **dict.fromkeys(("question", "instruction", "query", "input"), Use.PROMPT),
    **dict.fromkeys(("answer", "output", "completion"), Use.RESPONSE),
    **dict.fromkeys(("model", "source"), Use.RESPONSE_SOURCE),
}
LAST_LETTER = re.compile(r"_?[a-d]$")


def likely_use(name: str) -> Use | None:
    """Of a column of this name, as far as it tells."""
    name = NUMBERED.sub("", name.lower())
    for each in (name, LAST_LETTER.sub("", name)):
        if found := USE_OF_FIELD.get(each) or LIKELY.get(each):
            return found
    return None


def use_told(name: str, maps: Sequence[FieldMap]) -> Use | None:
    ours = next((each.ours for each in maps if each.theirs == name), "")
    return USE_OF_FIELD.get(NUMBERED.sub("", ours))


def maps_posted(names: Sequence[str], posted: Mapping[str, Any]) -> list[FieldMap]:
    """`names`: of the columns; `use_0` of the form is what the first one is. Raises WronglyTold."""
    used: dict[Use, list[str]] = {use: [] for use in Use}
    for place, name in enumerate(names):
        use = str(posted.get(f"use_{place}", ""))
        if use in set(Use):
            used[Use(use)].append(name)
    has_several = len(used[Use.RESPONSE]) > 1
    values = values_told(posted)
    maps = []
    for use, columns in used.items():
        of_one = OF_ONE_OF_SEVERAL.get(use, use.value) if has_several else use.value
        otherwise = False if use is Use.IS_SAFE and values[use] else None
        maps += [
            FieldMap(of_one.format(place), name, values.get(use) or None, otherwise)
            for place, name in enumerate(columns)
        ]
    return checked(maps)


def values_told(posted: Mapping[str, Any]) -> dict[Use, dict[str, Any]]:
    """Which values mean safe, and which response each value names; empty where they are as we write them."""
    safe, responses = (
        [value.strip() for value in str(posted.get(field, "")).split("|") if value.strip()]
        for field in ("safe_values", "response_values")
    )
    places = {value: place for place, value in enumerate(responses)}
    return {Use.IS_SAFE: dict.fromkeys(safe, True), Use.BETTER: places, Use.SAFER: places}
