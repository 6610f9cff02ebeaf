"""The admin's pages over everything: all projects, and one project."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from app.accounts.deps import CurrentAdmin
from app.comments.queries import n_unanswered_threads
from app.items.queries import imports_of_project, n_items_by_kind
from app.projects.actions import ProjectNameTaken, create_project
from app.projects.forms import NewProject
from app.projects.queries import all_projects, project_of
from app.queues.queries import progress_by_queue, queues_of_project
from app.releases.queries import releases_of_project
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin")


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
