"""The rows of a release, key by key as PKU-SafeRLHF and its siblings publish them."""

from functools import lru_cache
from hashlib import sha256
from typing import Literal, NamedTuple

Row = dict[str, object]

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


def dual_row(pair: ResponsePair, category_names: tuple[str, ...]) -> Row:
    """A row of PKU-SafeRLHF: both safety labels, helpfulness and harmlessness apart."""
    first, second = pair.response_0, pair.response_1
    return {
        **_texts_and_sources(pair),
        "is_response_0_safe": first.is_safe,
        "is_response_1_safe": second.is_safe,
        "response_0_harm_category": flags_of(first.harm_categories, category_names),
        "response_1_harm_category": flags_of(second.harm_categories, category_names),
        "response_0_severity_level": first.severity,
        "response_1_severity_level": second.severity,
        "better_response_id": pair.better,
        "safer_response_id": pair.safer,
        **_checksums(pair),
    }


def qa_row(pair: QAPair, category_names: tuple[str, ...]) -> Row:
    """A row of PKU-SafeRLHF-QA: one response and its safety label."""
    response = pair.response
    return {
        "prompt": pair.prompt,
        "response": response.text,
        "prompt_source": pair.prompt_source,
        "response_source": response.source,
        "is_safe": response.is_safe,
        "severity_level": response.severity,
        "harm_category": flags_of(response.harm_categories, category_names),
        "sha256": pair.checksum,
    }


def beavertails_row(pair: QAPair, category_names: tuple[str, ...]) -> Row:
    """A row of BeaverTails: the label of one response without a severity, as that data set has none."""
    response = pair.response
    return {
        "prompt": pair.prompt,
        "response": response.text,
        "category": flags_of(response.harm_categories, category_names),
        "is_safe": response.is_safe,
    }


def single_row(pair: ResponsePair) -> Row:
    """A row of PKU-SafeRLHF-single-dimension: one overall preference, no safety fields."""
    return {**_texts_and_sources(pair), "better_response_id": pair.single, **_checksums(pair)}


def text_checksum(prompt: str, response: str) -> str:
    """SHA-256 in lower hex of the two texts in UTF-8, nothing between them."""
    return sha256((prompt + response).encode()).hexdigest()


def _texts_and_sources(pair: ResponsePair) -> Row:
    return {
        "prompt": pair.prompt,
        "response_0": pair.response_0.text,
        "response_1": pair.response_1.text,
        "prompt_source": pair.prompt_source,
        "response_0_source": pair.response_0.source,
        "response_1_source": pair.response_1.source,
    }


def _checksums(pair: ResponsePair) -> Row:
    first, second = pair.checksums
    return {"response_0_sha256": first, "response_1_sha256": second}


@lru_cache(maxsize=100_000)
def flags_of(harm_categories: frozenset[str], category_names: tuple[str, ...]) -> dict[str, bool]:
    """Each category with whether it applies. Rows share these, so they are not to be changed."""
    return {name: name in harm_categories for name in category_names}
