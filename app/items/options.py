"""What is asked for with a file."""

from pydantic import BaseModel, ConfigDict, Field

LEAST_SIMILARITY = 0.5


class ImportOptions(BaseModel):
    """`leave_out_similar`: responses as alike as this to an earlier one to the same prompt are left out."""

    model_config = ConfigDict(extra="ignore")

    leave_out_similar: float | None = Field(None, ge=LEAST_SIMILARITY, le=1)
