"""What an admin looks for, as it stands in the page's address; and what is to be done to what was found."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from app.accounts.forms import Reason, none_if_empty
from app.db import LARGEST_ID
from app.i18n import gettext as _
from app.items.models import ItemKind
from app.projects.forms import as_list
from app.queues.forms import Id
from app.queues.models import Lane

LONGEST_FIND = 400
MOST_TICKED = 100
"""A page has fewer items."""

Empty = BeforeValidator(none_if_empty)


class Status(StrEnum):
    """Of an item in the queue that is asked for, or in any one of its project."""

    OPEN = "open"
    IN_WORK = "in_work"
    FINISHED = "finished"
    IN_ADJUDICATION = "in_adjudication"
    SETTLED = "settled"
    HELD = "held"
    GOLD = "gold"
    WITHDRAWN = "withdrawn"
    IN_NO_QUEUE = "in_no_queue"


class Disagreement(StrEnum):
    """`safety`: one says safe, another harmful."""

    ANY = "any"
    SAFETY = "safety"
    NONE = "none"


def printable(text: object) -> object:
    """PostgreSQL can't look for NUL."""
    return (
        "".join(letter if letter.isprintable() else " " for letter in text) if isinstance(text, str) else text
    )


Text = Annotated[str, BeforeValidator(printable), StringConstraints(strip_whitespace=True)]
Category = Annotated[Annotated[str, StringConstraints(max_length=200)] | None, Empty]
Severity = Annotated[Annotated[int, Field(ge=1, le=3)] | None, Empty]
OptionalId = Annotated[Id | None, Empty]
Day = Annotated[date | None, Empty]


class Filters(BaseModel):
    """`expects`, `expects_severity`: of labels that came with the item; `says`, `says_severity`: of at least
    one of its answers. Severities from this one up. `certainty_below`: in percent. Days are UTC, the last
    one included."""

    model_config = ConfigDict(extra="ignore")

    find: Annotated[Text, Field(max_length=LONGEST_FIND)] = ""
    kind: Annotated[ItemKind | None, Empty] = None
    queue: OptionalId = None
    status: Annotated[Status | None, Empty] = None
    expects: Category = None
    expects_severity: Severity = None
    says: Category = None
    says_severity: Severity = None
    disagreement: Annotated[Disagreement | None, Empty] = None
    certainty_below: Annotated[Annotated[int, Field(ge=1, le=100)] | None, Empty] = None
    source: Annotated[Text, Field(max_length=500)] = ""
    brought_by: OptionalId = None
    annotator: Annotated[Text, Field(max_length=100)] = ""
    answered_from: Day = None
    answered_to: Day = None
    imported_from: Day = None
    imported_to: Day = None
    oldest_first: bool = False

    @model_validator(mode="after")
    def have_days_in_order(self) -> Self:
        for first, last in ((self.answered_from, self.answered_to), (self.imported_from, self.imported_to)):
            if first and last and last < first:
                raise ValueError(_("The last day lies before the first one."))
        return self

    @property
    def as_address(self) -> str:
        """What the page's address says of them."""
        return urlencode(self.model_dump(mode="json", exclude_defaults=True))

    @property
    def n_used(self) -> int:
        """Beside the words and the order."""
        return len(self.model_dump(exclude_defaults=True, exclude={"find", "oldest_first"}))


class Place(BaseModel):
    """Where a page begins: behind this item, in the order asked for. `further`: a walk had found little."""

    model_config = ConfigDict(extra="ignore")

    after: Annotated[Annotated[int, Field(ge=1, le=LARGEST_ID)] | None, Empty] = None
    further: bool = False


class ChangeKind(StrEnum):
    """`gold`: with what adjudicators decided as the known answer; `voiding`: of answers to the items."""

    QUEUE = "queue"
    PRIORITY = "priority"
    ADJUDICATION = "adjudication"
    GOLD = "gold"
    VOIDING = "voiding"
    WITHDRAWAL = "withdrawal"


class Choice(BaseModel):
    """`ticked`: items; with `of_all`, all that the filters find instead. `to_queue`: where they go, or
    where they are. `whose`: the name of the one whose answers are voided; empty: everybody's."""

    model_config = ConfigDict(extra="ignore")

    ticked: Annotated[list[Id], BeforeValidator(as_list), Field(max_length=MOST_TICKED)] = []
    of_all: bool = False
    filters: Annotated[str, Field(max_length=8_000)] = ""
    change: ChangeKind
    to_queue: OptionalId = None
    priority: Annotated[Lane | None, Empty] = None
    whose: Annotated[Text, Field(max_length=100)] = ""
    reason: Reason

    @model_validator(mode="after")
    def be_whole(self) -> Self:
        if not self.ticked and not self.of_all:
            raise ValueError(_("Tick items first, or choose all that were found."))
        if self.change is not ChangeKind.WITHDRAWAL and self.to_queue is None:
            raise ValueError(_("Choose a queue."))
        if self.change is ChangeKind.PRIORITY and self.priority in (None, Lane.FRONT):
            raise ValueError(_("Choose the priority that they get."))
        return self


class PreviewedChoice(Choice):
    """`n_items`: how many the preview named; `n_answers`: of a voiding, how many of these."""

    n_items: int
    n_answers: Annotated[int | None, Empty] = None
