"""What the form of an upload of answers tells of them."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from app.answer_files.told import Columns, Told, columns_of
from app.items.fields import FieldMap, WronglyTold, field_map
from app.queues.models import QueueKind

LONGEST_QUEUE_NAME = 100


def maps_told(lines: object) -> list[FieldMap]:
    """One a line. Raises ValueError."""
    try:
        return [field_map(line.strip()) for line in str(lines).splitlines() if line.strip()]
    except WronglyTold as wrong:
        raise ValueError(wrong.message) from wrong


def columns_told(text: object) -> Columns | None:
    """Raises ValueError."""
    try:
        return columns_of(text.strip()) if isinstance(text, str) and text.strip() else None
    except WronglyTold as wrong:
        raise ValueError(wrong.message) from wrong


def none_if_empty(value: object) -> object:
    return value if value != "" else None


IfGiven = BeforeValidator(none_if_empty)
QueueName = Annotated[str, Field(max_length=LONGEST_QUEUE_NAME)]
Severity = Annotated[int, Field(ge=1, le=3)]


class AnswersTold(BaseModel):
    """The fields of `Told`, as the form has them."""

    queue_name: Annotated[QueueName | None, IfGiven] = None
    kind: Annotated[QueueKind | None, IfGiven] = None
    maps: Annotated[list[FieldMap], BeforeValidator(maps_told)] = []
    columns: Annotated[Columns | None, BeforeValidator(columns_told)] = None
    default_category: Annotated[str | None, IfGiven] = None
    default_severity: Annotated[Severity | None, IfGiven] = None

    def told(self, category_names: tuple[str, ...]) -> Told:
        """`category_names`: the project's. Raises WronglyTold for a harm category that is none of them."""
        return Told(**dict(self), category_names=category_names)
