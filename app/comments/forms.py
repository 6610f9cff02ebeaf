"""What is asked about an item, or answered."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

LONGEST_COMMENT = 5_000

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_COMMENT)]


class NewComment(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    comment: Text
