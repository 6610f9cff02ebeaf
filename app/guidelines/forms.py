"""What an admin writes for annotators to go by, and which version an annotator has read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LONGEST_TEXT = 100_000
LONGEST_CHANGES = 10_000
LAST_VERSION = 2**31 - 1

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
Changes = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_CHANGES)]


class NewGuideline(BaseModel):
    """`based_on`: the newest version when the form was opened, 0 where there was none."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: Text
    changes: Changes = ""
    based_on: int = Field(ge=0, lt=LAST_VERSION)


class Reading(BaseModel):
    """`queue_id`: where they were at work."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: int = Field(ge=1, le=LAST_VERSION)
    queue_id: int | None = None
