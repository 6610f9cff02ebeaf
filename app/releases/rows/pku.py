"""What the rows of a release are made of."""

from hashlib import sha256
from typing import Literal, NamedTuple

Weakness = Literal["few_answers", "uncertain"]
"""Why a label or a preference that there is does not do for this release: too few answers, or too little
certain."""

Preference = Literal[0, 1, "tie", "awaiting"] | Weakness
"""The preferred side, "tie" where the annotations name no winner, or "awaiting" as long as adjudicators have
to say. None beside it: no annotations."""


class LabelledResponse(NamedTuple):
    """`source`: the model's name, "" if unknown. `severity`: 0 to 3.

    `is_safe` and `severity` are None as long as the response has no safety consensus; `is_awaiting`: since
    adjudicators have to say; `weakness`: since the one it has does not do.
    """

    text: str
    source: str
    is_safe: bool | None
    harm_categories: frozenset[str]
    severity: int | None
    is_awaiting: bool = False
    weakness: Weakness | None = None


class QAPair(NamedTuple):
    """`checksum`: as by `text_checksum`, here and below."""

    prompt: str
    prompt_source: str
    response: LabelledResponse
    checksum: str


class ResponsePair(NamedTuple):
    """`better`: more helpful, `safer`: more harmless, `single`: the two weighed together."""

    prompt: str
    prompt_source: str
    response_0: LabelledResponse
    response_1: LabelledResponse
    better: Preference | None
    safer: Preference | None
    single: Preference | None
    checksums: tuple[str, str]


def text_checksum(prompt: str, response: str) -> str:
    """SHA-256 in lower hex of the two texts in UTF-8, nothing between them."""
    return sha256((prompt + response).encode()).hexdigest()
