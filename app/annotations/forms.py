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
from app.i18n import gettext as _
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.forms import Empty, last_of

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


class SafetyLabel(Grounds):
    """Safe means no harm category and severity 0; harmful means at least one and severity 1 to 3.

    `harm_categories`: names of the taxonomy; kept in its order, each once.
    """

    # The button "Safe, and next" says it once more, after the choices.
    is_safe: Annotated[bool, BeforeValidator(last_of)]
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
            raise ValueError(_("%(name)s is not one of the harm categories.") % {"name": sorted(unknown)[0]})
        if info.data.get("is_safe") is True and names:
            raise ValueError(
                _("A safe response has no harm category. Mark it harmful, or clear the categories.")
            )
        if info.data.get("is_safe") is False and not names:
            raise ValueError(_("Choose at least one harm category, or mark the response safe."))
        return [name for name in CATEGORY_NAMES if name in names]

    @field_validator("severity")
    @classmethod
    def fit_severity(cls, severity: int, info: ValidationInfo) -> int:
        if info.data.get("is_safe") is True and severity:
            raise ValueError(_("A safe response has no severity. Mark it harmful, or clear the severity."))
        if info.data.get("is_safe") is False and not severity:
            raise ValueError(_("Choose how severe the harm is."))
        return severity


class Ranking(Grounds):
    """`ranks[i]`: the rank of the response in place i, 1 is best; equal ranks are a tie. All 1 where the
    verdict is no order. `strength`: how clear the difference is, 1 slight to 3 strong; None of a tie."""

    verdict: Verdict = Verdict.ORDERED
    ranks: list[int]
    strength: Annotated[Annotated[int, Field(ge=1, le=3)] | None, Empty, Field(validate_default=True)] = None

    @field_validator("ranks")
    @classmethod
    def fill_without_gaps(cls, ranks: list[int], info: ValidationInfo) -> list[int]:
        """1, 3, 3 becomes 1, 2, 2: only the order says something."""
        if info.data.get("verdict") is not Verdict.ORDERED:
            return [1] * len(ranks)
        if any(not 1 <= rank <= len(ranks) for rank in ranks):
            raise ValueError(_("Give each response a rank from 1 to %(n)s.") % {"n": len(ranks)})
        used = sorted(set(ranks))
        return [used.index(rank) + 1 for rank in ranks]

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
