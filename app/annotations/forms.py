"""An answer as it must be, whoever gives it."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from app.annotations.models import Verdict
from app.gold.forms import SafetyAnswer, without_gaps
from app.i18n import gettext as _
from app.queues.forms import Empty

LONGEST_RATIONALE = 5000
MOST_SPANS = 50
DAY_MS = 24 * 60 * 60 * 1000


class Span(BaseModel):
    """Characters `start` to `end` (excluded), in code points, of the response in this place of the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    place: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int

    @model_validator(mode="after")
    def hold_something(self) -> Self:
        if self.end <= self.start:
            raise ValueError(_("A marked passage must hold at least one character."))
        return self


def spans_posted(value: object) -> object:
    """A form sends them as one JSON text."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value or "[]")
    except orjson.JSONDecodeError as broken:
        raise ValueError(_("The marked passages can't be read. Mark them again.")) from broken


class Grounds(BaseModel):
    """What stands behind a judgement, all of it optional. `confidence`: 0 guessed to 3 certain; `evidence`:
    passages of the responses; `active_ms`: the time of work on the page."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    confidence: Annotated[Annotated[int, Field(ge=0, le=3)] | None, Empty] = None
    rationale: Annotated[Annotated[str, StringConstraints(max_length=LONGEST_RATIONALE)] | None, Empty] = None
    evidence: Annotated[list[Span], Field(max_length=MOST_SPANS), BeforeValidator(spans_posted)] = []
    active_ms: Annotated[Annotated[int, Field(ge=0, le=DAY_MS)] | None, Empty] = None


class SafetyLabel(Grounds, SafetyAnswer):
    """What a known answer says, and its grounds."""


class Ranking(Grounds):
    """`ranks[i]`: the rank of the response in place i, 1 is best; equal ranks are a tie. All 1 where the
    verdict is no order. `strength`: how clear the difference is, 1 slight to 3 strong; None of a tie."""

    verdict: Verdict = Verdict.ORDERED
    ranks: list[int]
    strength: Annotated[Annotated[int, Field(ge=1, le=3)] | None, Empty, Field(validate_default=True)] = None

    @field_validator("ranks")
    @classmethod
    def fill_without_gaps(cls, ranks: list[int], info: ValidationInfo) -> list[int]:
        if info.data.get("verdict") is not Verdict.ORDERED:
            return [1] * len(ranks)
        return without_gaps(ranks)

    @field_validator("strength")
    @classmethod
    def fit_the_order(cls, strength: int | None, info: ValidationInfo) -> int | None:
        """Where nothing is better than anything, there is no strength; what was chosen before is let go."""
        return strength if max(info.data.get("ranks", [1])) > 1 else None


PAIR_CHOICES = {"first": [1, 2], "second": [2, 1], "tie": [1, 1]}
NOT_ORDERED = (Verdict.ALL_BAD.value, Verdict.CANNOT_JUDGE.value)


def ranking_posted(posted: Mapping[str, Any], n_responses: int) -> Ranking:
    """From the page: one choice for a pair, a rank for each place where there are more.

    Raises pydantic.ValidationError.
    """
    said = posted.get("preferred" if n_responses == 2 else "verdict")
    if said in NOT_ORDERED:
        verdict, ranks = str(said), [1] * n_responses
    elif n_responses == 2:
        verdict, ranks = Verdict.ORDERED.value, PAIR_CHOICES.get(str(said), [0, 0])
    else:
        verdict = Verdict.ORDERED.value
        ranks = [posted.get(f"rank_{place}") or 0 for place in range(n_responses)]
    return Ranking.model_validate({**posted, "verdict": verdict, "ranks": ranks})
