"""What an admin types in about rules, alerts and pauses."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.accounts.forms import Reason
from app.quality.models import Bound, RuleAction
from app.quality.outcomes import Collector
from app.queues.forms import Box, Empty, Id


class NewRule(BaseModel):
    """`window`: newest outcomes that count, None for all; `threshold`: a share, 0 to 1."""

    model_config = ConfigDict(extra="ignore")

    collector: Collector
    window: Annotated[Annotated[int, Field(ge=1, le=100_000)] | None, Empty] = None
    min_n: int = Field(default=10, ge=0, le=100_000)
    bound: Bound = Bound.UPPER
    is_below: bool = True
    threshold: float = Field(ge=0, le=1)
    action: RuleAction = RuleAction.NOTIFY


class Switch(BaseModel):
    model_config = ConfigDict(extra="ignore")

    is_on: Box = False


class Resolution(BaseModel):
    """`resumes`: the annotator goes on."""

    model_config = ConfigDict(extra="ignore")

    reason: Reason
    resumes: Box = False


class Pausing(BaseModel):
    model_config = ConfigDict(extra="ignore")

    annotator_id: Id
    reason: Reason
