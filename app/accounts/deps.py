"""Who is asking, and whether they may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.accounts.actions import token_sha256
from app.accounts.models import Role, User
from app.accounts.queries import user_signed_in
from app.audit.actions import act_as
from app.errors import Forbidden, SignInNeeded
from app.i18n import N_
from app.i18n import gettext as _
from app.web.deps import SessionDep, anyone
from app.web.security import browser_token


@dataclass(frozen=True, slots=True)
class ShownUser:
    """What pages say of who is signed in. No row: the rollback before a refusal's page would empty it."""

    username: str
    role: str


def signed_in_user(request: Request, session: SessionDep) -> User:
    """Raises SignInNeeded. Pages find the user in `request.state.user`."""
    user = user_signed_in(session, token_sha256(browser_token(request)))
    if user is None:
        raise SignInNeeded(_("Please sign in."))
    act_as(session, user.id)
    request.state.user = ShownUser(user.username, user.role)
    return user


def only(sentence: str, *roles: Role) -> Callable[[User], Awaitable[User]]:
    """A gate for these roles; `sentence`: what the others are told."""

    async def gate(user: Annotated[User, Depends(signed_in_user)]) -> User:
        if user.role not in roles:
            raise Forbidden(_(sentence))
        return user

    return gate


annotator_gate = only(N_("This page is for annotators and adjudicators."), Role.ANNOTATOR, Role.ADJUDICATOR)
adjudicator_gate = only(N_("This page is for adjudicators and admins."), Role.ADJUDICATOR, Role.ADMIN)
admin_gate = only(N_("This page is for admins."), Role.ADMIN)

CurrentUser = Annotated[User, Depends(signed_in_user)]
CurrentAnnotator = Annotated[User, Depends(annotator_gate)]
CurrentAdjudicator = Annotated[User, Depends(adjudicator_gate)]
CurrentAdmin = Annotated[User, Depends(admin_gate)]

GATES = (anyone, signed_in_user)
