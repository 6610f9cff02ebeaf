"""What annotators and admins say about who gets which items."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

from app.i18n import gettext as _
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.forms import Id, as_list
from app.queues.models import Lane


class Topics(BaseModel):
    """`opted_out`: names of the taxonomy; kept in its order, each once."""

    model_config = ConfigDict(extra="ignore")

    opted_out: Annotated[list[str], BeforeValidator(as_list)] = []

    @field_validator("opted_out")
    @classmethod
    def be_known(cls, names: list[str]) -> list[str]:
        unknown = set(names) - set(CATEGORY_NAMES)
        if unknown:
            raise ValueError(_("%(name)s is not one of the harm categories.") % {"name": sorted(unknown)[0]})
        return [name for name in CATEGORY_NAMES if name in names]


class OneMember(BaseModel):
    model_config = ConfigDict(extra="ignore")

    annotator_id: Id


class NewPriority(BaseModel):
    """`category`: the items that are expected to touch it; `priority`: their new lane."""

    model_config = ConfigDict(extra="ignore")

    category: str
    priority: Lane

    @field_validator("category")
    @classmethod
    def be_known(cls, name: str) -> str:
        if name not in CATEGORY_NAMES:
            raise ValueError(_("Choose one of the harm categories."))
        return name
