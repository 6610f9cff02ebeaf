"""Who decides: adjudicators alone, though admins may look."""

from typing import Annotated

from fastapi import Depends

from app.accounts.deps import only
from app.accounts.models import Role, User
from app.i18n import N_

decider_gate = only(N_("Adjudicators decide; admins may look."), Role.ADJUDICATOR)

CurrentDecider = Annotated[User, Depends(decider_gate)]
