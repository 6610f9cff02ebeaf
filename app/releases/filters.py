"""Which answers and rows a release is made of, where not of all."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from sqlalchemy import ColumnElement

from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.errors import Refused
from app.i18n import gettext as _
from app.i18n import readable
from app.projects.forms import Categories, as_list
from app.queues.forms import Box, Empty, Id
from app.queues.models import Queue
from app.withdrawals.queries import consents

OF_ANSWERS = ("answered_from", "answered_until", "queues", "consenting_only")

Day = Annotated[date | None, Empty]
Severity = Annotated[int, Field(ge=1, le=3)]


class ReleaseFilters(BaseModel):
    """What is left empty restricts nothing.

    Of answers, so that others make no label and are not published singly: `answered_from` and
    `answered_until`, the first and the last day (UTC) on which they were given; `queues`, by id;
    `consenting_only`: of annotators who consent to their publication.
    Of rows: `min_answers` (1 to 50) that a label or preference is made of; `min_certainty` (0 to 1), the
    chance that the posterior of the item gives to it; one of the labels of a row has one of the `categories`
    and one of the `severities` (1 to 3).
    `include_safe`: rows whose labels are all safe are then released too.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    answered_from: Day = None
    answered_until: Day = None
    queues: Annotated[list[Id], BeforeValidator(as_list)] = []
    consenting_only: Box = False
    min_answers: Annotated[Annotated[int, Field(ge=1, le=50)] | None, Empty] = None
    min_certainty: Annotated[Annotated[float, Field(ge=0, le=1)] | None, Empty] = None
    categories: Categories = []
    severities: Annotated[list[Severity], BeforeValidator(as_list)] = []
    include_safe: Box = False

    @field_validator("answered_until")
    @classmethod
    def end_after_its_beginning(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("answered_from")
        if first is not None and last is not None and last < first:
            raise ValueError(_("The last day lies before the first."))
        return last

    @field_validator("min_certainty")
    @classmethod
    def be_of_the_same_answers(cls, least: float | None, info: ValidationInfo) -> float | None:
        if least is not None and any(info.data.get(name) for name in OF_ANSWERS):
            raise ValueError(
                _("Posteriors are of all answers: ask for no posterior where some are left out.")
            )
        return least

    @property
    def restrict_answers(self) -> bool:
        return any(getattr(self, name) for name in OF_ANSWERS)

    @property
    def restrict_support(self) -> bool:
        return self.min_answers is not None or self.min_certainty is not None

    @property
    def restrict_labels(self) -> bool:
        return bool(self.categories or self.severities)

    def told(self) -> dict[str, Any]:
        """Those that are on, as JSON has them."""
        return self.model_dump(mode="json", exclude_defaults=True)


NO_FILTERS = ReleaseFilters()


def filters_of_options(
    options: Sequence[str], queue_ids: Mapping[str, str], category_names: Sequence[str]
) -> ReleaseFilters:
    """From `NAME=VALUE`, a name as often as it has values; `queue_ids`: by name, for `queues=NAME`;
    `category_names`: the project's.

    Raises Refused, and pydantic's ValidationError.
    """
    given: dict[str, list[str]] = {}
    for option in options:
        name, _equals, value = option.partition("=")
        if name not in ReleaseFilters.model_fields or not value:
            names = ", ".join(ReleaseFilters.model_fields)
            raise Refused(f"--filter {option}: write NAME=VALUE, with one of the names {names}.")
        given.setdefault(name, []).append(queue_ids.get(value, value) if name == "queues" else value)
    return ReleaseFilters.model_validate(
        {name: values[0] if len(values) == 1 else values for name, values in given.items()},
        context=category_names,
    )


def answer_conditions(filters: ReleaseFilters) -> list[ColumnElement[bool]]:
    """On the answers of `app.agreement.queries.finished_answers`."""
    conditions: list[ColumnElement[bool]] = []
    if filters.answered_from is not None:
        begins_at = datetime.combine(filters.answered_from, time.min, UTC)
        conditions.append(Annotation.created_at >= begins_at)
    if filters.answered_until is not None:
        ends_at = datetime.combine(filters.answered_until, time.max, UTC)
        conditions.append(Annotation.created_at <= ends_at)
    if filters.queues:
        conditions.append(Assignment.queue_id.in_(filters.queues))
    if filters.consenting_only:
        conditions.append(consents(Assignment.annotator_id, Queue.project_id))
    return conditions


def filter_sentences(told: Mapping[str, Any]) -> Iterator[str]:
    """What each filter does, for a page or a card. `told`: as `ReleaseFilters.told` has them, but for
    `queues`, which are names."""
    if "answered_from" in told:
        yield _("Only answers given on %(day)s or later (UTC) count.") % {"day": told["answered_from"]}
    if "answered_until" in told:
        yield _("Only answers given on %(day)s or before (UTC) count.") % {"day": told["answered_until"]}
    if "queues" in told:
        yield _("Only answers of these queues count: %(names)s.") % {"names": _(", ").join(told["queues"])}
    if "consenting_only" in told:
        yield _("Only answers of annotators who consent to the publication of single answers count.")
    if "min_answers" in told:
        n_answers = {"n": told["min_answers"]}
        yield _("Labels and preferences made of fewer answers than %(n)s are left out.") % n_answers
    if "min_certainty" in told:
        least = {"least": told["min_certainty"]}
        yield _("Labels and preferences less likely than %(least)s by the posterior are left out.") % least
    if "categories" in told or "severities" in told:
        yield from label_sentences(told)


def label_sentences(told: Mapping[str, Any]) -> Iterator[str]:
    names = _(", ").join(readable(name) for name in told.get("categories", ()))
    grades = _(", ").join(map(str, told.get("severities", ())))
    if not grades:
        yield _("A row is left out unless a response has one of the harm categories %(names)s.") % {
            "names": names
        }
    elif not names:
        yield _("A row is left out unless a response has a severity among %(grades)s.") % {"grades": grades}
    else:
        yield _(
            "A row is left out unless a response has one of the harm categories %(names)s and a severity"
            " among %(grades)s."
        ) % {"names": names, "grades": grades}
    if "include_safe" in told:
        yield _("Rows whose responses are all safe are released too.")
