"""What an admin types in to make a queue."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from app.db import LARGEST_ID
from app.queues.models import QueueKind


class NewQueue(BaseModel):
    """`overlap`: annotations an item must get, 1 to 50; `lease_minutes`: 1 to 1440."""

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    kind: QueueKind
    overlap: int = Field(default=3, ge=1, le=50)
    lease_minutes: int = Field(default=30, ge=1, le=1440)


class Members(BaseModel):
    model_config = ConfigDict(extra="ignore")

    annotator_ids: list[Annotated[int, Field(ge=1, le=LARGEST_ID)]] = []

    @field_validator("annotator_ids", mode="before")
    @classmethod
    def make_a_list(cls, ids: object) -> object:
        """A form with one box ticked sends one value."""
        return ids if isinstance(ids, list) else [ids]
