"""Rows in the long format of a release: they name an item by the SHA-256 of its texts, and say how its answer
was given."""

import re
from typing import NamedTuple

from app.annotations.models import Verdict
from app.items.rows import BadRow, JsonObject

CHECKSUM = re.compile(r"[0-9a-f]{64}")
LONGEST_VERSION = 100
STRONGEST = 3
NEWEST_GUIDELINE = 2**31 - 1


class Circumstances(NamedTuple):
    """As in `app.annotations.models.Annotation`; None where the file does not say.

    `displayed_order`: by the places of the row's own `responses`.
    """

    verdict: Verdict = Verdict.ORDERED
    strength: int | None = None
    displayed_order: list[int] | None = None
    taxonomy_version: str | None = None
    guideline_version: int | None = None


def checksums_of(row: JsonObject) -> tuple[bytes, ...]:
    """The SHA-256 of prompt and response, of each of the row's responses; none where it has their texts."""
    given = row.get("responses")
    if "prompt" in row or not isinstance(given, list) or not any(is_checksum(each) for each in given):
        return ()
    for place, each in enumerate(given):
        if not is_checksum(each):
            raise BadRow(
                f"responses[{place}]", "must be a SHA-256 in 64 lower hex digits, as others here are"
            )
    if len(set(given)) < len(given):
        raise BadRow("responses", "two of them are the same")
    return tuple(bytes.fromhex(each) for each in given)


def is_checksum(value: object) -> bool:
    return isinstance(value, str) and CHECKSUM.fullmatch(value) is not None


def circumstances_of(row: JsonObject, ranks: list[int] | None) -> Circumstances:
    """`ranks`: None of a safety label. Raises BadRow."""
    taxonomy_version = row.get("taxonomy_version")
    if taxonomy_version is not None and not is_version(taxonomy_version):
        raise BadRow("taxonomy_version", f"must be a string of 1 to {LONGEST_VERSION} characters")
    guideline_version = whole(row, "guideline_version", NEWEST_GUIDELINE)
    if ranks is None:
        return Circumstances(taxonomy_version=taxonomy_version, guideline_version=guideline_version)
    verdict = verdict_of(row, ranks)
    strength = whole(row, "strength", STRONGEST)
    if strength is not None and verdict is not Verdict.ORDERED:
        raise BadRow("strength", f"must be null where the verdict is {verdict}")
    order = row.get("displayed_order")
    if order is not None and not is_order(order, len(ranks)):
        raise BadRow("displayed_order", f"must name each place from 0 to {len(ranks) - 1} once")
    return Circumstances(verdict, strength, order, taxonomy_version, guideline_version)


def verdict_of(row: JsonObject, ranks: list[int]) -> Verdict:
    """Answers that nothing could be judged are not among those that are released."""
    verdict = row.get("verdict", Verdict.ORDERED)
    if verdict == Verdict.ORDERED:
        return Verdict.ORDERED
    if verdict != Verdict.ALL_BAD:
        raise BadRow("verdict", f"must be {Verdict.ORDERED} or {Verdict.ALL_BAD}")
    if max(ranks) > 1:
        raise BadRow("ranks", f"must all be 1 where the verdict is {verdict}")
    return Verdict.ALL_BAD


def is_version(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_VERSION and "\0" not in value


def is_order(value: object, n: int) -> bool:
    if not isinstance(value, list) or not all(type(place) is int for place in value):
        return False
    return sorted(value) == list(range(n))


def whole(row: JsonObject, field: str, most: int) -> int | None:
    """1 to `most`, both included; None where it is not said."""
    value = row.get(field)
    if value is not None and (type(value) is not int or not 1 <= value <= most):
        raise BadRow(field, f"must be a whole number from 1 to {most:,}")
    return value
