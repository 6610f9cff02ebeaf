"""Publishing guidelines, and noting who has read them."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.errors import Conflict, NotFound, Refused
from app.guidelines.forms import NewGuideline
from app.guidelines.models import Guideline, GuidelineReading, TaxonomyReading
from app.guidelines.queries import newest_guideline, newest_version
from app.i18n import gettext as _
from app.projects.models import TaxonomyVersion


class GuidelineMovedOn(Conflict):
    pass


class GuidelineUnchanged(Refused):
    pass


def publish_guideline(session: Session, project_id: int, author_id: int, new: NewGuideline) -> None:
    """The version after the one it is based on; sent again it is published once.

    Raises GuidelineMovedOn where someone else published meanwhile: two can't make the same version; and
    GuidelineUnchanged, since all annotators would be asked to read again what they have read.
    """
    newest = newest_guideline(session, project_id)
    if new.based_on == (newest.version if newest else 0):
        if newest is not None and newest.text == new.text:
            sentence = _("The text is that of version %(n)s. Change it, then publish.")
            raise GuidelineUnchanged(sentence % {"n": newest.version})
        if add_version(session, project_id, author_id, new):
            return
    if not is_newest(session, project_id, new):
        raise GuidelineMovedOn(
            _(
                "Someone published another version meanwhile. Yours is not published yet: bring the two"
                " together, then publish."
            )
        )


def add_version(session: Session, project_id: int, author_id: int, new: NewGuideline) -> bool:
    """False where another has this number already."""
    added = session.scalar(
        insert(Guideline)
        .values(
            project_id=project_id,
            version=new.based_on + 1,
            text=new.text,
            changes=new.changes,
            author_id=author_id,
        )
        .on_conflict_do_nothing()
        .returning(Guideline.version)
    )
    if added is not None:
        after = {"version": added, "changes": new.changes}
        record(session, Action.CREATED, "guidelines", project_id=project_id, after=after)
    return added is not None


def is_newest(session: Session, project_id: int, new: NewGuideline) -> bool:
    """Was it published just now?"""
    found = newest_guideline(session, project_id)
    return found is not None and (found.version, found.text, found.changes) == (
        new.based_on + 1,
        new.text,
        new.changes,
    )


def note_guideline_read(session: Session, user_id: int, project_id: int, version: int) -> None:
    """An older version than the one they know changes nothing. Raises NotFound for one not published."""
    newest = newest_version(session, project_id)
    if newest is None or version > newest:
        raise NotFound(_("There is no such version of the guidelines."))
    reading = insert(GuidelineReading).values(user_id=user_id, project_id=project_id, version=version)
    session.execute(
        reading.on_conflict_do_update(
            index_elements=["user_id", "project_id"],
            set_={"version": reading.excluded.version, "read_at": func.now()},
            where=GuidelineReading.version < reading.excluded.version,
        )
    )


def note_taxonomy_read(session: Session, user_id: int, project_id: int, number: int) -> None:
    """An older version than the one they know changes nothing. Raises NotFound for one that there is not."""
    newest = select(func.max(TaxonomyVersion.number)).where(TaxonomyVersion.project_id == project_id)
    if number > session.scalars(newest).one():
        raise NotFound(_("There is no such version of the taxonomy."))
    reading = insert(TaxonomyReading).values(user_id=user_id, project_id=project_id, number=number)
    session.execute(
        reading.on_conflict_do_update(
            index_elements=["user_id", "project_id"],
            set_={"number": reading.excluded.number, "read_at": func.now()},
            where=TaxonomyReading.number < reading.excluded.number,
        )
    )
