"""What someone types in to flag a label."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Flag(BaseModel):
    model_config = ConfigDict(extra="ignore")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
