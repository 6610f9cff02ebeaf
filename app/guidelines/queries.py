"""Reads about guidelines."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.errors import NotFound
from app.guidelines.models import Guideline, GuidelineReading
from app.i18n import gettext as _
from app.projects.models import TaxonomyVersion


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    version: int
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """`text`: Markdown of the guidelines, plain of the taxonomy."""

    version: int
    text: str


def newest_version(session: Session, project_id: int) -> int | None:
    return session.scalar(select(func.max(Guideline.version)).where(Guideline.project_id == project_id))


def newest_guideline(session: Session, project_id: int) -> Guideline | None:
    return session.scalar(
        select(Guideline)
        .where(Guideline.project_id == project_id)
        .order_by(Guideline.version.desc())
        .limit(1)
    )


def guideline_of(session: Session, project_id: int, version: int) -> Guideline:
    """Raises NotFound."""
    found = select(Guideline).where(Guideline.project_id == project_id, Guideline.version == version)
    guideline = session.scalar(found)
    if guideline is None:
        raise NotFound(_("There is no such version of the guidelines."))
    return guideline


def versions_of_project(session: Session, project_id: int) -> list[PublishedVersion]:
    """The newest first, without their texts."""
    rows = session.execute(
        select(Guideline.version, User.username, Guideline.created_at)
        .join(User, User.id == Guideline.author_id)
        .where(Guideline.project_id == project_id)
        .order_by(Guideline.version.desc())
    )
    return [PublishedVersion(*row) for row in rows]


def version_read(session: Session, user_id: int, project_id: int) -> int | None:
    """The newest that this person has said they know."""
    return session.scalar(
        select(GuidelineReading.version).where(
            GuidelineReading.user_id == user_id, GuidelineReading.project_id == project_id
        )
    )


def changes_unread(session: Session, project_id: int, newest: int | None, read: int | None) -> list[Change]:
    """What changed since the version that was read, the oldest first. Nothing where none was ever read: all
    is new then. Asks the database only where there is something."""
    if newest is None or read is None or newest <= read:
        return []
    rows = session.execute(
        select(Guideline.version, Guideline.changes)
        .where(Guideline.project_id == project_id, Guideline.version > read)
        .order_by(Guideline.version)
    )
    return [Change(*row) for row in rows]


def taxonomy_changes_unread(session: Session, project_id: int, newest: int, read: int | None) -> list[Change]:
    """Why the harm categories changed since the version that was read, or since the first, the oldest first.
    Asks the database only where there is something."""
    if newest <= (read or 1):
        return []
    rows = session.execute(
        select(TaxonomyVersion.number, TaxonomyVersion.note)
        .where(TaxonomyVersion.project_id == project_id, TaxonomyVersion.number > (read or 1))
        .order_by(TaxonomyVersion.number)
    )
    return [Change(*row) for row in rows]
