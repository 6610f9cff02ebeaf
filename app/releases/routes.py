"""The admin's pages of releases, and their downloads."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.audit.actions import record
from app.audit.models import Action
from app.db import after_commit, now
from app.errors import NotFound
from app.i18n import gettext as _
from app.projects.forms import as_list
from app.projects.models import Project
from app.projects.queries import project_of, taxonomy_of
from app.queues.queries import queues_of_project
from app.releases.actions import cancel_release, files_of, release_folder, retry_release
from app.releases.asking import filter_mistakes, request_filtered_release, told_filters
from app.releases.files.archive import zipped
from app.releases.filters import ReleaseFilters, filter_sentences
from app.releases.jobs import write
from app.releases.models import Release, ReleaseState
from app.releases.queries import release_of, releases_of_project
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render
from app.withdrawals.queries import publication_counts
from app.worker import send

router = APIRouter(prefix="/admin")


@router.get("/projects/{project_id}/releases")
def releases_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return render(
        request,
        "releases/releases.html",
        project=project_of(session, project_id),
        releases=releases_of_project(session, project_id),
    )


@router.get("/projects/{project_id}/releases/new")
def new_release_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return new_release(request, session, project_of(session, project_id), {}, {})


@router.post("/projects/{project_id}/releases")
def submit_release(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    project = project_of(session, project_id)
    try:
        names = taxonomy_of(session, project_id).category_names
        filters = ReleaseFilters.model_validate(posted, context=names)
    except ValidationError as invalid:
        return new_release(request, session, project, posted, messages(invalid))
    mistakes = filter_mistakes(session, project, filters)
    if mistakes:
        return new_release(request, session, project, posted, mistakes)
    release = request_filtered_release(session, project_id, filters)
    after_commit(session, partial(send, write, release.id))
    return RedirectResponse(f"/admin/releases/{release.id}", status_code=303)


def new_release(
    request: Request, session: Session, project: Project, posted: dict[str, Any], errors: dict[str, str]
) -> Response:
    ticked = {name: as_list(posted.get(name, [])) for name in ("queues", "severities", "categories")}
    return render(
        request,
        "releases/new.html",
        status=422 if errors else 200,
        project=project,
        queues=queues_of_project(session, project.id),
        category_names=taxonomy_of(session, project.id).category_names,
        n_consenting=publication_counts(session, project.id).n_yes,
        posted=posted | ticked,
        errors=errors,
    )


@router.get("/releases/{release_id}")
def release_page(request: Request, session: SessionDep, admin: CurrentAdmin, release_id: int) -> Response:
    release = release_of(session, release_id)
    return render(
        request,
        "releases/release.html",
        fragment="release",
        release=release,
        filters=list(filter_sentences(told_filters(session, release))),
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
