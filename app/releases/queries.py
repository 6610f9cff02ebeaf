"""The releases there are."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer, joinedload

from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _
from app.releases.models import Release, ReleaseState


def release_of(session: Session, release_id: int) -> Release:
    """With its project. Raises NotFound."""
    release = session.scalar(
        select(Release).where(Release.id == release_id).options(joinedload(Release.project))
    )
    if release is None:
        raise NotFound(_("There is no such release."))
    return release


def releases_of_project(session: Session, project_id: int) -> Sequence[Release]:
    """Newest first, without their manifests."""
    return session.scalars(of_project(project_id)).all()


def newest_release(session: Session, project_id: int) -> Release | None:
    """Without its manifest."""
    return session.scalar(of_project(project_id).limit(1))


def of_project(project_id: int) -> Select[Release]:
    """A manifest is long, and a list has many."""
    return (
        select(Release)
        .where(Release.project_id == project_id)
        .order_by(Release.number.desc())
        .options(defer(Release.manifest, raiseload=True))
    )


def ids_not_ended(session: Session) -> Sequence[int]:
    """Of releases that wait or are written for a minute or more."""
    return session.scalars(
        select(Release.id).where(
            Release.state.in_((ReleaseState.WAITING, ReleaseState.RUNNING)),
            Release.created_at < now() - timedelta(minutes=1),
        )
    ).all()
