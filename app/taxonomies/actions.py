"""Publishing another version of a project's taxonomy."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.errors import Conflict, Refused
from app.i18n import gettext as _
from app.projects.models import TaxonomyVersion
from app.projects.taxonomy import Taxonomy, as_stored
from app.taxonomies.changes import changes_between
from app.taxonomies.forms import TypedVersion
from app.taxonomies.queries import newest_number, taxonomy_numbered


class TaxonomyMovedOn(Conflict):
    pass


class NothingChanged(Refused):
    pass


def publish_taxonomy(
    session: Session, project_id: int, author_id: int, taxonomy: Taxonomy, typed: TypedVersion
) -> None:
    """The version after the one it is based on; sent again it is published once.

    Raises TaxonomyMovedOn where someone else published meanwhile, and NothingChanged.
    """
    newest = newest_number(session, project_id)
    if newest == typed.based_on and add_version(session, project_id, author_id, taxonomy, typed):
        return
    made = newest_number(session, project_id)
    if made != typed.based_on + 1 or changes_between(taxonomy_numbered(session, project_id, made), taxonomy):
        raise TaxonomyMovedOn(
            _(
                "Someone published another version meanwhile. Yours is not published yet: look at what they"
                " changed, then publish."
            )
        )


def add_version(
    session: Session, project_id: int, author_id: int, taxonomy: Taxonomy, typed: TypedVersion
) -> bool:
    """False where another has this number already."""
    found = changes_between(taxonomy_numbered(session, project_id, typed.based_on), taxonomy)
    if not found:
        raise NothingChanged(_("Nothing was changed."))
    added = session.scalar(
        insert(TaxonomyVersion)
        .values(
            project_id=project_id,
            number=typed.based_on + 1,
            content=as_stored(taxonomy),
            note=typed.note,
            author_id=author_id,
        )
        .on_conflict_do_nothing(index_elements=["project_id", "number"])
        .returning(TaxonomyVersion.number)
    )
    if added is not None:
        told = [f"{change.kind}: {change.category}" if change.category else change.kind for change in found]
        after = {"version": taxonomy.version, "changes": told}
        record(session, Action.CREATED, "taxonomy", project_id=project_id, reason=typed.note, after=after)
    return added is not None
