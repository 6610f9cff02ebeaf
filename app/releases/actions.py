"""Making a release of a project."""

from datetime import UTC, date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import __version__
from app.adjudication.answers import ADJUDICATION_RULE
from app.agreement.actions import compute_agreement
from app.agreement.report.content import without_people
from app.agreement.report.reading import report_from
from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _
from app.projects.models import Project
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.queries import queues_of_project
from app.releases.consensus import rules_of, safety_consensus
from app.releases.judged import judged_items
from app.releases.manifest import Manifest, QueueAgreement, ReleaseFacts, manifest_json
from app.releases.models import Release, ReleaseState
from app.releases.pseudonyms import salt_of
from app.releases.queries import prompts, qa_pairs, release_of, response_pairs
from app.releases.writer import write_release, zip_release
from app.settings import settings


def request_release(session: Session, project_id: int, night: date | None = None) -> Release:
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
    release = Release(project_id=project_id, number=last + 1, night=night, state=ReleaseState.WAITING)
    session.add(release)
    session.flush()
    after = {"number": release.number}
    record(session, Action.CREATED, "release", project_id=project_id, after=after)
    return release


def claim_release(session: Session, release_id: int) -> bool:
    """Whether this transaction may write the release: it is not done, and nobody else is at it.

    The lock lasts as long as the transaction, so a worker that dies gives it back.
    """
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"release {release_id}", 0))
    return bool(session.scalar(select(lock))) and release_of(session, release_id).state != ReleaseState.DONE


def start_release(session: Session, release_id: int) -> None:
    """Shown on the page while the files are written."""
    session.execute(
        update(Release)
        .where(Release.id == release_id, Release.state != ReleaseState.DONE)
        .values(state=ReleaseState.RUNNING, error=None)
    )


def make_release(session: Session, release_id: int) -> Release:
    """Write the release's files and its archive, then mark it done. Made again, it replaces both.

    Call it in a snapshot, so that labels, texts and agreement are of one moment.
    """
    release = release_of(session, release_id)
    project = release.project
    consensus = safety_consensus(session, project)
    salt = salt_of(settings().secret_key.get_secret_value(), release.id)
    folder = release_folder(release)
    manifest = write_release(
        folder,
        facts_of(session, release),
        qa_pairs(session, project.id, consensus),
        response_pairs(session, project, consensus),
        prompts(session, project.id),
        judged_items(session, project.id, salt),
    )
    zip_release(folder, archive_of(release))
    release.manifest = as_json(manifest)
    release.state = ReleaseState.DONE
    release.error = None
    release.finished_at = now()
    return release


def fail_release(session: Session, release_id: int, error: str) -> None:
    session.execute(
        update(Release)
        .where(Release.id == release_id, Release.state != ReleaseState.DONE)
        .values(state=ReleaseState.FAILED, error=error, finished_at=now())
    )


def facts_of(session: Session, release: Release) -> ReleaseFacts:
    agreement = [
        QueueAgreement(queue.name, without_people(report_from(compute_agreement(session, queue.id).content)))
        for queue in queues_of_project(session, release.project_id)
    ]
    return ReleaseFacts(
        project=release.project.name,
        number=release.number,
        as_of=session.scalars(select(func.now())).one().astimezone(UTC).isoformat(timespec="seconds"),
        code_version=__version__,
        taxonomy_version=release.project.taxonomy_version,
        category_names=CATEGORY_NAMES,
        consensus_rules=(*rules_of(release.project), ADJUDICATION_RULE),
        agreement=tuple(agreement),
    )


def release_folder(release: Release) -> Path:
    return settings().home / "releases" / str(release.project_id) / str(release.number)


def archive_of(release: Release) -> Path:
    return release_folder(release).with_suffix(".zip")


def files_of(release: Release) -> dict[str, int]:
    """Bytes by path below the release's folder, in order."""
    folder = release_folder(release)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}


def as_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as its file has it."""
    content: dict[str, Any] = orjson.loads(manifest_json(manifest))
    return content
