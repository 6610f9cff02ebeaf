"""Which links there are, and whether one holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Role, User
from app.db import now
from app.errors import Gone, NotFound
from app.groups.models import PersonGroup
from app.i18n import gettext as _
from app.invitations.models import Invitation
from app.queues.models import Queue, QueueState

MOST_SHOWN = 200


class UnknownLink(NotFound):
    pass


class LinkEnded(Gone):
    pass


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """`whose`: of a link for a new password."""

    id: int
    role: str | None
    whose: str | None
    group_ids: list[int]
    queue_ids: list[int]
    note: str
    n_uses: int
    max_uses: int
    made_by: str
    expires_at: datetime


def invitation_of(session: Session, token_sha256: bytes) -> Invitation:
    """One that holds. Raises UnknownLink, or LinkEnded with what ended it."""
    found = session.scalar(
        select(Invitation)
        .where(Invitation.token_sha256 == token_sha256)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise UnknownLink(_("There is no such link. Perhaps a part of it is missing: copy all of it."))
    if found.revoked_at is not None or not session.scalar(select(is_by_admin(found.created_by))):
        raise LinkEnded(_("This link was taken back. Ask whoever sent it for a new one."))
    if found.n_uses >= found.max_uses:
        raise LinkEnded(_("This link was used already. If that was not you, tell whoever sent it."))
    if found.expires_at <= now():
        raise LinkEnded(_("This link has expired. Ask whoever sent it for a new one."))
    return found


def is_by_admin(user_id: object) -> ColumnElement[bool]:
    maker = aliased(User)
    return exists().where(maker.id == user_id, maker.is_active, maker.role == Role.ADMIN)


def holds() -> tuple[ColumnElement[bool], ...]:
    return (
        Invitation.revoked_at.is_(None),
        Invitation.n_uses < Invitation.max_uses,
        Invitation.expires_at > func.now(),
        is_by_admin(Invitation.created_by),
    )


def open_invitations(session: Session) -> list[OpenInvitation]:
    """The newest first."""
    whose, maker = aliased(User), aliased(User)
    rows = session.execute(
        select(Invitation.id, Invitation.role, whose.username, Invitation.group_ids, Invitation.queue_ids)
        .add_columns(
            Invitation.note, Invitation.n_uses, Invitation.max_uses, maker.username, Invitation.expires_at
        )
        .outerjoin(whose, whose.id == Invitation.user_id)
        .join(maker, maker.id == Invitation.created_by)
        .where(*holds())
        .order_by(Invitation.id.desc())
        .limit(MOST_SHOWN)
    )
    return [OpenInvitation(*row) for row in rows]


def known_queues(session: Session, queue_ids: Sequence[int]) -> Sequence[int]:
    """Those of them that there are, and are not closed."""
    known = select(Queue.id).where(Queue.id.in_(queue_ids), Queue.state != QueueState.CLOSED)
    return session.scalars(known.order_by(Queue.id)).all()


def known_groups(session: Session, group_ids: Sequence[int]) -> Sequence[int]:
    """Those of them that there are."""
    known = select(PersonGroup.id).where(PersonGroup.id.in_(group_ids)).order_by(PersonGroup.id)
    return session.scalars(known).all()
