"""What an admin types in to void answers."""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from app.accounts.forms import Reason
from app.i18n import gettext as _
from app.queues.forms import Box, Id, Moment


class Period(BaseModel):
    """Of the time an answer was submitted: from `since` on, and before `until` (UTC); None: no bound."""

    model_config = ConfigDict(extra="ignore")

    since: Moment = None
    until: Moment = None

    @model_validator(mode="after")
    def have_a_length(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError(_("The period ends before it begins."))
        return self


class Voiding(Period):
    """`is_everywhere`: in every queue of the project."""

    annotator_id: Id
    reason: Reason
    is_everywhere: Box = False


class PreviewedVoiding(Voiding):
    """`n_answers`: how many the preview named."""

    n_answers: int
