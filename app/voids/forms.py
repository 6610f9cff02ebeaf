"""What an admin types in to void answers."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from app.accounts.forms import Reason
from app.i18n import gettext as _
from app.queues.forms import Box, Empty, Id


def as_utc(moment: datetime) -> datetime:
    """What a browser's field sends has no zone; on the page it says UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[Annotated[datetime, AfterValidator(as_utc)] | None, Empty]


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
