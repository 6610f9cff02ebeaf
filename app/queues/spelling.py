"""Qualifications are names without a table of their own: where one is typed, it is to be as it was before."""

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from app.accounts.models import Qualification
from app.errors import Refused
from app.i18n import gettext as _
from app.queues.models import Queue


class OtherSpelling(Refused):
    """`field`: of the form, that has the name; `known`: how it is written elsewhere."""

    def __init__(self, field: str, known: str) -> None:
        super().__init__(_("It is written “%(name)s” elsewhere: use the same letters.") % {"name": known})
        self.field = field


def refuse_other_spellings(session: Session, **typed: str | None) -> None:
    """`typed`: names by field. Raises OtherSpelling for one that differs in letter case alone from what
    someone has or a queue names: who has the one would not have the other."""
    for field, name in typed.items():
        if name is not None:
            known = spellings_of(session, name)
            if known and name not in known:
                raise OtherSpelling(field, known[0])


def spellings_of(session: Session, name: str) -> list[str]:
    """Of those who have the qualification and of the queues that ask for it or grant it."""
    columns = (Qualification.name, Queue.qualification, Queue.grants)
    found = union(
        *[select(column.label("name")).where(func.lower(column) == func.lower(name)) for column in columns]
    ).subquery()
    return list(session.scalars(select(found.c.name).order_by(found.c.name)))
