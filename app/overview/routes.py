"""One project at a glance."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.deps import CurrentAdmin
from app.agreement.page.kept_reports import live_figures
from app.comments.queries import n_unanswered_threads
from app.items.queries import n_items_by_kind
from app.projects.queries import project_of
from app.queues.queries import progress_by_queue, queues_of_project
from app.web.deps import SessionDep
from app.web.templates import render

router = APIRouter(prefix="/admin/projects/{project_id}")


@router.get("")
def overview_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return render(
        request,
        "overview/overview.html",
        project=project_of(session, project_id),
        n_items=n_items_by_kind(session, project_id),
        n_queues=len(queues_of_project(session, project_id)),
        n_unanswered=n_unanswered_threads(session, project_id),
    )


@router.get("/queues")
def queues_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    queues = queues_of_project(session, project_id)
    queue_ids = [queue.id for queue in queues]
    return render(
        request,
        "overview/queues.html",
        project=project_of(session, project_id),
        queues=queues,
        progress=progress_by_queue(session, queue_ids),
        live=live_figures(session, queue_ids),
    )
