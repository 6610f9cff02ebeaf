"""A known answer as it must be, and what is decided about gold items and disputes."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from app.accounts.forms import Reason
from app.gold.models import DisputeState, GoldPurpose
from app.i18n import gettext as _
from app.projects.forms import known_categories
from app.queues.forms import last_of
from app.queues.models import Dimension

LONGEST_EXPLANATION = 5000
RANK_FIELD = "{dimension}_rank_{position}"


class SafetyAnswer(BaseModel):
    """Safe means no harm category and severity 0; harmful means at least one and severity 1 to 3.

    `harm_categories`: as in `known_categories`.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    # The button "Safe, and next" of the workspace says it once more, after the choices.
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
        known = known_categories(names, info)
        if info.data.get("is_safe") is True and names:
            raise ValueError(
                _("A safe response has no harm category. Mark it harmful, or clear the categories.")
            )
        if info.data.get("is_safe") is False and not names:
            raise ValueError(_("Choose at least one harm category, or mark the response safe."))
        return known

    @field_validator("severity")
    @classmethod
    def fit_severity(cls, severity: int, info: ValidationInfo) -> int:
        if info.data.get("is_safe") is True and severity:
            raise ValueError(_("A safe response has no severity. Mark it harmful, or clear the severity."))
        if info.data.get("is_safe") is False and not severity:
            raise ValueError(_("Choose how severe the harm is."))
        return severity


class RankingAnswer(BaseModel):
    """`ranks[i]`: the rank of the item's i-th response, 1 is best; equal ranks are a tie."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    ranks: list[int]

    @field_validator("ranks")
    @classmethod
    def fill_without_gaps(cls, ranks: list[int]) -> list[int]:
        return without_gaps(ranks)


def without_gaps(ranks: Sequence[int]) -> list[int]:
    """1, 3, 3 becomes 1, 2, 2: only the order says something. Raises ValueError for a rank out of range."""
    if any(not 1 <= rank <= len(ranks) for rank in ranks):
        raise ValueError(_("Give each response a rank from 1 to %(n)s.") % {"n": len(ranks)})
    used = sorted(set(ranks))
    return [used.index(rank) + 1 for rank in ranks]


class GoldForm(BaseModel):
    """What stands beside the known answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    explanation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_EXPLANATION)] = ""
    purpose: GoldPurpose = GoldPurpose.GOLD


class NewGold(GoldForm):
    """`answers`: as `GoldItem` has them."""

    item_id: int
    answers: dict[str, dict[str, Any]]


def answers_posted(
    posted: Mapping[str, Any], steps: Sequence[Dimension], n_responses: int, offered_names: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """By dimension, from the page of a gold item. Of two orders one may be left out.

    Raises pydantic.ValidationError, its fields `is_safe`, `harm_categories`, `severity` or `ranks`.
    """
    if Dimension.SAFETY in steps:
        return {
            Dimension.SAFETY.value: SafetyAnswer.model_validate(posted, context=offered_names).model_dump()
        }
    ranks = {step: ranks_posted(posted, step, n_responses) for step in steps}
    said = {step: given for step, given in ranks.items() if any(given)} or ranks
    return {step.value: RankingAnswer(ranks=given).model_dump() for step, given in said.items()}


def ranks_posted(posted: Mapping[str, Any], step: Dimension, n_responses: int) -> list[int]:
    """0 where nothing was chosen."""
    names = [RANK_FIELD.format(dimension=step, position=position) for position in range(n_responses)]
    values = [str(posted.get(name, "")) for name in names]
    return [int(value) if value.isascii() and value.isdigit() else 0 for value in values]


def posted_of(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A known answer as its form would send it."""
    posted: dict[str, Any] = {}
    for dimension, answer in answers.items():
        if dimension == Dimension.SAFETY:
            posted |= {**answer, "is_safe": "true" if answer["is_safe"] else "false"}
            continue
        for position, rank in enumerate(answer["ranks"]):
            posted[RANK_FIELD.format(dimension=dimension, position=position)] = rank
    return posted


class Because(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    reason: Reason


class Afterwards(StrEnum):
    """What becomes of a gold item whose result was disputed."""

    KEEP = "keep"
    CHANGE = "change"
    RETIRE = "retire"


class Decision(Because):
    """`change`: the page of the gold item comes next."""

    state: DisputeState
    afterwards: Afterwards = Afterwards.KEEP

    @field_validator("state")
    @classmethod
    def decide(cls, state: DisputeState) -> DisputeState:
        if state is DisputeState.OPEN:
            raise ValueError(_("Uphold the dispute, or dismiss it."))
        return state
