"""What annotators and admins say about who gets which items."""

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from app.accounts.forms import Reason
from app.i18n import gettext as _
from app.projects.forms import Categories
from app.queues.forms import Id
from app.queues.models import Lane


class Topics(BaseModel):
    """`opted_out`: names of any project's taxonomy, as in `known_categories`."""

    model_config = ConfigDict(extra="ignore")

    opted_out: Categories = []


class Clearance(BaseModel):
    """`cleared`: of the harm categories that projects restrict, those that the person may be shown."""

    model_config = ConfigDict(extra="ignore")

    cleared: Categories = []
    reason: Reason


class OneMember(BaseModel):
    model_config = ConfigDict(extra="ignore")

    annotator_id: Id


class NewPriority(BaseModel):
    """`category`: the items that are expected to touch it, one of the `context` of the validation;
    `priority`: their new lane."""

    model_config = ConfigDict(extra="ignore")

    category: str
    priority: Lane

    @field_validator("category")
    @classmethod
    def be_known(cls, name: str, info: ValidationInfo) -> str:
        if info.context is None or name not in info.context:
            raise ValueError(_("Choose one of the harm categories."))
        return name
