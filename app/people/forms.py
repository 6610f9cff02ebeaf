"""Which days, and in which order, an admin asks for."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, model_validator

from app.accounts.forms import Reason
from app.db import now
from app.i18n import gettext as _
from app.queues.forms import Empty, Id

USUAL_DAYS = 30
MOST_DAYS = 366


def today() -> date:
    return now().date()


class Days(BaseModel):
    """From the first to the last day (UTC), both included; where none is said, the last thirty."""

    model_config = ConfigDict(extra="ignore")

    since: Annotated[date | None, Empty] = None
    until: Annotated[date | None, Empty] = None

    @model_validator(mode="after")
    def be_a_time(self) -> Self:
        if self.last < self.first:
            raise ValueError(_("The first day must not come after the last."))
        if (self.last - self.first).days >= MOST_DAYS:
            raise ValueError(_("Choose a year at most."))
        return self

    @property
    def first(self) -> date:
        return self.since or self.last - timedelta(days=USUAL_DAYS - 1)

    @property
    def last(self) -> date:
        return self.until or today()

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.first, time.min, UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment that is not in it."""
        return datetime.combine(self.last, time.min, UTC) + timedelta(days=1)

    @property
    def query(self) -> str:
        """Of an address that asks for these days."""
        return f"since={self.first}&until={self.last}"


class Order(StrEnum):
    """The columns by which people are sorted: names from A, all else with the most first."""

    NAME = "username"
    ITEMS = "n_items"
    HOURS = "active_ms"
    SPEED = "seconds"
    DOSE = "dose"
    ALERTS = "n_alerts"
    SEEN = "seen_at"


class DaysInOrder(Days):
    sort: Order = Order.NAME


class Sheet(Days):
    """What a file of work has a line for: each day of each person, or each person."""

    by_person: bool = False


class PauseChange(BaseModel):
    model_config = ConfigDict(extra="ignore")

    queue_id: Id
    resumes: bool = False
    reason: Reason
