"""Which jobs an admin looks for."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from app.db import LARGEST_ID
from app.queues.forms import Empty
from app.runs.run import Place, RunKind, RunState

OtherId = Annotated[int, Field(ge=0, le=LARGEST_ID)]
PLACE: TypeAdapter[tuple[AwareDatetime, RunKind, OtherId, OtherId]] = TypeAdapter(
    tuple[AwareDatetime, RunKind, OtherId, OtherId]
)


def place_said(value: object) -> object:
    """As `place_of` says it. Raises ValueError."""
    if not isinstance(value, str):
        return value
    return Place(*PLACE.validate_python(tuple(value.split())))


def place_of(place: Place) -> str:
    return f"{place.asked_at.isoformat()} {place.kind} {place.id} {place.target_id}"


class Search(BaseModel):
    """What is left empty is not asked for. `before`: the last job of the page before."""

    model_config = ConfigDict(extra="ignore")

    kind: Annotated[RunKind | None, Empty] = None
    state: Annotated[RunState | None, Empty] = None
    before: Annotated[Place | None, BeforeValidator(place_said), Empty] = None
