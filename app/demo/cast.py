"""The people of the demo: those who are made up, and those who may try for themselves."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actions import hash_of_no_password
from app.accounts.models import Role, User
from app.demo.models import DemoPerson
from app.demo.people import ADJUDICATORS, ANNOTATORS
from app.errors import Conflict
from app.i18n import gettext as _

# Made at the first start.
WHO_SIGN_IN = (Role.ANNOTATOR, Role.ADJUDICATOR)


class NameOfSomebody(Conflict):
    """Somebody who is not of the demo has a name that it needs."""


def add_people(session: Session) -> dict[str, int]:
    """Their ids by name; accounts that a removed demo had to leave are used again. Raises NameOfSomebody."""
    roles = {who.name: Role.ANNOTATOR for who in ANNOTATORS} | dict.fromkeys(ADJUDICATORS, Role.ADJUDICATOR)
    ours = select(DemoPerson.user_id)
    taken = select(User.username).where(User.username.in_(roles), User.id.not_in(ours))
    if name := session.scalars(taken.limit(1)).first():
        raise NameOfSomebody(_("The demo needs the user name %(name)s, which somebody has.") % {"name": name})
    password_hash = hash_of_no_password()
    people = insert(User).values(
        [{"username": name, "role": role, "password_hash": password_hash} for name, role in roles.items()]
    )
    session.execute(
        people.on_conflict_do_update(
            index_elements=["username"], set_={"is_active": True, "password_hash": password_hash}
        )
    )
    rows = session.execute(select(User.username, User.id).where(User.username.in_(roles))).all()
    known = insert(DemoPerson).values([{"user_id": row.id} for row in rows])
    session.execute(known.on_conflict_do_nothing())
    return {row.username: row.id for row in rows}


def who_can_try(session: Session) -> Sequence[int]:
    """The sign-ins of the first start that can be members of a queue."""
    known = select(User.id).where(User.username.in_(WHO_SIGN_IN), User.role.in_(WHO_SIGN_IN), User.is_active)
    return session.scalars(known.order_by(User.id)).all()
