"""The admin's page of voided answers: a preview first, then the deed."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.errors import Refused
from app.i18n import gettext as _
from app.queues.models import Queue
from app.queues.queries import member_of, members_at_work, queue_of, queues_of_project
from app.voids.actions import void_as_previewed
from app.voids.forms import PreviewedVoiding, Voiding
from app.voids.queries import Preview, ids_of_answers, past_voidings, preview_of, queues_concerned
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin/queues/{queue_id}/voids")

MOST_PAST = 50
MOST_CHANGES = 50


@router.get("")
def voids_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, annotator_id: int | None = None
) -> Response:
    """`annotator_id`: who is chosen at first."""
    return voids(request, session, queue_of(session, queue_id), posted={"annotator_id": annotator_id})


@router.post("/preview")
def preview(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    """What would change; nothing is stored."""
    queue = queue_of(session, queue_id)
    try:
        voiding = Voiding.model_validate(posted)
    except ValidationError as invalid:
        return voids(request, session, queue, status=422, posted=posted, errors=messages(invalid))
    member_of(session, queue_id, voiding.annotator_id)
    previews = previews_of(session, queue, voiding)
    return voids(request, session, queue, posted=posted, voiding=voiding, previews=previews)


@router.post("")
def submit_voiding(session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted) -> Response:
    queue = queue_of(session, queue_id)
    try:
        voiding = PreviewedVoiding.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Look at the preview first, and void from there.")) from invalid
    member_of(session, queue_id, voiding.annotator_id)
    void_as_previewed(session, queue, voiding)
    return RedirectResponse(f"/admin/queues/{queue_id}/voids", status_code=303)


def previews_of(session: Session, queue: Queue, voiding: Voiding) -> list[Preview]:
    """One a queue."""
    ids = queues_concerned(
        session, queue.id, queue.project_id, voiding.annotator_id, is_everywhere=voiding.is_everywhere
    )
    return [
        preview_of(session, each, ids_of_answers(session, each, voiding.annotator_id, voiding))
        for each in ids
    ]


def voids(
    request: Request,
    session: Session,
    queue: Queue,
    *,
    status: int = 200,
    voiding: Voiding | None = None,
    previews: list[Preview] | None = None,
    **form: Any,
) -> Response:
    members = members_at_work(session, queue.id)
    return render(
        request,
        "voids/voids.html",
        status=status,
        queue=queue,
        members=members,
        names={member.annotator_id: member.username for member in members},
        voiding=voiding,
        previews=previews,
        queue_names={each.id: each.name for each in queues_of_project(session, queue.project_id)},
        past=past_voidings(session, queue.id, MOST_PAST),
        most_changes=MOST_CHANGES,
        **form,
    )
