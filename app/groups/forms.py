"""What a group is called, and who is in it."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.accounts.forms import Name
from app.db import LARGEST_ID
from app.projects.forms import as_list

UserId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class NewGroup(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: Name


class ChangedGroup(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: Name
    user_ids: Annotated[list[UserId], BeforeValidator(as_list)] = []
