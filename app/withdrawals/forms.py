"""What an admin types in to withdraw something, and what annotators say of their own answers."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, field_validator

from app.accounts.forms import Reason
from app.i18n import gettext as _
from app.withdrawals.models import WithdrawalKind

MOST_NAMED = 10_000
LONGEST_NAME_SHOWN = 70
SHA256_OR_ITEM = re.compile(r"[0-9a-f]{64}|[1-9][0-9]{0,17}")


def in_lower_case(text: object) -> object:
    """Each name once, in the order given: they stand on lines of their own, or between commas or blanks."""
    return tuple(dict.fromkeys(re.findall(r"[^\s,;]+", text.lower()))) if isinstance(text, str) else text


class Withdrawing(BaseModel):
    """`named`: of prompts and responses each a SHA-256 in hex or the id of an item; of annotators user names.

    At most MOST_NAMED.
    """

    model_config = ConfigDict(extra="ignore")

    kind: WithdrawalKind
    named: Annotated[tuple[str, ...], BeforeValidator(in_lower_case)]
    reason: Reason

    @field_validator("named")
    @classmethod
    def name_something(cls, named: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not named:
            raise ValueError(_("Fill this in."))
        if len(named) > MOST_NAMED:
            raise ValueError(
                _("%(n)s are named; %(most)s at a time is the most.")
                % {"n": f"{len(named):,}", "most": f"{MOST_NAMED:,}"}
            )
        of_content = info.data.get("kind") in (WithdrawalKind.PROMPT, WithdrawalKind.RESPONSE)
        for name in named if of_content else ():
            if not SHA256_OR_ITEM.fullmatch(name):
                raise ValueError(
                    _("“%(name)s” is neither a SHA-256 of 64 hex digits nor the number of an item.")
                    % {"name": name[:LONGEST_NAME_SHOWN]}
                )
        return named


class Ending(BaseModel):
    model_config = ConfigDict(extra="ignore")

    reason: Reason


class PublicationAnswer(BaseModel):
    """May my single answers be published under a pseudonym?"""

    model_config = ConfigDict(extra="ignore")

    may_publish: bool
