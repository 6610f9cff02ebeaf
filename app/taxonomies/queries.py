"""Reads about a project's taxonomy and its versions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.errors import NotFound
from app.i18n import gettext as _
from app.projects.models import TaxonomyVersion
from app.projects.queries import taxonomy_with
from app.projects.taxonomy import Taxonomy
from app.taxonomies.changes import TOUCHING, changes_between


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """`author`: None of the one that came with the project."""

    number: int
    name: str
    note: str
    author: str | None
    created_at: datetime


def newest_number(session: Session, project_id: int) -> int:
    return session.scalars(
        select(TaxonomyVersion.number)
        .where(TaxonomyVersion.project_id == project_id)
        .order_by(TaxonomyVersion.number.desc())
        .limit(1)
    ).one()


def versions_of_taxonomy(session: Session, project_id: int) -> list[KnownVersion]:
    """The newest first."""
    rows = session.execute(
        select(
            TaxonomyVersion.number,
            TaxonomyVersion.content["version"].astext,
            TaxonomyVersion.note,
            User.username,
            TaxonomyVersion.created_at,
        )
        .outerjoin(User, User.id == TaxonomyVersion.author_id)
        .where(TaxonomyVersion.project_id == project_id)
        .order_by(TaxonomyVersion.number.desc())
    )
    return [KnownVersion(*row) for row in rows]


def taxonomy_numbered(session: Session, project_id: int, number: int) -> Taxonomy:
    """Raises NotFound."""
    key = session.scalar(
        select(TaxonomyVersion.key).where(
            TaxonomyVersion.project_id == project_id, TaxonomyVersion.number == number
        )
    )
    if key is None:
        raise NotFound(_("There is no such version of the taxonomy."))
    return taxonomy_with(session, key)


def touched_by_newest(session: Session, project_id: int) -> list[str]:
    """Harm categories whose answers may be other ones since the newest version."""
    number = newest_number(session, project_id)
    before, newest = (taxonomy_numbered(session, project_id, n) for n in (max(number - 1, 1), number))
    found = changes_between(before, newest)
    return list(dict.fromkeys(change.category for change in found if change.kind in TOUCHING))
