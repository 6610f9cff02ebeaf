"""What annotators and admins say about who gets which items."""

from pydantic import BaseModel, ConfigDict

from app.accounts.forms import Reason
from app.projects.forms import Categories
from app.queues.forms import Id


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
