"""What single annotators said, and how their answers to an item are spread: the long format.

An item is told by its key: of a QA pair the SHA-256 of prompt and response, as PKU-SafeRLHF-QA has it; of a
response set the SHA-256 of those of its responses in lower hex, one after the other in the item's order.
What annotators wrote in their own words is not part of a release.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from app.agreement.report.answers import (
    FIRST,
    N_PREFERENCES,
    N_SEVERITIES,
    SECOND,
    TIE,
    pairs_in_order,
    preferred,
)
from app.releases.manifest import Split
from app.releases.rows.pku import Row, flags_of
from app.releases.rows.rules import DropReason, why_label_dropped, why_ranking_dropped

DECIMALS = 6


class Judgement(NamedTuple):
    """One annotator's answer that counts, of safety or a ranking; the fields of the other are None.

    As in `app.annotations.models.Annotation`. `annotator`: a pseudonym. `answered_at`: ISO 8601, UTC.
    `is_withheld`: it makes labels and shares, but its annotator does not let it be published by itself.
    """

    annotator: str
    answered_at: str
    taxonomy_version: str
    guideline_version: int | None
    confidence: int | None
    is_safe: bool | None = None
    severity: int | None = None
    harm_categories: frozenset[str] | None = None
    verdict: str | None = None
    ranks: tuple[int, ...] | None = None
    displayed_order: tuple[int, ...] | None = None
    strength: int | None = None
    is_withheld: bool = False


class JudgedItem(NamedTuple):
    """An item in one dimension, with the answers that its label is made of.

    `responses`: the SHA-256 of prompt and response, of each of them in the item's order. `posterior`: as in
    `app.agreement.models.ItemConsensus`, None where there is none.
    """

    dimension: str
    split: Split
    responses: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    posterior: tuple[float, ...] | None


def item_key(responses: Sequence[str]) -> str:
    if len(responses) == 1:
        return responses[0]
    return sha256("".join(responses).encode()).hexdigest()


def why_judgement_dropped(
    judgement: Judgement, n_responses: int, category_names: tuple[str, ...]
) -> DropReason | None:
    """The first reason that applies; None: release it."""
    if judgement.ranks is not None:
        return why_ranking_dropped(judgement.ranks, judgement.displayed_order or (), n_responses)
    if judgement.is_safe is None or judgement.severity is None or judgement.harm_categories is None:
        return DropReason.CONTRADICTORY_SAFETY_LABEL
    return why_label_dropped(judgement.is_safe, judgement.severity, judgement.harm_categories, category_names)


def annotation_row(item: JudgedItem, judgement: Judgement, category_names: tuple[str, ...]) -> Row:
    ticked = judgement.harm_categories
    return {
        "item": item_key(item.responses),
        "responses": item.responses,
        "dimension": item.dimension,
        "annotator": judgement.annotator,
        "is_safe": judgement.is_safe,
        "severity_level": judgement.severity,
        "harm_category": None if ticked is None else flags_of(ticked, category_names),
        "verdict": judgement.verdict,
        "ranks": judgement.ranks,
        "displayed_order": judgement.displayed_order,
        "strength": judgement.strength,
        "confidence": judgement.confidence,
        "answered_at": judgement.answered_at,
        "taxonomy_version": judgement.taxonomy_version,
        "guideline_version": judgement.guideline_version,
    }


def consensus_row(item: JudgedItem, judgements: Sequence[Judgement], category_names: tuple[str, ...]) -> Row:
    """`judgements`: one or more, all of them good."""
    is_ranked = judgements[0].ranks is not None
    of_safety = None if is_ranked else safety_shares(judgements, category_names)
    posterior = None if is_ranked else safety_posterior(item.posterior, category_names)
    return {
        "item": item_key(item.responses),
        "responses": item.responses,
        "dimension": item.dimension,
        "n_judgements": len(judgements),
        "shares": of_safety,
        "posterior": posterior,
        "pairs": pair_shares(item, judgements) if is_ranked else None,
    }


def safety_shares(judgements: Sequence[Judgement], category_names: tuple[str, ...]) -> Row:
    said = ((judgement.severity or 0, judgement.harm_categories or frozenset()) for judgement in judgements)
    return shares_of(tuple(said), category_names)


@lru_cache(maxsize=100_000)
def shares_of(said: tuple[tuple[int, frozenset[str]], ...], category_names: tuple[str, ...]) -> Row:
    """`said`: the severity and the categories of each judgement. Rows share these, so nobody changes them."""
    ticked = Counter(name for _, names in said for name in names)
    severities = [severity for severity, _ in said]
    return {
        "unsafe": share_of([severity > 0 for severity in severities]),
        "severity": [
            share_of([severity == level for severity in severities]) for level in range(N_SEVERITIES)
        ],
        "harm_category": {name: share_of_number(ticked[name], len(said)) for name in category_names},
    }


def safety_posterior(posterior: Sequence[float] | None, category_names: tuple[str, ...]) -> Row | None:
    """None too where it was made for another taxonomy."""
    if posterior is None or len(posterior) != 1 + N_SEVERITIES + len(category_names):
        return None
    rounded = [round(chance, DECIMALS) for chance in posterior]
    return {
        "unsafe": rounded[0],
        "severity": rounded[1 : 1 + N_SEVERITIES],
        "harm_category": dict(zip(category_names, rounded[1 + N_SEVERITIES :], strict=True)),
    }


def pair_shares(item: JudgedItem, judgements: Sequence[Judgement]) -> list[Row]:
    """Every two responses of the item: who prefers which, and what the model makes of it."""
    pairs = pairs_in_order(len(item.responses))
    has_posterior = item.posterior is not None and len(item.posterior) == N_PREFERENCES * len(pairs)
    found: list[Row] = []
    for place, (one, other) in enumerate(pairs):
        said = [preferred(each.ranks[one], each.ranks[other]) for each in judgements if each.ranks]
        row: Row = {"first": one, "second": other}
        for name, value in (("first", FIRST), ("second", SECOND), ("tie", TIE)):
            row[f"{name}_share"] = share_of([preference == value for preference in said])
        for name, value in (("first", FIRST), ("second", SECOND), ("tie", TIE)):
            chance = (
                item.posterior[N_PREFERENCES * place + value] if item.posterior and has_posterior else None
            )
            row[f"{name}_posterior"] = None if chance is None else round(chance, DECIMALS)
        found.append(row)
    return found


def share_of(flags: Sequence[bool]) -> float:
    return share_of_number(sum(flags), len(flags))


def share_of_number(n: int, n_all: int) -> float:
    return round(n / n_all, DECIMALS)
