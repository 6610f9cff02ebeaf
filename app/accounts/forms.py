"""What a person types in to get an account or to sign in."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.accounts.models import Role


def usable_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@+-]{1,63}", name):
        raise ValueError("Use letters, digits and . _ @ + - only, 2 to 64 of them.")
    return name


Username = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True), AfterValidator(usable_name)
]


class Credentials(BaseModel):
    model_config = ConfigDict(extra="ignore")

    username: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=64)]
    password: str = Field(max_length=1000)


class NewUser(BaseModel):
    """`username`: 2 to 64 letters, digits or . _ @ + -; `password`: 10 characters or more."""

    model_config = ConfigDict(extra="ignore")

    username: Username
    password: str = Field(min_length=10, max_length=1000)
    role: Role
