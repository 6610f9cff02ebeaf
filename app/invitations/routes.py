"""Links for newcomers and for new passwords: made, listed and revoked by admins, followed by anyone."""

import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.actions import UsernameTaken, token_sha256
from app.accounts.deps import CurrentAdmin
from app.accounts.models import Role
from app.accounts.queries import user_of
from app.accounts.throttle import count_wrong_link, refuse_too_many_links
from app.groups.queries import all_groups
from app.invitations.actions import choose_password, come_in, invite, link_for_password, revoke_invitation
from app.invitations.forms import Newcomer, NewInvitation, NewPassword
from app.invitations.models import Invitation
from app.invitations.queries import UnknownLink, invitation_of, open_invitations
from app.queues.models import QueueState
from app.queues.queries import all_queues
from app.web.addresses import site_url
from app.web.deps import Posted, Public, SessionDep
from app.web.forms import messages
from app.web.security import browser_cookie
from app.web.templates import render

PATH = "/admin/people/invitations"
LONGEST_KEY = 100

router = APIRouter()


@router.get(PATH)
def invitations_page(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    return invitations(request, session)


@router.post(PATH)
def submit_invitation(request: Request, session: SessionDep, admin: CurrentAdmin, posted: Posted) -> Response:
    """The link is shown on this page alone; the same form sent again shows it again."""
    try:
        new = NewInvitation.model_validate(posted)
    except ValidationError as invalid:
        return invitations(request, session, errors=messages(invalid), posted=posted)
    made = invite(session, new, admin.id, form_key(posted))
    return invitations(request, session, link=link_of(request, made.token), was_there=not made.is_new)


def form_key(posted: dict[str, Any]) -> str:
    return str(posted.get("form_key", ""))[:LONGEST_KEY]


@router.post(PATH + "/{invitation_id}/revoke")
def submit_revocation(session: SessionDep, admin: CurrentAdmin, invitation_id: int) -> Response:
    revoke_invitation(session, invitation_id)
    return RedirectResponse(PATH, status_code=303)


@router.post("/admin/people/{user_id}/password-link")
def submit_password_link(
    request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int
) -> Response:
    person = user_of(session, user_id)
    link = link_of(request, link_for_password(session, person, admin.id))
    return render(request, "invitations/password_link.html", person=person, link=link)


@router.get("/join", dependencies=[Public])
def join_page(request: Request, session: SessionDep, key: str = "") -> Response:
    return join(request, session, key, found(request, session, key))


@router.post("/join", dependencies=[Public])
def submit_join(request: Request, session: SessionDep, posted: Posted) -> Response:
    key = str(posted.get("key"))
    invitation = found(request, session, key)
    try:
        if invitation.user_id is None:
            signed_in = come_in(session, key, Newcomer.model_validate(posted))
        else:
            person, new = user_of(session, invitation.user_id), NewPassword.model_validate(posted)
            signed_in = choose_password(session, key, person, new.password)
    except ValidationError as invalid:
        return join(request, session, key, invitation, messages(invalid), posted)
    except UsernameTaken as taken:
        return join(request, session, key, invitation, {"username": taken.message}, posted)
    response = RedirectResponse("/", status_code=303)
    response.headers.append("set-cookie", browser_cookie(signed_in))
    return response


def found(request: Request, session: Session, key: str) -> Invitation:
    """The invitation of a link that holds. Raises TooMany, UnknownLink, LinkEnded."""
    address = request.client.host if request.client else "unknown"
    refuse_too_many_links(address)
    try:
        return invitation_of(session, token_sha256(key))
    except UnknownLink:
        count_wrong_link(address)
        raise


def join(
    request: Request,
    session: Session,
    key: str,
    invitation: Invitation,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    person = user_of(session, invitation.user_id) if invitation.user_id else None
    return render(
        request,
        "invitations/join.html",
        status=422 if errors else 200,
        key=key,
        role=invitation.role,
        person=person,
        errors=errors or {},
        posted=posted or {},
    )


def invitations(
    request: Request,
    session: Session,
    *,
    link: str = "",
    was_there: bool = False,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    queues, groups = all_queues(session), all_groups(session)
    return render(
        request,
        "invitations/invitations.html",
        status=422 if errors else 200,
        link=link,
        was_there=was_there,
        form_key=form_key(posted or {}) or secrets.token_urlsafe(12),
        invitations=open_invitations(session),
        queues=[queue for queue in queues if queue.state != QueueState.CLOSED],
        groups=groups,
        group_names={group.id: group.name for group in groups},
        queue_names={queue.id: queue.name for queue in queues},
        roles=list(Role),
        values=NewInvitation().model_dump() | (posted or {}),
        errors=errors or {},
    )


def link_of(request: Request, token: str) -> str:
    """In the query: the web log keeps paths, and this must stand in no log."""
    return f"{site_url(request)}/join?key={token}"
