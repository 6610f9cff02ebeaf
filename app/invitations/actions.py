"""Making links, taking them back, and coming in by one."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actions import begin_sign_in, create_user, set_password, token_sha256
from app.accounts.forms import NewUser
from app.accounts.models import Role, User
from app.audit.actions import act_as, record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict, Refused
from app.groups.actions import join_groups
from app.i18n import gettext as _
from app.invitations.forms import Newcomer, NewInvitation
from app.invitations.models import Invitation
from app.invitations.queries import LinkEnded, holds, invitation_of, known_groups, known_queues
from app.queues.members import join_queues
from app.settings import settings

# Of a link for a new password.
DAYS_FOR_PASSWORD = 2


class NotActive(Conflict):
    pass


class LinkMadeBefore(Conflict):
    """By the same form, and it holds no more."""


class MadeLink(NamedTuple):
    """`is_new`: false where the same form was sent before, and made it then."""

    token: str
    is_new: bool


def invite(session: Session, new: NewInvitation, admin_id: int, form_key: str = "") -> MadeLink:
    """A link, whose token is known nowhere else. `form_key`: what the form carries once, "" for none: sent
    again it makes no second link. Raises Refused for a queue or a group that is none, LinkMadeBefore."""
    if len(known_queues(session, new.queue_ids)) < len(set(new.queue_ids)):
        raise Refused(_("Choose queues from the list."))
    if len(known_groups(session, new.group_ids)) < len(set(new.group_ids)):
        raise Refused(_("Choose groups from the list."))
    queue_ids = [] if new.role is Role.ADMIN else sorted(set(new.queue_ids))
    token = token_of_form(new, admin_id, form_key) if form_key else secrets.token_urlsafe(32)
    made = session.scalar(
        insert(Invitation)
        .values(
            token_sha256=token_sha256(token),
            role=new.role,
            group_ids=sorted(set(new.group_ids)),
            queue_ids=queue_ids,
            note=new.note,
            max_uses=new.max_uses,
            created_by=admin_id,
            expires_at=now() + timedelta(days=new.valid_days),
        )
        .on_conflict_do_nothing(index_elements=["token_sha256"])
        .returning(Invitation.id)
    )
    if made is None:
        refuse_ended(session, token)
        return MadeLink(token, is_new=False)
    after = new.model_dump(mode="json") | {"queue_ids": queue_ids}
    record(session, Action.CREATED, "invitation", after=after)
    return MadeLink(token, is_new=True)


def token_of_form(new: NewInvitation, admin_id: int, form_key: str) -> str:
    """The same for the same form with the same in it; to be guessed by nobody who lacks the secret."""
    secret = settings().secret_key.get_secret_value().encode()
    form = f"invitation {admin_id} {form_key} {new.model_dump_json()}"
    return urlsafe_b64encode(hmac.digest(secret, form.encode(), sha256)).decode().rstrip("=")


def refuse_ended(session: Session, token: str) -> None:
    """Raises LinkMadeBefore."""
    stands = exists().where(Invitation.token_sha256 == token_sha256(token), *holds())
    if not session.scalar(select(stands)):
        raise LinkMadeBefore(
            _("This form was sent before, and the link that it made holds no more. Open the page anew.")
        )


def link_for_password(session: Session, user: User, admin_id: int) -> str:
    """The token of a link by which this person chooses a new password, once; the one before it ends.

    Raises NotActive.
    """
    if not user.is_active:
        raise NotActive(_("This person is not active. Activate them first."))
    session.execute(
        update(Invitation)
        .where(Invitation.user_id == user.id, Invitation.revoked_at.is_(None), Invitation.n_uses == 0)
        .values(revoked_at=now())
    )
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            token_sha256=token_sha256(token),
            user_id=user.id,
            created_by=admin_id,
            expires_at=now() + timedelta(days=DAYS_FOR_PASSWORD),
        )
    )
    session.flush()
    record(session, Action.CREATED, "password link", user_id=user.id)
    return token


def revoke_invitation(session: Session, invitation_id: int) -> None:
    """Does nothing where it was revoked before."""
    revoked = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(Invitation.user_id, Invitation.note)
    ).one_or_none()
    if revoked is not None:
        record(session, Action.REVOKED, "invitation", user_id=revoked.user_id, before={"note": revoked.note})


def come_in(session: Session, token: str, newcomer: Newcomer) -> str:
    """A new account by an invitation; returns the token of its first sign-in.

    Raises UsernameTaken before anything is changed; LinkEnded where another one was faster, and then all of
    it must be undone.
    """
    invitation = invitation_of(session, token_sha256(token))
    user = create_user(session, NewUser(**newcomer.model_dump(), role=Role(invitation.role or "")))
    use(session, token)
    act_as(session, user.id)
    record(session, Action.ENDED, "invitation", user_id=user.id, after={"invitation": invitation.id})
    join_groups(session, user.id, known_groups(session, invitation.group_ids))
    join_queues(session, user.id, known_queues(session, invitation.queue_ids))
    return begin_sign_in(session, user)


def choose_password(session: Session, token: str, user: User, password: str) -> str:
    """A new password by a link for it; every browser is signed out but the one that gets the token returned.

    Raises LinkEnded, and then all of it must be undone.
    """
    use(session, token)
    act_as(session, user.id)
    set_password(session, user, password)
    return begin_sign_in(session, user)


def use(session: Session, token: str) -> None:
    """Of several who follow a link at once no more come in than it is for. Raises LinkEnded."""
    used = session.scalar(
        update(Invitation)
        .where(Invitation.token_sha256 == token_sha256(token), *holds())
        .values(n_uses=Invitation.n_uses + 1)
        .returning(Invitation.id)
    )
    if used is None:
        raise LinkEnded(_("This link was used already. If that was not you, tell whoever sent it."))
