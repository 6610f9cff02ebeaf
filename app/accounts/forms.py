"""What is typed in about people: accounts, sign-ins, qualifications."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from app.accounts.models import Role
from app.db import now
from app.i18n import gettext as _


def usable_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@+-]{1,63}", name):
        raise ValueError(_("Use letters, digits and . _ @ + - only, 2 to 64 of them."))
    return name


Username = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True), AfterValidator(usable_name)
]


Password = Annotated[str, Field(min_length=10, max_length=1000)]


class Credentials(BaseModel):
    model_config = ConfigDict(extra="ignore")

    username: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=64)]
    password: str = Field(max_length=1000)


class NewUser(BaseModel):
    """`username`: 2 to 64 letters, digits or . _ @ + -; `password`: 10 characters or more."""

    model_config = ConfigDict(extra="ignore")

    username: Username
    password: Password
    role: Role


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


def none_if_empty(value: object) -> object:
    """An empty field of a form says that there is no such limit."""
    return None if isinstance(value, str) and not value.strip() else value


class Grant(BaseModel):
    """`last_day`: the qualification holds until the end of this day (UTC); None: for good."""

    model_config = ConfigDict(extra="ignore")

    name: Name
    reason: Reason
    last_day: Annotated[date | None, BeforeValidator(none_if_empty)] = None

    @field_validator("last_day")
    @classmethod
    def lie_ahead(cls, last_day: date | None) -> date | None:
        if last_day is not None and last_day < now().date():
            raise ValueError(_("Choose a day that is still to come, or none."))
        return last_day

    @property
    def expires_at(self) -> datetime | None:
        return datetime.combine(self.last_day, time.max, UTC) if self.last_day else None


class Revocation(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: Name
    reason: Reason


class NewRole(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: Role
    reason: Reason


class Activation(BaseModel):
    model_config = ConfigDict(extra="ignore")

    is_active: bool
    reason: Reason
