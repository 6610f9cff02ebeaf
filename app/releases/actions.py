"""What becomes of a release: asked for, being made, done, failed or cancelled."""

from datetime import date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict, NotFound
from app.i18n import gettext as _
from app.projects.models import Project
from app.releases.files.staging import Staging
from app.releases.filters import NO_FILTERS, ReleaseFilters
from app.releases.manifest import Manifest, manifest_json
from app.releases.models import Release, ReleaseState
from app.releases.queries import release_of
from app.settings import settings

MOVING = (ReleaseState.WAITING, ReleaseState.RUNNING)
GIVEN_UP = (ReleaseState.FAILED, ReleaseState.CANCELLED)
NOT_DONE = (*MOVING, ReleaseState.FAILED)


class ReleaseCancelled(Conflict):
    """It is not to be made any more."""


def request_release(
    session: Session, project_id: int, night: date | None = None, filters: ReleaseFilters = NO_FILTERS
) -> Release:
    """A waiting release with the project's next number; a night's second request gives its first release.

    Raises NotFound.
    """
    # The lock on the project makes numbers follow one another; it does not wait for imports.
    project = select(Project.id).where(Project.id == project_id).with_for_update(key_share=True)
    if session.scalar(project) is None:
        raise NotFound(_("There is no such project."))
    if night is not None:
        of_night = select(Release).where(Release.project_id == project_id, Release.night == night)
        made = session.scalar(of_night)
        if made is not None:
            return made
    last = session.scalar(select(func.max(Release.number)).where(Release.project_id == project_id)) or 0
    release = Release(
        project_id=project_id,
        number=last + 1,
        night=night,
        filters=filters.told(),
        state=ReleaseState.WAITING,
    )
    session.add(release)
    session.flush()
    after = {"number": release.number, **release.filters}
    record(session, Action.CREATED, "release", project_id=project_id, after=after)
    return release


def claim_release(session: Session, release_id: int) -> bool:
    """Whether this transaction may write the release: it is not done nor cancelled, and nobody is at it.

    The lock lasts as long as the transaction, so a worker that dies gives it back.
    """
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"release {release_id}", 0))
    is_ours = bool(session.scalar(select(lock)))
    return is_ours and release_of(session, release_id).state in NOT_DONE


def start_release(session: Session, release_id: int) -> None:
    """Shown on the page while the files are written."""
    values = {"state": ReleaseState.RUNNING, "error": None, "n_items": None, "n_items_done": 0}
    change(session, release_id, NOT_DONE, values)


def note_plan(session: Session, release_id: int, n_items: int, n_items_done: int) -> None:
    values = {"n_items": n_items, "n_items_done": n_items_done, "planned_at": now()}
    change(session, release_id, MOVING, values)


def note_progress(session: Session, release_id: int, n_items: int) -> None:
    """`n_items`: that have been read since the last time. Raises ReleaseCancelled."""
    if not change(session, release_id, MOVING, {"n_items_done": Release.n_items_done + n_items}):
        raise ReleaseCancelled(_("This release was cancelled."))


def finish_release(session: Session, release_id: int, manifest: Manifest) -> None:
    """Raises ReleaseCancelled."""
    values = {"state": ReleaseState.DONE, "error": None, "manifest": as_json(manifest), "finished_at": now()}
    if not change(session, release_id, MOVING, values):
        raise ReleaseCancelled(_("This release was cancelled."))


def fail_release(session: Session, release_id: int, error: str) -> None:
    values = {"state": ReleaseState.FAILED, "error": error, "finished_at": now()}
    change(session, release_id, MOVING, values)


def cancel_release(session: Session, release_id: int) -> None:
    """Whoever writes it notices, and leaves nothing. Does nothing to one that has ended. Raises NotFound."""
    release = release_of(session, release_id)
    if change(session, release_id, MOVING, {"state": ReleaseState.CANCELLED, "finished_at": now()}):
        note_change(session, release, ReleaseState.CANCELLED)


def retry_release(session: Session, release_id: int) -> bool:
    """Whether it waits again: it had failed, or was cancelled; a nightly one with the filters that hold now.

    Raises NotFound.
    """
    release = release_of(session, release_id)
    values: dict[str, Any] = {"state": ReleaseState.WAITING, "error": None, "finished_at": None}
    if release.night is not None:
        # It may have failed for the filters that it had.
        values["filters"] = release.project.nightly_filters
    is_waiting = change(session, release_id, GIVEN_UP, values)
    if is_waiting:
        note_change(session, release, ReleaseState.WAITING)
    return is_waiting


def note_change(session: Session, release: Release, state: ReleaseState) -> None:
    after = {"number": release.number, "state": state}
    record(session, Action.CHANGED, "release", project_id=release.project_id, after=after)


def change(
    session: Session, release_id: int, states: tuple[ReleaseState, ...], values: dict[str, Any]
) -> bool:
    """Whether it was in one of `states`, and has these values now."""
    changed = update(Release).where(Release.id == release_id, Release.state.in_(states)).values(values)
    return session.scalar(changed.returning(Release.id)) is not None


def project_folder(project_id: int) -> Path:
    """Of a project's releases."""
    return settings().home / "releases" / str(project_id)


def release_folder(release: Release) -> Path:
    return project_folder(release.project_id) / str(release.number)


def staging_of(release: Release) -> Staging:
    folder = release_folder(release)
    return Staging(folder.with_name(f".{folder.name}"))


def files_of(release: Release) -> dict[str, int]:
    """Bytes by path below the release's folder, in order."""
    folder = release_folder(release)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}


def as_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as its file has it."""
    content: dict[str, Any] = orjson.loads(manifest_json(manifest))
    return content
