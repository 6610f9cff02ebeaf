"""What an admin types in about a whole queue."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

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


class Because(BaseModel):
    model_config = ConfigDict(extra="ignore")

    reason: Reason


def reason_posted(posted: Mapping[str, Any]) -> str | None:
    """None where there is none, or an empty one."""
    try:
        return Because.model_validate(posted).reason
    except ValidationError:
        return None


def as_fields(form: BaseModel) -> list[tuple[str, str]]:
    """What a browser would send of it: a list as several fields of one name."""
    fields = []
    for name, value in form.model_dump(mode="json").items():
        for each in value if isinstance(value, list) else [value]:
            words = str(each).lower() if isinstance(each, bool) else str(each)
            fields.append((name, "" if each is None else words))
    return fields
