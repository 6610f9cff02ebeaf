"""What I have answered, and changing it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAnnotator
from app.accounts.models import User
from app.annotations.actions import ContradictsLabels
from app.annotations.forms import SafetyLabel, ranking_posted
from app.annotations.routes import keeps_contradiction, next_workspace
from app.annotations.shown import assignment_shown
from app.annotations.workspace import submission_key, workspace
from app.assignments.actions import lock_member_of
from app.assignments.eligibility import Membership
from app.assignments.queries import n_responses
from app.queues.models import Dimension
from app.queues.queries import restricted_among
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render
from app.work.actions import revise_ranking, revise_safety_label
from app.work.queries import as_posted, changeable_answer, work_of

router = APIRouter(prefix="/annotate")

ROWS_A_PAGE = 50
WORK = "/annotate/work"
QUEUE = "queue"


@router.get("/work")
def work_page(
    request: Request,
    session: SessionDep,
    annotator: CurrentAnnotator,
    before: datetime | None = None,
    before_id: int = 0,
) -> Response:
    """`before`, `before_id`: the last one of the page before."""
    seen = (before, before_id) if before is not None and before.tzinfo else None
    done = work_of(session, annotator.id, seen, ROWS_A_PAGE + 1)
    last = done[ROWS_A_PAGE - 1] if len(done) > ROWS_A_PAGE else None
    withheld = restricted_among(session, annotator, [each.item_id for each in done])
    return render(request, "work/work.html", done=done[:ROWS_A_PAGE], last=last, withheld=withheld)


@router.get("/assignments/{assignment_id}/answers/{dimension}")
def answer_page(
    request: Request,
    session: SessionDep,
    annotator: CurrentAnnotator,
    assignment_id: int,
    dimension: Dimension,
    back: str = "",
) -> Response:
    answer = changeable_answer(session, assignment_id, annotator.id, dimension)
    return answer_to_change(request, session, annotator, assignment_id, dimension, back, as_posted(answer))


@router.post("/assignments/{assignment_id}/answers/{dimension}")
def submit_change(
    request: Request,
    session: SessionDep,
    annotator: CurrentAnnotator,
    assignment_id: int,
    dimension: Dimension,
    posted: Posted,
    back: str = "",
) -> Response:
    member = lock_member_of(session, assignment_id, annotator.id)
    try:
        store_change(session, member, assignment_id, dimension, posted)
    except ValidationError as invalid:
        errors = messages(invalid)
    except ContradictsLabels as contradiction:
        errors = {"contradiction": contradiction.message}
    else:
        if back == QUEUE:
            return next_workspace(request, session, annotator, member)
        return RedirectResponse(WORK, status_code=303)
    return answer_to_change(
        request, session, annotator, assignment_id, dimension, back, posted, errors=errors
    )


def store_change(
    session: Session, member: Membership, assignment_id: int, dimension: Dimension, posted: dict[str, Any]
) -> None:
    """Raises pydantic.ValidationError, NotChangeable or ContradictsLabels."""
    key = submission_key(posted)
    if dimension is Dimension.SAFETY:
        label = SafetyLabel.model_validate(posted, context=member.taxonomy.offered_names)
        revise_safety_label(session, member, assignment_id, label, key)
        return
    revise_ranking(
        session,
        member,
        assignment_id,
        dimension,
        ranking_posted(posted, n_responses(session, assignment_id)),
        key,
        keeps_contradiction=keeps_contradiction(posted),
    )


def answer_to_change(
    request: Request,
    session: Session,
    annotator: User,
    assignment_id: int,
    dimension: Dimension,
    back: str,
    posted: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Response:
    """The page of an answer that is stored, as it was given."""
    assignment = assignment_shown(session, assignment_id, annotator.id)
    comes_back = QUEUE if back == QUEUE else ""
    return workspace(
        request,
        annotator,
        assignment,
        dimension,
        posted=posted,
        errors=errors,
        is_revision=True,
        action=f"/annotate/assignments/{assignment_id}/answers/{dimension}?back={comes_back}",
        back=f"/annotate/queues/{assignment.queue_id}" if comes_back else WORK,
        is_undo=bool(comes_back),
    )
