"""Trainings and exams: beginning one, what was right, how it went; and everybody's attempts, for admins."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from app.accounts.deps import CurrentAdmin, CurrentAnnotator
from app.annotations.actions import displayed_order
from app.annotations.routes import my_queue, next_workspace
from app.annotations.shown import assignment_shown
from app.assignments.actions import lock_member
from app.assignments.eligibility import refusal
from app.errors import NotFound, Refused
from app.exams.actions import begin_attempt, reset_attempt
from app.exams.comparison import compared
from app.exams.forms import Reset
from app.exams.queries import asked_in, attempts_of_queue, candidate, feedback_of, refuse_too_early
from app.gold.exams import n_in_pool
from app.i18n import gettext as _
from app.keys.bindings import keys_of
from app.queues.models import Dimension, Queue, QueuePurpose
from app.queues.queries import queue_of
from app.web.deps import Posted, SessionDep
from app.web.templates import render
from app.wellbeing.queries import has_consented
from app.wellbeing.routes import consent_page

router = APIRouter()

MOST_ATTEMPTS = 500


@router.get("/annotate/queues/{queue_id}/attempt")
def attempt_page(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, queue_id: int
) -> Response:
    """What it is, how the last attempt went, and the way into the next."""
    queue = my_queue(session, annotator, queue_id)
    refuse_production(queue)
    someone = candidate(session, queue, annotator.id)
    return render(
        request,
        "exams/attempt.html",
        fragment="workspace",
        queue=queue,
        someone=someone,
        asked=asked_in(session, someone.last.id) if someone.last and not someone.open else [],
        keys=keys_of(annotator.preferences),
    )


@router.post("/annotate/queues/{queue_id}/attempt")
def submit_beginning(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, queue_id: int
) -> Response:
    queue = my_queue(session, annotator, queue_id)
    refuse_production(queue)
    if not has_consented(session, annotator.id, queue.project):
        return consent_page(request, queue)
    member = lock_member(session, queue_id, annotator.id)
    if refusal(member) is None:
        begin_attempt(session, member, queue)
    return next_workspace(request, session, annotator, member)


@router.get("/annotate/assignments/{assignment_id}/feedback")
def feedback_page(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int
) -> Response:
    """At once in a training; after an exam, where its answers may be seen."""
    feedback = feedback_of(session, annotator.id, assignment_id)
    queue = my_queue(session, annotator, feedback.queue_id)
    refuse_too_early(candidate(session, queue, annotator.id))
    shown = assignment_shown(session, assignment_id, annotator.id)
    orders = {
        step.dimension: displayed_order(assignment_id, Dimension(step.dimension), len(shown.responses))
        for step in feedback.steps
    }
    return render(
        request,
        "exams/feedback.html",
        fragment="workspace",
        queue=queue,
        feedback=feedback,
        shown=shown,
        orders=orders,
        parts={step.dimension: compared(step, orders[step.dimension]) for step in feedback.steps},
        keys=keys_of(annotator.preferences),
    )


@router.get("/admin/queues/{queue_id}/attempts")
def attempts_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    queue = queue_of(session, queue_id)
    refuse_production(queue)
    return render(
        request,
        "exams/attempts.html",
        queue=queue,
        attempts=attempts_of_queue(session, queue_id, MOST_ATTEMPTS),
        n_in_pool=n_in_pool(session, queue_id),
    )


@router.post("/admin/queues/{queue_id}/attempts/{attempt_id}/reset")
def submit_reset(
    session: SessionDep, admin: CurrentAdmin, queue_id: int, attempt_id: int, posted: Posted
) -> Response:
    queue_of(session, queue_id)
    try:
        reason = Reset.model_validate(posted).reason
    except ValidationError as invalid:
        raise Refused(_("Say why the attempt is reset.")) from invalid
    reset_attempt(session, queue_id, attempt_id, reason)
    return RedirectResponse(f"/admin/queues/{queue_id}/attempts", status_code=303)


def refuse_production(queue: Queue) -> None:
    """Raises NotFound."""
    if queue.purpose == QueuePurpose.PRODUCTION:
        raise NotFound(_("This queue is neither a training nor an exam."))
