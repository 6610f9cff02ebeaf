"""Which releases can be compared."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.projects.models import Project
from app.releases.models import Release, ReleaseState


class Comparable(NamedTuple):
    """A release that is done."""

    id: int
    number: int
    created_at: datetime


def release_numbered(session: Session, project: Project, number: int) -> Release:
    """Raises NotFound for one that is not there, or not done."""
    release = session.scalar(
        select(Release).where(
            Release.project_id == project.id, Release.number == number, Release.state == ReleaseState.DONE
        )
    )
    if release is None:
        raise NotFound(f"{project.name} has no finished release {number}.")
    return release


def comparable_with(session: Session, release: Release) -> Sequence[Comparable]:
    """The project's other finished releases, newest first."""
    rows = session.execute(
        select(Release.id, Release.number, Release.created_at)
        .where(
            Release.project_id == release.project_id,
            Release.id != release.id,
            Release.state == ReleaseState.DONE,
        )
        .order_by(Release.number.desc())
    )
    return [Comparable(*row) for row in rows]
