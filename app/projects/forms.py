"""What an admin types in to start a campaign."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from app.i18n import gettext as _
from app.projects.models import Project, TextFormat


def with_plain_newlines(value: object) -> object:
    """Browsers send others, and a text must not look changed for it."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


ProjectName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewProject(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: ProjectName


class ProjectSettings(BaseModel):
    """What can be changed while people work. `content_warning`: Markdown; `break_minutes`: 0 to 480, 0 is
    never."""

    model_config = ConfigDict(extra="ignore")

    content_warning: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=10_000),
        BeforeValidator(with_plain_newlines),
    ] = ""
    support_text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    support_url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    break_minutes: int = Field(default=50, ge=0, le=480)
    text_format: TextFormat = TextFormat.PLAIN

    @field_validator("support_url")
    @classmethod
    def lead_somewhere(cls, address: str) -> str:
        if address and not is_address(address):
            raise ValueError(_("Begin with https://, http://, mailto: or tel:, and say where it leads."))
        return address


def is_address(address: str) -> bool:
    """Of a page, a mailbox or a telephone."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    where = {"https": parts.netloc, "http": parts.netloc, "mailto": parts.path, "tel": parts.path}
    return bool(where.get(parts.scheme)) and len(address.split()) == 1


def project_settings_of(project: Project) -> dict[str, object]:
    """As the form shows them."""
    return {name: getattr(project, name) for name in ProjectSettings.model_fields}
