"""Making groups, and saying who is in them."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Conflict, Refused
from app.groups.models import GroupMember, PersonGroup
from app.groups.queries import ids_in_group
from app.i18n import gettext as _


class GroupNameTaken(Conflict):
    pass


def create_group(session: Session, name: str) -> int:
    """Its id. Raises GroupNameTaken."""
    made: int | None = session.scalar(
        insert(PersonGroup).values(name=name).on_conflict_do_nothing().returning(PersonGroup.id)
    )
    if made is None:
        raise name_taken(session, name)
    record(session, Action.CREATED, "group", after={"name": name})
    return made


def change_group(session: Session, group_id: int, name: str, user_ids: Iterable[int]) -> None:
    """It has this name, and exactly these people. Raises GroupNameTaken, or Refused for nobody we know."""
    wanted = set(user_ids)
    group = session.get_one(PersonGroup, group_id, with_for_update=True, populate_existing=True)
    if len(session.scalars(select(User.id).where(User.id.in_(wanted))).all()) < len(wanted):
        raise Refused(_("Choose the people from the list."))
    known, old_name = ids_in_group(session, group_id), group.name
    rename(session, group, name)
    session.execute(
        delete(GroupMember).where(GroupMember.group_id == group_id, GroupMember.user_id.not_in(wanted))
    )
    if wanted - known:
        rows = [{"group_id": group_id, "user_id": user_id} for user_id in sorted(wanted - known)]
        session.execute(insert(GroupMember), rows)
    if wanted != known or name != old_name:
        change = {"name": name, "joined": sorted(wanted - known), "left": sorted(known - wanted)}
        record(session, Action.CHANGED, "group", before={"name": old_name}, after=change)


def rename(session: Session, group: PersonGroup, name: str) -> None:
    """The index decides, also between two who give one name at the same moment. Raises GroupNameTaken."""
    try:
        with session.begin_nested():
            group.name = name
    except IntegrityError as clash:
        raise name_taken(session, name) from clash


def join_groups(session: Session, user_id: int, group_ids: Iterable[int]) -> None:
    """Someone is in these groups too."""
    for group_id in group_ids:
        session.execute(insert(GroupMember).values(group_id=group_id, user_id=user_id))
        record(session, Action.CHANGED, "group", after={"group": group_id, "joined": [user_id]})


def delete_group(session: Session, group_id: int) -> None:
    """Of its people nothing changes. Does nothing where there is no such group any more."""
    name = session.scalar(delete(PersonGroup).where(PersonGroup.id == group_id).returning(PersonGroup.name))
    if name is not None:
        record(session, Action.ENDED, "group", before={"name": name})


def name_taken(session: Session, name: str) -> GroupNameTaken:
    """Letter case makes no other name."""
    same = select(PersonGroup.name).where(func.lower(PersonGroup.name) == func.lower(name))
    taken = session.scalar(same) or name
    return GroupNameTaken(_("There is already a group named %(name)s.") % {"name": taken})
