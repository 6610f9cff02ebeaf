"""What an admin types in to make a queue, and to change it later."""

from datetime import UTC, datetime, time
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from app.accounts.forms import Name, none_if_empty
from app.db import LARGEST_ID
from app.i18n import gettext as _
from app.projects.forms import as_list
from app.queues.hours import EVERY_DAY, time_zones
from app.queues.models import Lane, Queue, QueueKind, QueueOrder, QueuePurpose

LARGEST_CAP = 2**31 - 1
LAST_YEAR = 2999


def last_of(value: object) -> object:
    """A box on a form sends "false" before it, and "true" as well where it is ticked."""
    return value[-1] if isinstance(value, list) and value else value


Empty = BeforeValidator(none_if_empty)
Cap = Annotated[Annotated[int, Field(ge=1, le=LARGEST_CAP)] | None, Empty]
CapOrNothing = Annotated[Annotated[int, Field(ge=0, le=LARGEST_CAP)] | None, Empty]
Box = Annotated[bool, BeforeValidator(last_of)]
# As in app.adjudication.models.CaseReason, which stands above.
AutomaticReason = Literal["no_majority", "uncertain", "contradiction", "flag", "severe", "suspended_gold"]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]


def as_utc(moment: datetime) -> datetime:
    """What a browser's field sends has no zone; on the page it says UTC."""
    if moment.year > LAST_YEAR:
        raise ValueError(_("Choose a year before 3000."))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def as_field(moment: datetime | None) -> str | None:
    """As a browser's field shows it; the seconds are left out."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def as_hour(hour: time | None) -> str | None:
    """The same."""
    return None if hour is None else hour.strftime("%H:%M")


def by_the_minute(hour: time) -> time:
    """Of whichever zone the form names."""
    return hour.replace(second=0, microsecond=0, tzinfo=None)


def ticked(value: object) -> object:
    """A set of boxes sends one empty value besides, so that none can be ticked."""
    sent = as_list(value)
    return [each for each in sent if each != ""] if isinstance(sent, list) else sent


def any_days(days: list[int]) -> list[int]:
    """Each once, in order."""
    if not days:
        raise ValueError(_("Choose at least one day."))
    return sorted(set(days))


def known_zone(name: str) -> str:
    if name not in time_zones():
        raise ValueError(_("There is no time zone of this name. Choose one, such as Europe/Berlin."))
    return name


Hour = Annotated[Annotated[time, AfterValidator(by_the_minute)] | None, Empty]
Weekday = Annotated[int, Field(ge=1, le=7)]
Moment = Annotated[Annotated[datetime, AfterValidator(as_utc)] | None, Empty]


class QueueTimes(BaseModel):
    """When items are handed out: from `opens_at` on and before `closes_at` (UTC; None for no bound), in the
    hours of `app.queues.hours.Times`."""

    model_config = ConfigDict(extra="ignore")

    opens_at: Moment = None
    closes_at: Moment = None
    weekdays: Annotated[list[Weekday], BeforeValidator(ticked), AfterValidator(any_days)] = list(EVERY_DAY)
    hours_from: Hour = None
    hours_until: Annotated[Hour, Field(validate_default=True)] = None
    time_zone: Annotated[str, AfterValidator(known_zone)] = "UTC"

    @field_validator("closes_at")
    @classmethod
    def end_after_the_start(cls, closes_at: datetime | None, info: ValidationInfo) -> datetime | None:
        opens_at = info.data.get("opens_at")
        if closes_at is not None and opens_at is not None and closes_at <= opens_at:
            raise ValueError(_("The queue ends before it starts."))
        return closes_at

    @field_validator("hours_until")
    @classmethod
    def end_other_than_they_begin(cls, hours_until: time | None, info: ValidationInfo) -> time | None:
        if "hours_from" not in info.data:
            return hours_until
        hours_from = info.data["hours_from"]
        if (hours_from is None) != (hours_until is None):
            raise ValueError(_("Say from when and until when, or leave both empty for the whole day."))
        if hours_from is not None and hours_from == hours_until:
            raise ValueError(_("The hours end as they begin: leave both empty for the whole day."))
        return hours_until


class QueueSettings(QueueTimes):
    """What can be changed while people work.

    `overlap`: annotations an item must get, 1 to 50; up to `max_overlap` while the posterior of its label is
    below `threshold` (0.5 to 1). `lease_minutes`: 1 to 1440. `blur_from`: the severity, 1 to 3, from which on
    texts are covered; `edit_minutes`: 0 to 10,080. The caps are of one annotator; None for none. A gold item
    is asked at every `gold_every`-th turn, or at any with a chance of `gold_rate`; None for never. The last
    six are a training's or an exam's (`exam_mistake`); `pass_mark`: 0 to 1.
    """

    name: Name
    overlap: int = Field(default=3, ge=1, le=50)
    max_overlap: Annotated[Annotated[int, Field(ge=1, le=50)] | None, Empty] = None
    threshold: Annotated[Annotated[float, Field(gt=0.5, lt=1)] | None, Empty] = None
    uncertain_first: Box = False
    returned_first: Box = True
    lease_minutes: int = Field(default=30, ge=1, le=1440)
    max_total: Cap = None
    max_a_day: Cap = None
    max_severe_a_day: CapOrNothing = None
    max_severe_in_row: Cap = None
    blur_from: Annotated[Annotated[int, Field(ge=1, le=3)] | None, Empty] = 3
    edit_minutes: int = Field(default=60, ge=0, le=10080)
    max_at_once: int = Field(default=3, ge=1, le=100)
    max_skips_in_row: int = Field(default=10, ge=1, le=1000)
    qualification: Annotated[Name | None, Empty] = None
    gold_every: Annotated[Annotated[int, Field(ge=2, le=1000)] | None, Empty] = None
    gold_rate: Annotated[Annotated[float, Field(gt=0, le=0.5)] | None, Empty] = None
    adjudicates: Annotated[list[AutomaticReason], BeforeValidator(ticked)] = []
    adjudicates_below: Annotated[Annotated[float, Field(gt=0, le=1)] | None, Empty] = None
    is_blind: Box = True
    grants: Annotated[Name | None, Empty] = None
    pass_mark: Annotated[Annotated[float, Field(gt=0, le=1)] | None, Empty] = None
    n_exam_items: Annotated[Annotated[int, Field(ge=1, le=1000)] | None, Empty] = None
    max_attempts: Annotated[Annotated[int, Field(ge=1, le=100)] | None, Empty] = None
    cooldown_hours: int = Field(default=0, ge=0, le=8760)
    valid_days: Annotated[Annotated[int, Field(ge=1, le=3650)] | None, Empty] = None

    @field_validator("gold_rate")
    @classmethod
    def be_the_only_way(cls, rate: float | None, info: ValidationInfo) -> float | None:
        if rate is not None and info.data.get("gold_every") is not None:
            raise ValueError(_("Ask gold items at every so many items, or at a chance: leave one empty."))
        return rate

    @model_validator(mode="after")
    def say_what_is_uncertain(self) -> Self:
        if "uncertain" in self.adjudicates and self.adjudicates_below is None:
            raise ValueError(_("Say below which posterior items go to adjudicators."))
        return self

    @model_validator(mode="after")
    def fit_overlaps(self) -> Self:
        """Without a threshold every item gets the same overlap."""
        most = self.overlap if self.max_overlap is None else self.max_overlap
        if self.threshold is None and most != self.overlap:
            raise ValueError(
                _("Say up to which posterior items get more annotations, or leave out the most.")
            )
        if self.threshold is not None and most <= self.overlap:
            raise ValueError(_("The most annotations an item may get must be more than its overlap."))
        self.max_overlap = most
        return self


def exam_mistake(purpose: QueuePurpose, settings: QueueSettings) -> str | None:
    """What is wrong with a training's or an exam's settings, for the person; None where all is well."""
    if purpose is QueuePurpose.PRODUCTION:
        has_any = settings.grants or settings.pass_mark or settings.n_exam_items or settings.max_attempts
        return (
            _("Only a training or an exam has items to pass and a qualification to grant.")
            if has_any
            else None
        )
    if purpose is QueuePurpose.EXAM and not (
        settings.grants and settings.pass_mark and settings.n_exam_items
    ):
        return _("An exam needs the qualification that it grants, a pass mark, and how many items it asks.")
    if settings.grants is not None and settings.grants.lower() == (settings.qualification or "").lower():
        return _("Nobody could begin: it grants the very qualification that it asks for.")
    return None


class NewQueue(QueueSettings):
    """`item_order` and `purpose`, and what depends on them, are settled once for all."""

    kind: QueueKind
    purpose: QueuePurpose = QueuePurpose.PRODUCTION
    item_order: QueueOrder = QueueOrder.RANDOM
    waits_for_safety: Box = False
    not_by_queue_id: Annotated[Id | None, Empty] = None
    after_queue_id: Annotated[Id | None, Empty] = None

    @model_validator(mode="after")
    def fit_kind(self) -> Self:
        if self.waits_for_safety and self.kind is QueueKind.SAFETY:
            raise ValueError(_("Safety labels can't wait for safety labels."))
        mistake = exam_mistake(self.purpose, self)
        if mistake is not None:
            raise ValueError(mistake)
        return self


def settings_of(queue: Queue) -> dict[str, Any]:
    """As the form shows them: the most annotations only where it is more than the overlap."""
    values = {name: getattr(queue, name) for name in QueueSettings.model_fields}
    times = {name: as_field(values[name]) for name in ("opens_at", "closes_at")}
    hours = {name: as_hour(values[name]) for name in ("hours_from", "hours_until")}
    return values | times | hours | {"max_overlap": queue.max_overlap if queue.threshold else None}


def defaults() -> dict[str, Any]:
    """What the form for a new queue begins with."""
    fields = NewQueue.model_fields.items()
    return {name: None if field.is_required() else field.default for name, field in fields}


class GroupToAdd(BaseModel):
    model_config = ConfigDict(extra="ignore")

    group_id: Id


class Members(BaseModel):
    model_config = ConfigDict(extra="ignore")

    annotator_ids: Annotated[list[Id], BeforeValidator(as_list)] = []


class Filling(BaseModel):
    """`priority`: the lane of the items that are added."""

    model_config = ConfigDict(extra="ignore")

    priority: Lane = Lane.NORMAL


class MemberCaps(BaseModel):
    """One member's own caps, instead of the queue's."""

    model_config = ConfigDict(extra="ignore")

    max_total: Cap = None
    max_a_day: Cap = None
