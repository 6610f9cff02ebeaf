"""What is typed in to make a batch and to judge its answers."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.inspections.plan import LEAST_SHARE
from app.queues.forms import Empty, Id
from app.voids.forms import Period


class BatchPlan(Period):
    """Of which answers, how many are inspected, and how many must be right.

    `annotator_id`: whose; None: everybody's. `sample_share`: 0.1 to 1 of the answers; `min_right`: 0.5 to 1
    of the sampled ones. A batch with `share_wrong` wrong answers is to pass with a chance of `risk` at the
    most: what the plan is measured by, and no part of the batch.
    """

    annotator_id: Annotated[Id | None, Empty] = None
    sample_share: float = Field(ge=LEAST_SHARE, le=1)
    min_right: float = Field(ge=0.5, le=1)
    share_wrong: float = Field(gt=0, lt=1)
    risk: float = Field(gt=0, lt=1)


class InspectorVerdict(BaseModel):
    model_config = ConfigDict(extra="ignore")

    is_right: bool
    comment: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] | None, Empty
    ] = None
