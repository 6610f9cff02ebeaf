"""The adjudicators' pages, and the admin's of one queue."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdjudicator, CurrentAdmin
from app.adjudication.actions import (
    CaseDecided,
    NotInQueue,
    decide,
    open_by_hand,
    open_cases,
    promote_outcome,
    reopen_case,
    take_next_case,
)
from app.adjudication.case_page import filled_from, render_case, seen_case
from app.adjudication.deps import CurrentDecider
from app.adjudication.figures import figures_of, listed_cases
from app.adjudication.forms import CaseByHand, Grounds, Promotion, Reopening, answers_posted
from app.adjudication.models import CaseState
from app.adjudication.queries import answers_on, queues_with_cases
from app.errors import Refused
from app.i18n import gettext as _
from app.projects.queries import taxonomy_of
from app.queues.models import Dimension
from app.queues.queries import queue_of
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter()


@router.get("/adjudicate")
def queues_page(
    request: Request, session: SessionDep, adjudicator: CurrentAdjudicator, none_left_in: int | None = None
) -> Response:
    """`none_left_in`: the queue that has no case for this adjudicator, for the words that say so."""
    return render(
        request,
        "adjudication/queues.html",
        queues=queues_with_cases(session),
        none_left_in=none_left_in,
    )


@router.post("/adjudicate/queues/{queue_id}/next")
def take_next(session: SessionDep, adjudicator: CurrentDecider, queue_id: int) -> Response:
    queue_of(session, queue_id)
    case_id = take_next_case(session, queue_id, adjudicator.id)
    target = f"/adjudicate?none_left_in={queue_id}" if case_id is None else f"/adjudicate/cases/{case_id}"
    return RedirectResponse(target, status_code=303)


@router.get("/adjudicate/cases/{case_id}")
def case_page(
    request: Request, session: SessionDep, adjudicator: CurrentAdjudicator, case_id: int
) -> Response:
    """Writes one thing: that its texts were looked at."""
    return render_case(request, session, adjudicator, seen_case(session, adjudicator, case_id))


@router.post("/adjudicate/cases/{case_id}/take")
def fill_in(
    request: Request, session: SessionDep, adjudicator: CurrentDecider, case_id: int, posted: Posted
) -> Response:
    """The page again, with one annotator's answer in the form; nothing is stored."""
    seen = seen_case(session, adjudicator, case_id)
    given = [] if seen.is_blind else answers_on(session, seen.queue.id, seen.case.item_id)
    fields = filled_from(given, posted.get("take"), posted)
    return render_case(request, session, adjudicator, seen, posted=fields)


@router.post("/adjudicate/cases/{case_id}/decision")
def submit_decision(
    request: Request, session: SessionDep, adjudicator: CurrentDecider, case_id: int, posted: Posted
) -> Response:
    seen = seen_case(session, adjudicator, case_id)
    category_names = taxonomy_of(session, seen.queue.project_id).offered_names
    answers, wrong = answers_posted(posted, seen.queue.steps, len(seen.texts.responses), category_names)
    errors = {
        field: words for step, invalid in wrong.items() for field, words in named(step, invalid).items()
    }
    try:
        grounds = Grounds.model_validate(posted)
    except ValidationError as invalid:
        errors |= messages(invalid)
    if errors:
        return render_case(request, session, adjudicator, seen, posted=posted, errors=errors)
    decide(session, case_id, adjudicator.id, answers, grounds)
    return RedirectResponse(f"/adjudicate/cases/{case_id}", status_code=303)


def named(step: Dimension, invalid: ValidationError) -> dict[str, str]:
    """As the fields of this step are named on the page."""
    found = messages(invalid)
    return found if step is Dimension.SAFETY else {f"{step}-{field}": words for field, words in found.items()}


@router.post("/adjudicate/cases/{case_id}/reopening")
def submit_reopening(
    request: Request, session: SessionDep, admin: CurrentAdmin, case_id: int, posted: Posted
) -> Response:
    try:
        reopening = Reopening.model_validate(posted)
    except ValidationError as invalid:
        seen = seen_case(session, admin, case_id)
        return render_case(request, session, admin, seen, posted=posted, errors=messages(invalid))
    reopen_case(session, case_id, reopening.reason)
    return RedirectResponse(f"/adjudicate/cases/{case_id}", status_code=303)


@router.post("/adjudicate/cases/{case_id}/gold")
def submit_promotion(session: SessionDep, admin: CurrentAdmin, case_id: int, posted: Posted) -> Response:
    try:
        promotion = Promotion.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Say why the answer is right: an annotator who misses it reads it.")) from invalid
    case = promote_outcome(session, case_id, promotion.explanation)
    return RedirectResponse(f"/admin/queues/{case.queue_id}/gold/items/{case.item_id}", status_code=303)


@router.get("/admin/queues/{queue_id}/adjudication")
def adjudication_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, state: CaseState | None = None
) -> Response:
    return queue_cases(request, session, queue_id, {}, state=state)


@router.post("/admin/queues/{queue_id}/adjudication/look")
def look_for_cases(session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    open_cases(session, queue_id)
    return back_to_adjudication(queue_id)


@router.post("/admin/queues/{queue_id}/adjudication/cases")
def submit_by_hand(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    queue_of(session, queue_id)
    try:
        by_hand = CaseByHand.model_validate(posted)
        open_by_hand(session, queue_id, by_hand.item_id, by_hand.reason)
    except ValidationError as invalid:
        return queue_cases(request, session, queue_id, messages(invalid), posted)
    except (NotInQueue, CaseDecided) as refused:
        return queue_cases(request, session, queue_id, {"item_id": refused.message}, posted)
    return back_to_adjudication(queue_id)


def back_to_adjudication(queue_id: int) -> Response:
    return RedirectResponse(f"/admin/queues/{queue_id}/adjudication", status_code=303)


def queue_cases(
    request: Request,
    session: Session,
    queue_id: int,
    errors: dict[str, str],
    posted: dict[str, Any] | None = None,
    state: CaseState | None = None,
) -> Response:
    return render(
        request,
        "adjudication/queue.html",
        status=422 if errors else 200,
        queue=queue_of(session, queue_id),
        figures=figures_of(session, queue_id),
        cases=listed_cases(session, queue_id, state),
        state=state,
        posted=posted or {},
        errors=errors,
    )
