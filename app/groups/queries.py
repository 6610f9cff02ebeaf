"""Which groups there are, and who is in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.errors import NotFound
from app.groups.models import GroupMember, PersonGroup
from app.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Counted:
    id: int
    name: str
    n_people: int


def all_groups(session: Session) -> list[Counted]:
    rows = session.execute(
        select(PersonGroup.id, PersonGroup.name, func.count(GroupMember.user_id))
        .outerjoin(GroupMember, GroupMember.group_id == PersonGroup.id)
        .group_by(PersonGroup.id)
        .order_by(PersonGroup.name)
    )
    return [Counted(*row) for row in rows]


def group_of(session: Session, group_id: int) -> PersonGroup:
    """Raises NotFound."""
    group = session.get(PersonGroup, group_id)
    if group is None:
        raise NotFound(_("There is no such group."))
    return group


def ids_in_group(session: Session, group_id: int) -> set[int]:
    return set(session.scalars(select(GroupMember.user_id).where(GroupMember.group_id == group_id)))


def people_for_group(session: Session, group_id: int) -> Sequence[User]:
    """Whoever is in it or could be: everyone who may sign in, by name."""
    is_in = select(GroupMember.user_id).where(
        GroupMember.group_id == group_id, GroupMember.user_id == User.id
    )
    return session.scalars(select(User).where(User.is_active | is_in.exists()).order_by(User.username)).all()


def groups_of(session: Session, user_id: int) -> Sequence[PersonGroup]:
    return session.scalars(
        select(PersonGroup)
        .join(GroupMember, GroupMember.group_id == PersonGroup.id)
        .where(GroupMember.user_id == user_id)
        .order_by(PersonGroup.name)
    ).all()
