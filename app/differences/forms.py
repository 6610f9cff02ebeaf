"""What is asked of a comparison."""

from pydantic import BaseModel, ConfigDict

from app.queues.forms import Id


class Other(BaseModel):
    """The release to compare with."""

    model_config = ConfigDict(extra="ignore")

    other_id: Id
