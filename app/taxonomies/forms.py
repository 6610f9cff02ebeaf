"""What an admin types in to make another version of a taxonomy."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.accounts.forms import Name
from app.i18n import gettext as _
from app.keys.bindings import ACTIONS, usable_key
from app.projects.forms import Categories, with_plain_newlines
from app.queues.forms import Box, Id

LONGEST_NAME = 100
LONGEST_WORDS = 500
LAST_NUMBER = 2**31 - 1
MOST_RULES = 20


def usable_name(name: str) -> str:
    """It becomes a key of released rows, and a name among those of the workspace's own keys."""
    if not name.isprintable():
        raise ValueError(_("Use characters that can be seen."))
    if name in {action.name for action in ACTIONS}:
        raise ValueError(_("The workspace has something of this name already. Choose another."))
    return name


def key_typed(written: object) -> str:
    key = usable_key(written)
    if key is None:
        raise ValueError(_("Use one character, Shift with a digit, or Enter. Empty means no key."))
    return key


def lines_of(text: object) -> object:
    """From a form, a rule a line."""
    return [line.strip() for line in text.splitlines() if line.strip()] if isinstance(text, str) else text


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORDS)]
CategoryName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME),
    AfterValidator(usable_name),
]


class TypedCategory(BaseModel):
    """As in `app.projects.taxonomy.HarmCategory`. `key`: empty for none; `rank`: 0 to 1,000."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: CategoryName
    key: Annotated[str, BeforeValidator(key_typed)] = ""
    definition: Words
    example: Words
    rank: int = Field(default=1000, ge=0, le=1000)
    is_retired: Box = False


class TypedVersion(BaseModel):
    """`rules`: of labelling; `note`: why it is made; `based_on`: the newest when the form was opened."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    rules: Annotated[
        Annotated[list[Words], Field(min_length=1, max_length=MOST_RULES)], BeforeValidator(lines_of)
    ]
    note: Annotated[
        str,
        BeforeValidator(with_plain_newlines),
        StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    ]
    based_on: int = Field(ge=1, lt=LAST_NUMBER)


class Relabelling(BaseModel):
    """`queue_id`: the queue whose items are asked anew; `categories`: those that name, or are expected to
    touch, one of these, in the order of the `context`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    queue_id: Id
    categories: Annotated[Categories, Field(min_length=1)] = Field(default=[], validate_default=True)


class NewRelabelling(Relabelling):
    name: Name
