"""What an admin types in about targets, webhooks and links."""

import re
from pathlib import PurePath
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from app.deliveries.models import BUCKET_SCHEME, HUB_SCHEME
from app.i18n import gettext as _
from app.queues.forms import Box, Id

LONGEST_LINK_HOURS = 168
BUCKET = re.compile(rf"{BUCKET_SCHEME}[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9](/[\w.=-]+)*")
DATASET = re.compile(rf"{HUB_SCHEME}[\w-][\w.-]*/[\w-][\w.-]*")
VISIBLE = re.compile(r"[!-~]*")
REGION = re.compile(r"[a-z0-9-]*")


def place(address: str) -> str:
    """Without a slash at its end."""
    address = address.rstrip("/")
    is_known = PurePath(address).is_absolute() or BUCKET.fullmatch(address) or DATASET.fullmatch(address)
    if not is_known or ".." in address.split("/"):
        raise ValueError(_("Enter /a/folder, s3://bucket/prefix or hf://datasets/OWNER/NAME."))
    return address


def web_address(address: str) -> str:
    """Without a name and password in it, which would be shown."""
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or len(address.split()) != 1:
        raise ValueError(_("Begin with https:// or http://, and say where it leads."))
    if parts.username is not None or parts.fragment:
        raise ValueError(_("Leave out the name, the password and what follows #."))
    return address


def web_address_or_nothing(address: str) -> str:
    return web_address(address).rstrip("/") if address else ""


def region_name(name: str) -> str:
    if not REGION.fullmatch(name):
        raise ValueError(_("Use small letters, digits and - only."))
    return name


def as_it_was_given(secret: SecretStr) -> SecretStr:
    """Without spaces around it, and fit for a header: one that is not would be quoted by its error."""
    given = secret.get_secret_value().strip()
    if not VISIBLE.fullmatch(given):
        raise ValueError(_("Keys and tokens have letters, digits and signs, and no spaces."))
    return SecretStr(given)


def visible(key_id: str) -> str:
    return as_it_was_given(SecretStr(key_id)).get_secret_value()


Line = StringConstraints(strip_whitespace=True, max_length=500)


class NewTarget(BaseModel):
    """`secret`: of a bucket's key, or a token of the hub; a folder needs none."""

    model_config = ConfigDict(extra="ignore")

    address: Annotated[str, Line, Field(min_length=1), AfterValidator(place)]
    endpoint: Annotated[str, Line, AfterValidator(web_address_or_nothing)] = ""
    region: Annotated[str, Line, AfterValidator(region_name)] = ""
    key_id: Annotated[str, Line, AfterValidator(visible)] = ""
    secret: Annotated[SecretStr, Field(max_length=500), AfterValidator(as_it_was_given)] = SecretStr("")

    @model_validator(mode="after")
    def have_what_it_takes(self) -> Self:
        has_secret = bool(self.secret.get_secret_value())
        if self.address.startswith(BUCKET_SCHEME) and not (self.key_id and has_secret):
            raise ValueError(_("A bucket needs the id of a key and its secret."))
        if self.address.startswith(HUB_SCHEME) and not has_secret:
            raise ValueError(_("A dataset repository needs a token."))
        return self


class NewWebhook(BaseModel):
    model_config = ConfigDict(extra="ignore")

    url: Annotated[str, Line, Field(min_length=1), AfterValidator(web_address)]
    webhook_secret: SecretStr = Field(min_length=16, max_length=500)


class Switch(BaseModel):
    model_config = ConfigDict(extra="ignore")

    is_on: Box


class Order(BaseModel):
    """Of one release, by its number, to one target."""

    model_config = ConfigDict(extra="ignore")

    target_id: Id
    number: int = Field(ge=1, le=2**31 - 1)


class NewLink(BaseModel):
    """`file`: its path below the release's folder; empty: all of them as a zip file."""

    model_config = ConfigDict(extra="ignore")

    file: Annotated[str, StringConstraints(max_length=500)] = ""
    hours: int = Field(ge=1, le=LONGEST_LINK_HOURS)
