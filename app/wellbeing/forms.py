"""What annotators say about what they see."""

from pydantic import BaseModel, ConfigDict, Field

from app.queues.forms import Id
from app.wellbeing.models import PROMPT


class Agreement(BaseModel):
    """`queue_id`: where it leads to; `warning_version`: of the text that was shown."""

    model_config = ConfigDict(extra="ignore")

    queue_id: Id
    warning_version: str


class Uncovering(BaseModel):
    """`position` of a response in the item, or PROMPT."""

    model_config = ConfigDict(extra="ignore")

    position: int = Field(ge=PROMPT, le=1000)
