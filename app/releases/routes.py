"""The admin's pages of releases, and their downloads."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.audit.actions import record
from app.audit.models import Action
from app.db import after_commit, now
from app.errors import NotFound
from app.i18n import gettext as _
from app.releases.actions import cancel_release, files_of, release_folder, request_release, retry_release
from app.releases.archive import zipped
from app.releases.jobs import write
from app.releases.models import Release, ReleaseState
from app.releases.queries import release_of
from app.web.deps import SessionDep
from app.web.templates import render
from app.worker import send

router = APIRouter(prefix="/admin")


@router.post("/projects/{project_id}/releases")
def submit_release(session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    release = request_release(session, project_id)
    after_commit(session, partial(send, write, release.id))
    return RedirectResponse(f"/admin/releases/{release.id}", status_code=303)


@router.get("/releases/{release_id}")
def release_page(request: Request, session: SessionDep, admin: CurrentAdmin, release_id: int) -> Response:
    release = release_of(session, release_id)
    return render(
        request,
        "releases/release.html",
        fragment="release",
        release=release,
        pace=release.pace(now()),
        files=files_of(release) if release.state == ReleaseState.DONE else {},
    )


@router.post("/releases/{release_id}/cancel")
def submit_cancel(session: SessionDep, admin: CurrentAdmin, release_id: int) -> Response:
    cancel_release(session, release_id)
    return RedirectResponse(f"/admin/releases/{release_id}", status_code=303)


@router.post("/releases/{release_id}/retry")
def submit_retry(session: SessionDep, admin: CurrentAdmin, release_id: int) -> Response:
    if retry_release(session, release_id):
        after_commit(session, partial(send, write, release_id))
    return RedirectResponse(f"/admin/releases/{release_id}", status_code=303)


@router.get("/releases/{release_id}/archive")
def download_archive(session: SessionDep, admin: CurrentAdmin, release_id: int) -> Response:
    """Notes in the audit log who has it."""
    release = release_of(session, release_id)
    if release.state != ReleaseState.DONE:
        raise NotFound(_("This release is not finished."))
    note_download(session, release, "all")
    return archive_response(release)


@router.get("/releases/{release_id}/files/{path:path}")
def download_file(session: SessionDep, admin: CurrentAdmin, release_id: int, path: str) -> Response:
    """Notes in the audit log who has it."""
    release = release_of(session, release_id)
    if release.state != ReleaseState.DONE or path not in files_of(release):
        raise NotFound(_("This release has no such file."))
    note_download(session, release, path)
    return FileResponse(release_folder(release) / path, filename=path.rpartition("/")[2])


def note_download(session: Session, release: Release, file: str) -> None:
    after = {"number": release.number, "file": file}
    record(session, Action.DOWNLOADED, "release", project_id=release.project_id, after=after)


def archive_response(release: Release) -> Response:
    """Made while it is sent, after the request's transaction."""
    name = f"evenhand-{release.project_id}-{release.number}.zip"
    return StreamingResponse(
        zipped(release_folder(release)),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
