"""What annotators and admins say about who gets which items."""

from pydantic import BaseModel, ConfigDict, field_validator

from app.accounts.forms import Reason
from app.i18n import gettext as _
from app.projects.forms import Categories
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.forms import Id
from app.queues.models import Lane


class Topics(BaseModel):
    """`opted_out`: names of the taxonomy; kept in its order, each once."""

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
