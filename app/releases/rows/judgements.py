"""What single annotators said of an item: what the rows of the long format are made of.

An item is told by its key: of a QA pair the SHA-256 of prompt and response, as PKU-SafeRLHF-QA has it; of a
response set the SHA-256 of those of its responses in lower hex, one after the other in the item's order.
What annotators wrote in their own words is not part of a release.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from app.releases.manifest import Split
from app.releases.rows.rules import DropReason, why_label_dropped, why_ranking_dropped

DECIMALS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What an answer of safety or a ranking says; the fields of the other are None. As in
    `app.annotations.models.Annotation`.

    Answers that say the same mostly share one: each is told apart by what it is, not by what it says, so
    that looking one up costs next to nothing.
    """

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


class Judgement(NamedTuple):
    """One annotator's answer that counts.

    `annotator`: a pseudonym. `answered_at`: ISO 8601, UTC. `is_withheld`: it makes labels and shares, but its
    annotator does not let it be published by itself.
    """

    annotator: str
    answered_at: str
    said: Said
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


@lru_cache(maxsize=10_000)
def why_judgement_dropped(said: Said, n_responses: int, category_names: tuple[str, ...]) -> DropReason | None:
    """The first reason that applies; None: release it."""
    if said.ranks is not None:
        return why_ranking_dropped(said.ranks, said.displayed_order or (), n_responses)
    if said.is_safe is None or said.severity is None or said.harm_categories is None:
        return DropReason.CONTRADICTORY_SAFETY_LABEL
    return why_label_dropped(said.is_safe, said.severity, said.harm_categories, category_names)
