"""Creating people, signing them in and out, what they may do and what they are not to be shown."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from pwdlib import PasswordHash
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.forms import Credentials, Grant, NewUser
from app.accounts.models import Qualification, Role, SignIn, User
from app.accounts.queries import user_named
from app.audit.actions import act_as, record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict
from app.i18n import gettext as _
from app.settings import settings


class UsernameTaken(Conflict):
    pass


class NoAdminLeft(Conflict):
    pass


@lru_cache
def password_hash() -> PasswordHash:
    """Argon2id with the library's recommended cost."""
    return PasswordHash.recommended()


@lru_cache
def hash_of_no_password() -> str:
    """Checked when there is no such user, so that both refusals take equally long."""
    return password_hash().hash(secrets.token_hex(16))


def create_user(session: Session, new: NewUser) -> User:
    """Raises UsernameTaken."""
    values = {
        "username": new.username,
        "role": new.role.value,
        "password_hash": password_hash().hash(new.password),
    }
    user: User | None = session.scalar(
        insert(User).values(values).on_conflict_do_nothing(index_elements=["username"]).returning(User)
    )
    if user is None:
        raise UsernameTaken(_("There is already a user named %(name)s.") % {"name": new.username})
    after = {"username": user.username, "role": user.role}
    record(session, Action.CREATED, "user", user_id=user.id, after=after)
    return user


def sign_in(session: Session, credentials: Credentials) -> str | None:
    """A new browser token, or None where name and password don't belong together.

    The token is made anew at each sign-in; the table keeps its SHA-256 alone.
    """
    user = user_named(session, credentials.username)
    known_hash = user.password_hash if user else hash_of_no_password()
    is_right, better_hash = password_hash().verify_and_update(credentials.password, known_hash)
    if user is None or not is_right or not user.is_active:
        return None
    if better_hash:
        user.password_hash = better_hash
    act_as(session, user.id)
    return begin_sign_in(session, user)


def begin_sign_in(session: Session, user: User) -> str:
    """A new browser token, for whoever has shown who they are."""
    record(session, Action.SIGNED_IN, "user", user_id=user.id)
    token = secrets.token_urlsafe(32)
    session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.expires_at <= now()))
    session.add(
        SignIn(
            token_sha256=token_sha256(token),
            user_id=user.id,
            expires_at=now() + timedelta(hours=settings().session_hours),
        )
    )
    return token


def set_password(session: Session, user: User, password: str) -> None:
    """Whoever was signed in with the old one is so no more."""
    user.password_hash = password_hash().hash(password)
    session.flush()
    session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    record(session, Action.CHANGED, "password", user_id=user.id)


def sign_out(session: Session, token: str) -> None:
    session.execute(delete(SignIn).where(SignIn.token_sha256 == token_sha256(token)))


def sign_out_everywhere(session: Session, user_id: int) -> None:
    """Every browser of this person asks for the password at its next request."""
    ended = session.scalars(
        delete(SignIn).where(SignIn.user_id == user_id).returning(SignIn.token_sha256)
    ).all()
    record(session, Action.ENDED, "sign-ins", user_id=user_id, after={"n": len(ended)})


def change_role(session: Session, user_id: int, role: Role, reason: str) -> bool:
    """False where they have it already. Raises NoAdminLeft."""
    user = locked_user(session, user_id)
    if user.role == role:
        return False
    refuse_to_lose_the_last_admin(session, user)
    before = {"role": user.role}
    user.role = role
    session.flush()
    after = {"role": role.value}
    record(session, Action.CHANGED, "user", user_id=user_id, reason=reason, before=before, after=after)
    return True


def set_active(session: Session, user_id: int, reason: str, *, is_active: bool) -> bool:
    """Who is not active can't sign in, and is signed out. False where nothing changes. Raises NoAdminLeft."""
    user = locked_user(session, user_id)
    if user.is_active == is_active:
        return False
    if not is_active:
        refuse_to_lose_the_last_admin(session, user)
        session.execute(delete(SignIn).where(SignIn.user_id == user_id))
    user.is_active = is_active
    session.flush()
    before, after = {"is_active": not is_active}, {"is_active": is_active}
    record(session, Action.CHANGED, "user", user_id=user_id, reason=reason, before=before, after=after)
    return True


def locked_user(session: Session, user_id: int) -> User:
    return session.scalars(
        select(User)
        .where(User.id == user_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def refuse_to_lose_the_last_admin(session: Session, user: User) -> None:
    """All admins are locked, so that of two who remove each other one is refused."""
    if user.role != Role.ADMIN:
        return
    admins = session.scalars(
        select(User.id)
        .where(User.role == Role.ADMIN, User.is_active)
        .order_by(User.id)
        .with_for_update(key_share=True)
    ).all()
    if set(admins) <= {user.id}:
        raise NoAdminLeft(_("Nobody would be an admin any more. Make someone else one first."))


def token_sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def grant_qualification(session: Session, user_id: int, grant: Grant) -> None:
    """Given again, it has the newer reason and end."""
    values = {"reason": grant.reason, "expires_at": grant.expires_at, "granted_at": now()}
    session.execute(
        insert(Qualification)
        .values(user_id=user_id, name=grant.name, **values)
        .on_conflict_do_update(index_elements=["user_id", "name"], set_=values)
    )
    ends = grant.expires_at.isoformat() if grant.expires_at else None
    after = {"name": grant.name, "expires_at": ends}
    record(session, Action.GRANTED, "qualification", user_id=user_id, reason=grant.reason, after=after)


def revoke_qualification(session: Session, user_id: int, name: str, reason: str) -> None:
    """Does nothing where they have it no more."""
    held = (Qualification.user_id == user_id) & (Qualification.name == name)
    if session.scalar(delete(Qualification).where(held).returning(Qualification.name)) is not None:
        before = {"name": name}
        record(session, Action.REVOKED, "qualification", user_id=user_id, reason=reason, before=before)


def set_cleared(session: Session, user_id: int, names: Sequence[str], reason: str) -> None:
    """Of the harm categories that a project restricts, exactly these may be shown to this person."""
    user = locked_user(session, user_id)
    granted, revoked = sorted(set(names) - set(user.cleared)), sorted(set(user.cleared) - set(names))
    user.cleared = list(names)
    session.flush()
    for action, changed in ((Action.GRANTED, granted), (Action.REVOKED, revoked)):
        if changed:
            after = {"categories": changed}
            record(session, action, "clearance", user_id=user_id, reason=reason, after=after)


def set_locale(session: Session, user_id: int, locale: str) -> None:
    """Kept beside their other preferences, so that every browser they sign in with speaks it."""
    preferences = User.preferences.concat({"locale": locale})
    session.execute(update(User).where(User.id == user_id).values(preferences=preferences))


def set_opted_out(session: Session, user_id: int, names: Sequence[str]) -> None:
    """Exactly these harm categories are not to be shown to this person."""
    session.execute(update(User).where(User.id == user_id).values(opted_out=list(names)))


def set_preferences(session: Session, user_id: int, **changed: Any) -> None:
    """Those named; the others stay as they are."""
    session.execute(
        update(User).where(User.id == user_id).values(preferences=User.preferences.concat(changed))
    )
