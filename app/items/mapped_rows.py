"""A row in our fields, of which it may have any: as many responses and labels as whoever mapped it has."""

import re
from typing import NamedTuple

from app.items.files.cells import category_cell, flag_cell, list_cell, number_cell
from app.items.rows import (
    MOST_RESPONSES,
    BadRow,
    JsonObject,
    Row,
    Safety,
    Text,
    Warned,
    required,
    source_of,
    text_of,
    whole_number,
)
from app.items.shapes import broken_safe_rule, listed_response, prompt_of, ticked_in_project
from app.items.vocabularies import Categories, vocabularies_of

NUMBERED = re.compile(r"_(?:0|[1-9]\d?)(?!\d)")
NAMED_RESPONSE = re.compile(r"responses?|response_(?:0|[1-9]\d?)")
PARTS_OF_ONE = frozenset({"is_safe", "harm_category", "severity_level"})
PREFERENCES = frozenset({"better_response_id", "safer_response_id"})
FIELD = re.compile(
    "|".join(
        [
            *("prompt", "prompt_source", "response_source", NAMED_RESPONSE.pattern),
            *sorted(PARTS_OF_ONE | PREFERENCES),
            r"response_(?:0|[1-9]\d?)_(?:source|harm_category|severity_level)",
            r"is_response_(?:0|[1-9]\d?)_safe",
        ]
    )
)
MOST_SEVERE = 3


class Numbered(NamedTuple):
    """A response, and the number by which the row speaks of it."""

    number: int
    field: str
    text: Text


def read_fields(row: JsonObject, own: Categories, *, is_dual: bool) -> Row:
    """`row`: without what is null. `own`: the harm categories of the project. `is_dual`: both preferences are
    told, so the better one is the more helpful. Raises BadRow."""
    responses = responses_of(row)
    seen: dict[bytes, str] = {}
    for _, name, text in responses:
        if text.sha256 in seen:
            raise BadRow(name, f"same text as {seen[text.sha256]}")
        seen[text.sha256] = name
    safety, warnings = labels_of(row, responses, own)
    preferences, more = preferences_of(row, responses, is_dual=is_dual)
    texts = tuple(response.text for response in responses)
    return Row(prompt_of(row), texts, safety, preferences, tuple(warnings + more))


def responses_of(row: JsonObject) -> list[Numbered]:
    """At least one. Raises BadRow."""
    default_source = source_of(row, "response_source")
    if "response" in row:
        return [Numbered(0, "response", listed_response(row["response"], "response", default_source))]
    if "responses" in row:
        given = list_cell("responses", row["responses"])
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_RESPONSES:
            raise BadRow("responses", f"must be an array of 1 to {MOST_RESPONSES} responses")
        names = [f"responses[{place}]" for place in range(len(given))]
        return [
            Numbered(place, name, listed_response(given[place], name, default_source))
            for place, name in enumerate(names)
        ]
    numbered = [
        Numbered(
            int(name.rpartition("_")[2]),
            name,
            text_of(value, name, source_of(row, f"{name}_source") or default_source),
        )
        for name, value in row.items()
        if NAMED_RESPONSE.fullmatch(name)
    ]
    if not numbered:
        raise BadRow("", "has no response")
    return sorted(numbered)


def labels_of(
    row: JsonObject, responses: list[Numbered], own: Categories
) -> tuple[tuple[Safety, ...], list[Warned]]:
    """A label for each response, or none at all."""
    labels: list[Safety] = []
    warnings: list[Warned] = []
    for number, name, _ in responses:
        is_safe = "is_safe" if name == "response" else f"is_response_{number}_safe"
        before = "" if name == "response" else f"response_{number}_"
        label = label_of(row, is_safe, f"{before}harm_category", f"{before}severity_level", own)
        if label is not None:
            labels.append(label)
            if label.severity is not None and label.harm_categories is not None:
                warnings += broken_safe_rule(label, is_safe)
    if labels and len(labels) < len(responses):
        return (), [Warned("", "the label is left out: not each response has one")]
    return tuple(labels), warnings


def label_of(
    row: JsonObject, is_safe: str, harm_category: str, severity_level: str, own: Categories
) -> Safety | None:
    """The three in the middle: the fields of its parts, of which any may be missing. None if all are."""
    severity = categories = None
    if severity_level in row:
        number = {severity_level: number_cell(severity_level, row[severity_level])}
        severity = whole_number(number, severity_level, MOST_SEVERE)
    if harm_category in row:
        cell = category_cell("harm_category", row[harm_category], vocabularies_of(own))
        categories = ticked_in_project({harm_category: cell}, harm_category, own)
    if is_safe in row:
        return Safety(flag_cell(is_safe, row[is_safe]), categories, severity)
    if severity is not None:
        return Safety(severity == 0, categories, severity)
    return None if categories is None else Safety(not categories, categories)


def preferences_of(
    row: JsonObject, responses: list[Numbered], *, is_dual: bool
) -> tuple[tuple[tuple[str, int], ...], list[Warned]]:
    named = {
        "better_response_id": "helpfulness" if is_dual else "single",
        "safer_response_id": "harmlessness",
    }
    told = {name: dimension for name, dimension in named.items() if name in row}
    if told and len(responses) == 1:
        return (), [Warned(name, "is left out: there is one response alone") for name in told]
    return tuple((dimension, place_of(row, name, responses)) for name, dimension in told.items()), []


def place_of(row: JsonObject, name: str, responses: list[Numbered]) -> int:
    """Where the response stands that the field names. Raises BadRow."""
    number = number_cell(name, required(row, name))
    numbers = [response.number for response in responses]
    if type(number) is not int or number not in numbers:
        raise BadRow(name, f"must be the number of one of the responses, {', '.join(map(str, numbers))}")
    return numbers.index(number)
