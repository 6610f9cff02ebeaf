"""What an admin types in about an attempt."""

from pydantic import BaseModel, ConfigDict

from app.accounts.forms import Reason


class Reset(BaseModel):
    model_config = ConfigDict(extra="ignore")

    reason: Reason
