"""The admin's pages over everything: all projects, and one project."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from app.accounts.deps import CurrentAdmin
from app.assignments.clearance import apply_project_restrictions
from app.comments.queries import n_unanswered_threads
from app.console.queries import FEWEST_PEOPLE, distress_by_week, seen_by_day
from app.console.wellbeing import exposures, high_dose, last_days
from app.db import now
from app.items.queries import imports_of_project, n_items_by_kind
from app.projects.actions import ProjectNameTaken, change_project, create_project
from app.projects.forms import NewProject, ProjectSettings, project_settings_of
from app.projects.queries import all_projects, project_of
from app.projects.taxonomy import HARM_CATEGORIES
from app.queues.queries import progress_by_queue, queues_of_project
from app.releases.queries import releases_of_project
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin")

DAYS_SHOWN = 14


@router.get("")
def projects_page(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    return projects(request, session)


@router.post("/projects")
def submit_project(request: Request, session: SessionDep, admin: CurrentAdmin, posted: Posted) -> Response:
    try:
        project = create_project(session, NewProject.model_validate(posted).name)
    except ValidationError as invalid:
        return projects(request, session, status=422, errors=messages(invalid), posted=posted)
    except ProjectNameTaken as taken:
        return projects(request, session, status=422, errors={"name": taken.message}, posted=posted)
    return RedirectResponse(f"/admin/projects/{project.id}", status_code=303)


@router.get("/projects/{project_id}")
def project_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    queues = queues_of_project(session, project_id)
    return render(
        request,
        "console/project.html",
        project=project_of(session, project_id),
        n_items=n_items_by_kind(session, project_id),
        imports=imports_of_project(session, project_id),
        queues=queues,
        progress=progress_by_queue(session, [queue.id for queue in queues]),
        releases=releases_of_project(session, project_id),
        n_unanswered=n_unanswered_threads(session, project_id),
    )


@router.get("/projects/{project_id}/settings")
def settings_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return project_settings(request, session, project_id)


@router.post("/projects/{project_id}/settings")
def submit_settings(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    project_of(session, project_id)
    try:
        if change_project(session, project_id, ProjectSettings.model_validate(posted)):
            apply_project_restrictions(session, project_id)
    except ValidationError as invalid:
        return project_settings(request, session, project_id, errors=messages(invalid), posted=posted)
    return RedirectResponse(f"/admin/projects/{project_id}", status_code=303)


@router.get("/projects/{project_id}/wellbeing")
def wellbeing_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    days = last_days(now().date(), DAYS_SHOWN)
    seen = seen_by_day(session, project_id, days[0])
    people = exposures(seen, days)
    return render(
        request,
        "console/wellbeing.html",
        project=project_of(session, project_id),
        days=days,
        seen=seen,
        people=people,
        high_day=high_dose(each.dose for each in seen),
        high_total=high_dose(person.dose for person in people),
        distress=distress_by_week(session, project_id),
        fewest_people=FEWEST_PEOPLE,
    )


def project_settings(
    request: Request,
    session: SessionDep,
    project_id: int,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    project = project_of(session, project_id)
    return render(
        request,
        "console/settings.html",
        status=422 if errors else 200,
        project=project,
        values=project_settings_of(project) | ({"restricted": [], **posted} if posted else {}),
        categories=HARM_CATEGORIES,
        errors=errors or {},
    )


def projects(
    request: Request,
    session: SessionDep,
    *,
    status: int = 200,
    **form: Any,
) -> Response:
    return render(
        request,
        "console/projects.html",
        status=status,
        projects=all_projects(session),
        **form,
    )
