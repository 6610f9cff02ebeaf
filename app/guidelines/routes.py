"""Guidelines: the annotator reads them beside the task, the admin publishes them."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin, CurrentAnnotator
from app.accounts.models import User
from app.errors import Forbidden, Refused
from app.guidelines.actions import (
    GuidelineMovedOn,
    GuidelineUnchanged,
    note_guideline_read,
    note_taxonomy_read,
    publish_guideline,
)
from app.guidelines.forms import LAST_VERSION, NewGuideline, Reading
from app.guidelines.queries import (
    guideline_of,
    newest_guideline,
    newest_version,
    version_read,
    versions_of_project,
)
from app.i18n import gettext as _
from app.projects.models import Project
from app.projects.queries import project_of, taxonomy_of
from app.projects.taxonomy import SEVERITY_LEVELS
from app.queues.queries import works_in_project
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render, wants_fragment

router = APIRouter()


@router.get("/annotate/projects/{project_id}/guidelines")
def read_page(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, project_id: int
) -> Response:
    """All that annotators go by: the guidelines and the taxonomy."""
    project = project_i_work_in(session, annotator, project_id)
    taxonomy = taxonomy_of(session, project_id)
    return render(
        request,
        "guidelines/read.html",
        fragment="guidelines",
        project=project,
        guideline=newest_guideline(session, project_id),
        version_read=version_read(session, annotator.id, project_id),
        categories=taxonomy.offered,
        severity_levels=SEVERITY_LEVELS,
        rules=taxonomy.rules,
    )


@router.post("/annotate/projects/{project_id}/guidelines/read")
def submit_reading(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, project_id: int, posted: Posted
) -> Response:
    project_i_work_in(session, annotator, project_id)
    try:
        reading = Reading.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Say which version of the guidelines you have read.")) from invalid
    note_guideline_read(session, annotator.id, project_id, reading.version)
    if wants_fragment(request):
        return render(request, "guidelines/_noted.html", version=reading.version)
    at_work = f"/annotate/queues/{reading.queue_id}"
    path = at_work if reading.queue_id else f"/annotate/projects/{project_id}/guidelines"
    return RedirectResponse(path, status_code=303)


@router.post("/annotate/projects/{project_id}/taxonomy/read")
def submit_taxonomy_reading(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, project_id: int, posted: Posted
) -> Response:
    project_i_work_in(session, annotator, project_id)
    try:
        reading = Reading.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Say which version of the taxonomy you know.")) from invalid
    note_taxonomy_read(session, annotator.id, project_id, reading.version)
    if wants_fragment(request):
        return render(request, "guidelines/_taxonomy_noted.html")
    at_work = f"/annotate/queues/{reading.queue_id}"
    path = at_work if reading.queue_id else f"/annotate/projects/{project_id}/guidelines"
    return RedirectResponse(path, status_code=303)


@router.get("/admin/projects/{project_id}/guidelines")
def guidelines_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return guidelines(request, session, project_id)


@router.get("/admin/projects/{project_id}/guidelines/{version}")
def version_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, version: int
) -> Response:
    project = project_of(session, project_id)
    guideline = guideline_of(session, project_id, min(version, LAST_VERSION))
    return render(request, "guidelines/version.html", project=project, guideline=guideline)


@router.post("/admin/projects/{project_id}/guidelines")
def submit_guideline(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    project_of(session, project_id)
    try:
        publish_guideline(session, project_id, admin.id, NewGuideline.model_validate(posted))
    except ValidationError as invalid:
        return guidelines(request, session, project_id, status=422, errors=messages(invalid), posted=posted)
    except GuidelineUnchanged as same:
        errors = {"text": same.message}
        return guidelines(request, session, project_id, status=422, errors=errors, posted=posted)
    except GuidelineMovedOn as moved_on:
        posted["based_on"] = newest_version(session, project_id)
        errors = {"form": moved_on.message}
        return guidelines(request, session, project_id, status=409, errors=errors, posted=posted)
    return RedirectResponse(f"/admin/projects/{project_id}/guidelines", status_code=303)


@router.post("/admin/projects/{project_id}/guidelines/preview")
def preview(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    """What was typed, as annotators would see it; nothing is stored."""
    try:
        new = NewGuideline.model_validate(posted)
    except ValidationError as invalid:
        return guidelines(request, session, project_id, status=422, errors=messages(invalid), posted=posted)
    return guidelines(request, session, project_id, posted=posted, preview=new)


def guidelines(
    request: Request,
    session: Session,
    project_id: int,
    *,
    status: int = 200,
    preview: NewGuideline | None = None,
    **form: Any,
) -> Response:
    return render(
        request,
        "guidelines/guidelines.html",
        fragment="editor",
        status=status,
        project=project_of(session, project_id),
        guideline=newest_guideline(session, project_id),
        versions=versions_of_project(session, project_id),
        preview=preview,
        **form,
    )


def project_i_work_in(session: Session, annotator: User, project_id: int) -> Project:
    """Raises NotFound, or Forbidden for someone who is in none of its queues."""
    project = project_of(session, project_id)
    if not works_in_project(session, project_id, annotator.id):
        raise Forbidden(_("You are in no queue of this project. An admin can add you."))
    return project
