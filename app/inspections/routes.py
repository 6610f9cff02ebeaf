"""Batches: admins make and end them; adjudicators and admins inspect their samples."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdjudicator, CurrentAdmin
from app.accounts.models import User
from app.audit.actions import record
from app.audit.models import Action
from app.inspections.actions import end_batch, judge_answer, make_batch
from app.inspections.forms import BatchPlan, InspectorVerdict
from app.inspections.plan import Plan, fewest_right, plan_of
from app.inspections.queries import (
    Batch,
    ToInspect,
    batch_of,
    batches_of_queue,
    ids_to_batch,
    inspected_answer_of,
    n_to_batch,
    next_to_inspect,
    open_batches,
    verdicts_of,
)
from app.items.queries import texts_of
from app.queues.queries import member_of, members_at_work, queue_of
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render
from app.work.queries import newest_answers

router = APIRouter()

MOST_COUNTED = 10_000
MOST_BATCHES = 100


@router.get("/admin/queues/{queue_id}/inspections")
def batches_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, annotator_id: int | None = None
) -> Response:
    """`annotator_id`: who is chosen at first."""
    return batches(request, session, queue_id, posted={"annotator_id": annotator_id})


@router.post("/admin/queues/{queue_id}/inspections/plan")
def show_plan(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    """What the batch would tell; nothing is stored."""
    try:
        planned = BatchPlan.model_validate(posted)
    except ValidationError as invalid:
        return batches(request, session, queue_id, status=422, posted=posted, errors=messages(invalid))
    ids = ids_to_batch(session, queue_id, planned.annotator_id, planned)
    size = (planned.sample_share, planned.min_right, planned.share_wrong, planned.risk)
    plan = plan_of(len(ids), *size) if ids else None
    return batches(request, session, queue_id, posted=posted, planned=planned, plan=plan)


@router.post("/admin/queues/{queue_id}/inspections")
def submit_batch(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    queue_of(session, queue_id)
    try:
        planned = BatchPlan.model_validate(posted)
    except ValidationError as invalid:
        return batches(request, session, queue_id, status=422, posted=posted, errors=messages(invalid))
    if planned.annotator_id is not None:
        member_of(session, queue_id, planned.annotator_id)
    make_batch(session, queue_id, planned, admin.id)
    return RedirectResponse(f"/admin/queues/{queue_id}/inspections", status_code=303)


@router.get("/inspect")
def open_batches_page(request: Request, session: SessionDep, inspector: CurrentAdjudicator) -> Response:
    return render(request, "inspections/open.html", batches=open_batches(session, MOST_BATCHES))


@router.get("/inspect/batches/{batch_id}")
def batch_page(
    request: Request, session: SessionDep, inspector: CurrentAdjudicator, batch_id: int
) -> Response:
    """The next answer to judge. That its texts are shown is written to the audit log."""
    batch = batch_of(session, batch_id)
    answer = next_to_inspect(session, batch, inspector) if batch.is_open else None
    return inspection(request, session, inspector, batch, answer)


@router.get("/inspect/batches/{batch_id}/answers/{assignment_id}")
def verdict_page(
    request: Request, session: SessionDep, inspector: CurrentAdjudicator, batch_id: int, assignment_id: int
) -> Response:
    """A verdict of the inspector's own, to be changed; written to the audit log as well."""
    batch = batch_of(session, batch_id)
    answer = inspected_answer_of(session, batch_id, assignment_id, inspector.id)
    return inspection(request, session, inspector, batch, answer)


@router.post("/inspect/batches/{batch_id}/answers/{assignment_id}")
def submit_verdict(
    request: Request,
    session: SessionDep,
    inspector: CurrentAdjudicator,
    batch_id: int,
    assignment_id: int,
    posted: Posted,
) -> Response:
    try:
        verdict = InspectorVerdict.model_validate(posted)
    except ValidationError as invalid:
        batch = batch_of(session, batch_id)
        answer = next_to_inspect(session, batch, inspector)
        errors = messages(invalid)
        return inspection(
            request, session, inspector, batch, answer, status=422, posted=posted, errors=errors
        )
    judge_answer(session, batch_id, assignment_id, inspector.id, verdict)
    return RedirectResponse(f"/inspect/batches/{batch_id}", status_code=303)


@router.post("/inspect/batches/{batch_id}/end")
def submit_end(session: SessionDep, admin: CurrentAdmin, batch_id: int) -> Response:
    end_batch(session, batch_id, admin.id)
    return RedirectResponse(f"/inspect/batches/{batch_id}", status_code=303)


def inspection(
    request: Request,
    session: Session,
    inspector: User,
    batch: Batch,
    answer: ToInspect | None,
    *,
    status: int = 200,
    **form: Any,
) -> Response:
    """`answer`: None where there is none for this inspector."""
    shown = shown_texts(session, batch, answer) if answer and batch.is_open else {}
    return render(
        request,
        "inspections/batch.html",
        status=status,
        batch=batch,
        answer=answer,
        fewest_right=fewest_right(batch.n_sampled, batch.min_right),
        verdicts=verdicts_of(session, batch.id, inspector.id),
        is_admin=request.state.user.role == "admin",
        **shown,
        **form,
    )


def shown_texts(session: Session, batch: Batch, answer: ToInspect) -> dict[str, Any]:
    """The one place where an inspector gets to see an item's texts."""
    record(
        session,
        Action.VIEWED,
        "inspected answer",
        queue_id=batch.queue_id,
        item_id=answer.item_id,
        user_id=answer.annotator_id,
    )
    return {
        "texts": texts_of(session, answer.item_id),
        "said": newest_answers(session, [answer.assignment_id]),
    }


def batches(
    request: Request,
    session: Session,
    queue_id: int,
    *,
    status: int = 200,
    planned: BatchPlan | None = None,
    plan: Plan | None = None,
    **form: Any,
) -> Response:
    """`planned` without a `plan`: there is no such answer."""
    return render(
        request,
        "inspections/batches.html",
        status=status,
        queue=queue_of(session, queue_id),
        members=members_at_work(session, queue_id),
        n_waiting=n_to_batch(session, queue_id, MOST_COUNTED + 1),
        most_counted=MOST_COUNTED,
        batches=batches_of_queue(session, queue_id, MOST_BATCHES),
        planned=planned,
        plan=plan,
        **form,
    )
