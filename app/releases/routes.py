"""The admin's pages of releases, and their downloads."""

from collections.abc import Mapping
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
from app.projects.models import Project
from app.projects.queries import project_of, taxonomy_of
from app.queues.queries import queues_of_project
from app.releases.actions import cancel_release, files_of, release_folder, retry_release
from app.releases.asking import (
    filter_mistakes,
    request_filtered_release,
    set_nightly_filters,
    told_filters,
    with_queue_names,
)
from app.releases.files.archive import zipped
from app.releases.filters import NO_FILTERS, ReleaseFilters, filter_sentences
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
    project = project_of(session, project_id)
    told = with_queue_names(session, project_id, project.nightly_filters)
    return render(
        request,
        "releases/releases.html",
        project=project,
        releases=releases_of_project(session, project_id),
        nightly_filters=list(filter_sentences(told)),
        mistakes=filter_mistakes(session, project, ReleaseFilters.model_validate(project.nightly_filters)),
    )


@router.get("/projects/{project_id}/releases/new")
def new_release_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return filters_page(request, session, project_of(session, project_id), "releases/new.html", {}, {})


@router.post("/projects/{project_id}/releases")
def submit_release(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    project = project_of(session, project_id)
    filters, errors = filters_posted(session, project, posted)
    if errors:
        return filters_page(request, session, project, "releases/new.html", posted, errors, status=422)
    release = request_filtered_release(session, project_id, filters)
    after_commit(session, partial(send, write, release.id))
    return RedirectResponse(f"/admin/releases/{release.id}", status_code=303)


@router.get("/projects/{project_id}/releases/nightly")
def nightly_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    """With what is wrong now, where the filters can't be used any more."""
    project = project_of(session, project_id)
    filters = ReleaseFilters.model_validate(project.nightly_filters)
    mistakes = filter_mistakes(session, project, filters)
    return filters_page(request, session, project, "releases/nightly.html", filters.told(), mistakes)


@router.post("/projects/{project_id}/releases/nightly")
def submit_nightly(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    project = project_of(session, project_id)
    filters, errors = filters_posted(session, project, posted)
    if errors:
        return filters_page(request, session, project, "releases/nightly.html", posted, errors, status=422)
    set_nightly_filters(session, project, filters)
    return RedirectResponse(f"/admin/projects/{project_id}/releases", status_code=303)


def filters_posted(
    session: Session, project: Project, posted: Mapping[str, Any]
) -> tuple[ReleaseFilters, dict[str, str]]:
    """And a sentence by field of what is wrong; empty: the project can make such a release."""
    try:
        names = taxonomy_of(session, project.id).category_names
        filters = ReleaseFilters.model_validate(posted, context=names)
    except ValidationError as invalid:
        return NO_FILTERS, messages(invalid)
    return filters, filter_mistakes(session, project, filters)


def filters_page(
    request: Request,
    session: Session,
    project: Project,
    page: str,
    shown: Mapping[str, Any],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    """`shown`: filters as they were posted, or as they are stored."""
    ticked = {name: ticked_of(shown, name) for name in ("queues", "severities", "categories")}
    return render(
        request,
        page,
        status=status,
        project=project,
        queues=queues_of_project(session, project.id),
        category_names=taxonomy_of(session, project.id).category_names,
        n_consenting=publication_counts(session, project.id).n_yes,
        posted={**shown, **ticked},
        errors=errors,
    )


def ticked_of(shown: Mapping[str, Any], name: str) -> list[str]:
    """A form with one box ticked sends one value; what is stored may be numbers."""
    value = shown.get(name, [])
    return [str(each) for each in (value if isinstance(value, list) else [value])]


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
