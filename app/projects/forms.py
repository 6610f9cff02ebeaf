"""What an admin types in to start a campaign."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from app.i18n import gettext as _
from app.projects.models import ConsensusRule, Project, TextFormat
from app.projects.pku import PKU
from app.projects.shipped import SHIPPED


def with_plain_newlines(value: object) -> object:
    """Browsers send others, and a text must not look changed for it."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def as_list(value: object) -> object:
    """A form with one box ticked sends one value."""
    return value if isinstance(value, list) else [value]


def known_categories(names: list[str], info: ValidationInfo) -> list[str]:
    """Each once, in the order of the names on offer: the `context` of the validation. Without one, as where
    our own code makes an answer, they are taken as they are."""
    if info.context is None:
        return names
    unknown = set(names) - set(info.context)
    if unknown:
        raise ValueError(_("%(name)s is not one of the harm categories.") % {"name": sorted(unknown)[0]})
    return [name for name in info.context if name in names]


Categories = Annotated[list[str], BeforeValidator(as_list), AfterValidator(known_categories)]
ProjectName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewProject(BaseModel):
    """`taxonomy`: the version of one that ships."""

    model_config = ConfigDict(extra="ignore")

    name: ProjectName
    taxonomy: str = PKU.version

    @field_validator("taxonomy")
    @classmethod
    def be_shipped(cls, version: str) -> str:
        if version not in SHIPPED:
            raise ValueError(_("Choose one of the taxonomies."))
        return version


class ProjectSettings(BaseModel):
    """What can be changed while people work. `content_warning`: Markdown; `break_minutes`: 0 to 480, 0 is
    never; `restricted`: harm categories that only those are shown who are cleared for them; `quorum`: the
    fewest answers that make a label, 1 to 50."""

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
    consensus_rule: ConsensusRule = ConsensusRule.MAJORITY
    quorum: int = Field(default=1, ge=1, le=50)
    restricted: Categories = []

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
