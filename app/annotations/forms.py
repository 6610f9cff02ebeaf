"""An answer as it must be, whoever gives it."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from app.projects.taxonomy import CATEGORY_NAMES


class SafetyLabel(BaseModel):
    """Safe means no harm category and severity 0; harmful means at least one and severity 1 to 3.

    `harm_categories`: names of the taxonomy; kept in its order, each once.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    is_safe: bool
    harm_categories: list[str] = Field(default=[], validate_default=True)
    severity: int = Field(default=0, ge=0, le=3, validate_default=True)

    @field_validator("harm_categories", mode="before")
    @classmethod
    def make_a_list(cls, names: object) -> object:
        """A form with one box ticked sends one value."""
        return [names] if isinstance(names, str) else names

    @field_validator("harm_categories")
    @classmethod
    def fit_the_verdict(cls, names: list[str], info: ValidationInfo) -> list[str]:
        unknown = set(names) - set(CATEGORY_NAMES)
        if unknown:
            raise ValueError(f"{sorted(unknown)[0]} is not one of the harm categories.")
        if info.data.get("is_safe") is True and names:
            raise ValueError(
                "A safe response has no harm category. Mark it harmful, or clear the categories."
            )
        if info.data.get("is_safe") is False and not names:
            raise ValueError("Choose at least one harm category, or mark the response safe.")
        return [name for name in CATEGORY_NAMES if name in names]

    @field_validator("severity")
    @classmethod
    def fit_severity(cls, severity: int, info: ValidationInfo) -> int:
        if info.data.get("is_safe") is True and severity:
            raise ValueError("A safe response has no severity. Mark it harmful, or clear the severity.")
        if info.data.get("is_safe") is False and not severity:
            raise ValueError("Choose how severe the harm is.")
        return severity


class Ranking(BaseModel):
    """`ranks[i]`: the rank of the response in place i, 1 is best; equal ranks are a tie."""

    model_config = ConfigDict(frozen=True)

    ranks: list[int]

    @field_validator("ranks")
    @classmethod
    def fill_without_gaps(cls, ranks: list[int]) -> list[int]:
        """1, 3, 3 becomes 1, 2, 2: only the order says something."""
        if any(not 1 <= rank <= len(ranks) for rank in ranks):
            raise ValueError(f"Give each response a rank from 1 to {len(ranks)}.")
        used = sorted(set(ranks))
        return [used.index(rank) + 1 for rank in ranks]


PAIR_CHOICES = {"first": [1, 2], "second": [2, 1], "tie": [1, 1]}


def ranking_posted(posted: Mapping[str, Any], n_responses: int) -> Ranking:
    """From the page: one choice for a pair, a rank for each place where there are more.

    Raises pydantic.ValidationError.
    """
    if n_responses == 2:
        ranks = PAIR_CHOICES.get(str(posted.get("preferred")), [0, 0])
    else:
        ranks = [posted.get(f"rank_{place}", 0) for place in range(n_responses)]
    return Ranking.model_validate({"ranks": ranks})
