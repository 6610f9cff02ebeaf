"""Whom a link is for, and what they type in who follow it."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.accounts.forms import Password, Username
from app.accounts.models import Role
from app.projects.forms import as_list
from app.queues.forms import Id

LONGEST_DAYS = 60
MOST_USES = 500


class NewInvitation(BaseModel):
    """`group_ids`, `queue_ids`: of what the newcomers are members at once; an admin of no queue. `note`: for
    the admins."""

    model_config = ConfigDict(extra="ignore")

    role: Role = Role.ANNOTATOR
    group_ids: Annotated[list[Id], BeforeValidator(as_list)] = []
    queue_ids: Annotated[list[Id], BeforeValidator(as_list)] = []
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    valid_days: int = Field(default=7, ge=1, le=LONGEST_DAYS)
    max_uses: int = Field(default=1, ge=1, le=MOST_USES)


class Newcomer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    username: Username
    password: Password


class NewPassword(BaseModel):
    model_config = ConfigDict(extra="ignore")

    password: Password
