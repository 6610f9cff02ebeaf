"""Asking for consent before the first item, and stopping for today."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from app.accounts.deps import CurrentAnnotator
from app.errors import Forbidden, NotFound, Refused
from app.i18n import gettext as _
from app.queues.models import Queue
from app.queues.queries import is_member, queue_of
from app.web.deps import Posted, SessionDep
from app.web.markdown import markdown
from app.web.templates import render
from app.wellbeing.actions import WarningChanged, give_consent, stop_work
from app.wellbeing.forms import Agreement
from app.wellbeing.models import warning_version
from app.wellbeing.queries import done_today, supports_of

router = APIRouter(prefix="/annotate")


@router.post("/projects/{project_id}/consent")
def submit_consent(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, project_id: int, posted: Posted
) -> Response:
    try:
        agreement = Agreement.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Open the queue again, and agree there.")) from invalid
    queue = queue_of(session, agreement.queue_id)
    if queue.project_id != project_id:
        raise NotFound(_("There is no such queue in this project."))
    if not is_member(session, queue.id, annotator.id):
        raise Forbidden(_("You are not a member of this queue. An admin can add you."))
    try:
        give_consent(session, annotator.id, queue.project, agreement.warning_version)
    except WarningChanged as changed:
        return consent_page(request, queue, changed.message)
    return RedirectResponse(f"/annotate/queues/{queue.id}", status_code=303)


@router.post("/stop")
def submit_stop(session: SessionDep, annotator: CurrentAnnotator) -> Response:
    stop_work(session, annotator.id)
    return RedirectResponse("/annotate/stopped", status_code=303)


@router.get("/stopped")
def stopped_page(request: Request, session: SessionDep, annotator: CurrentAnnotator) -> Response:
    return render(
        request,
        "wellbeing/stopped.html",
        done=done_today(session, annotator.id),
        supports=supports_of(session, annotator.id),
    )


def consent_page(request: Request, queue: Queue, changed: str | None = None) -> Response:
    """In place of an item of this queue. `changed`: why one who has just agreed is asked again."""
    project = queue.project
    return render(
        request,
        "wellbeing/consent.html",
        fragment="workspace",
        status=409 if changed else 200,
        queue=queue,
        project=project,
        warning=markdown(project.content_warning, with_links=True) if project.content_warning else None,
        warning_version=warning_version(project.content_warning),
        changed=changed,
    )
