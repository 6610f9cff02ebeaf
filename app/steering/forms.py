"""What an admin types in about a whole queue."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from app.accounts.forms import Name, Reason
from app.i18n import gettext as _
from app.queues.forms import LARGEST_CAP, Empty, Id, NewQueue
from app.queues.models import Lane, Queue, QueueKind


class Way(StrEnum):
    """How a queue ends."""

    DRAIN_TO_PAUSE = "drain_to_pause"
    DRAIN_TO_CLOSE = "drain_to_close"
    CLOSE = "close"


class Ending(BaseModel):
    model_config = ConfigDict(extra="ignore")

    way: Way
    reason: Reason


class Because(BaseModel):
    model_config = ConfigDict(extra="ignore")

    reason: Reason


def as_fields(form: BaseModel) -> list[tuple[str, str]]:
    """What a browser would send of it: a list as several fields of one name."""
    fields = []
    for name, value in form.model_dump(mode="json").items():
        for each in value if isinstance(value, list) else [value]:
            words = str(each).lower() if isinstance(each, bool) else str(each)
            fields.append((name, "" if each is None else words))
    return fields


class Standing(StrEnum):
    """How an item stands in its queue. Open ones may be in work too."""

    OPEN = "open"
    IN_WORK = "in_work"
    DONE = "done"
    BROKEN = "broken"
    WAITING = "waiting"
    GOLD = "gold"


class ItemFilters(BaseModel):
    """Which of a queue's items, all of it together; None: any.

    `category`: that they are expected to touch, one of the `context` of the validation; `severity`: the
    expected one, 0 to 3; `source`: the model of one of their responses; `brought_by`: the import that they
    came with; `below`: a posterior that theirs is less than, 0 to 1.
    """

    model_config = ConfigDict(extra="ignore")

    category: Annotated[str | None, Empty] = None
    severity: Annotated[Annotated[int, Field(ge=0, le=3)] | None, Empty] = None
    standing: Annotated[Standing | None, Empty] = None
    priority: Annotated[Lane | None, Empty] = None
    source: Annotated[Name | None, Empty] = None
    brought_by: Annotated[Id | None, Empty] = None
    below: Annotated[Annotated[float, Field(gt=0, le=1)] | None, Empty] = None

    @field_validator("category")
    @classmethod
    def be_known(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None and name not in (info.context or ()):
            raise ValueError(_("Choose one of the harm categories."))
        return name

    @property
    def chosen(self) -> dict[str, Any]:
        """What an address says of them."""
        return self.model_dump(mode="json", include=set(ItemFilters.model_fields), exclude_none=True)


class Change(StrEnum):
    PRIORITY = "priority"
    MOVE = "move"


class ItemChange(ItemFilters):
    """What is done to all items that the filters find."""

    change: Change
    new_priority: Annotated[Lane | None, Empty] = None
    target_id: Annotated[Id | None, Empty] = None
    reason: Reason

    @model_validator(mode="after")
    def say_where_to(self) -> Self:
        if self.change is Change.PRIORITY and self.new_priority is None:
            raise ValueError(_("Choose the priority that they get."))
        if self.change is Change.MOVE and self.target_id is None:
            raise ValueError(_("Choose the queue that they go to."))
        return self


class PreviewedChange(ItemChange):
    """`n_items`: how many the preview said would change."""

    n_items: Annotated[int, Field(ge=1, le=LARGEST_CAP)]


class Sketch(BaseModel):
    """What annotators would see of a queue that is still to be made."""

    model_config = ConfigDict(extra="ignore")

    kind: QueueKind
    blur_from: Annotated[Annotated[int, Field(ge=1, le=3)] | None, Empty] = None


def sketched(project_id: int, sketch: Sketch) -> Queue:
    """Of no session."""
    settings = NewQueue(name=_("New queue"), kind=sketch.kind, blur_from=sketch.blur_from)
    return Queue(project_id=project_id, **settings.model_dump())
