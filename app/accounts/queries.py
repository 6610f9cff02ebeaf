"""Reads about people."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Qualification, SignIn, User
from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _

# Put together once: every request asks it.
SIGNED_IN = (
    select(User)
    .join(SignIn, SignIn.user_id == User.id)
    .where(SignIn.token_sha256 == bindparam("token"), SignIn.expires_at > bindparam("now"), User.is_active)
)


def user_named(session: Session, username: str) -> User | None:
    return session.scalar(select(User).where(User.username == username.lower()))


def user_signed_in(session: Session, token_sha256: bytes) -> User | None:
    """The active user of a sign-in that has not ended."""
    return session.scalar(SIGNED_IN, {"token": token_sha256, "now": now()})


def user_of(session: Session, user_id: int) -> User:
    """Raises NotFound."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(_("There is no such person."))
    return user


def usernames(session: Session, user_ids: Iterable[int]) -> dict[int, str]:
    """By id; an id that is nobody's is left out."""
    rows = session.execute(select(User.id, User.username).where(User.id.in_(user_ids)))
    return {row.id: row.username for row in rows}


def qualification_of(session: Session, user_id: int, name: str) -> Qualification | None:
    """One that has ended too."""
    return session.get(Qualification, (user_id, name), populate_existing=True)


def qualifications_of(session: Session, user_id: int) -> Sequence[Qualification]:
    """Those that have ended too; by name."""
    held = select(Qualification).where(Qualification.user_id == user_id).order_by(Qualification.name)
    return session.scalars(held).all()


def n_sign_ins(session: Session, user_id: int) -> int:
    """In how many browsers they are signed in."""
    live = select(func.count()).where(SignIn.user_id == user_id, SignIn.expires_at > now())
    return session.scalar(live) or 0
