"""What an admin types in about a whole queue."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from app.accounts.forms import Reason


class Way(StrEnum):
    """How a queue ends."""

    DRAIN_TO_PAUSE = "drain_to_pause"
    DRAIN_TO_CLOSE = "drain_to_close"
    CLOSE = "close"


class Ending(BaseModel):
    model_config = ConfigDict(extra="ignore")

    way: Way
    reason: Reason


class Reopening(BaseModel):
    model_config = ConfigDict(extra="ignore")

    reason: Reason
