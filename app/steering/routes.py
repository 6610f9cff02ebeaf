"""The admin's pages that change a whole queue: what a change does is shown first."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.assignments.states import close_queue, drain_queue, reopen_queue
from app.queues.models import Queue, QueueState
from app.queues.queries import progress_by_queue, queue_of
from app.steering.forms import Ending, Reopening, Way
from app.steering.queries import held_in
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin/queues/{queue_id}")


@router.get("/ending")
def ending_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    return ending(request, session, queue_of(session, queue_id))


@router.post("/ending")
def submit_ending(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    queue = queue_of(session, queue_id)
    try:
        end = Ending.model_validate(posted)
    except ValidationError as invalid:
        return ending(request, session, queue, messages(invalid), posted)
    if end.way is Way.CLOSE:
        close_queue(session, queue_id, end.reason)
    else:
        drains_to = QueueState.PAUSED if end.way is Way.DRAIN_TO_PAUSE else QueueState.CLOSED
        drain_queue(session, queue_id, drains_to, end.reason)
    return back_to_queue(queue_id)


@router.post("/reopening")
def submit_reopening(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    queue = queue_of(session, queue_id)
    try:
        reopening = Reopening.model_validate(posted)
    except ValidationError as invalid:
        return ending(request, session, queue, messages(invalid), posted)
    reopen_queue(session, queue_id, reopening.reason)
    return back_to_queue(queue_id)


def ending(
    request: Request,
    session: Session,
    queue: Queue,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    return render(
        request,
        "steering/ending.html",
        status=422 if errors else 200,
        queue=queue,
        held=held_in(session, queue.id),
        progress=progress_by_queue(session, [queue.id])[queue.id],
        posted=posted or {},
        errors=errors or {},
    )


def back_to_queue(queue_id: int) -> Response:
    return RedirectResponse(f"/admin/queues/{queue_id}", status_code=303)
