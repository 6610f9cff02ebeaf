"""Agreement reports, for adjudicators and admins."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.deps import CurrentAdjudicator
from app.agreement.jobs import compute
from app.agreement.queries import latest_overlap_report, latest_report
from app.db import after_commit
from app.queues.queries import all_queues, queue_of
from app.web.deps import SessionDep
from app.web.templates import render

router = APIRouter(prefix="/agreement")


@router.get("")
def queues_page(request: Request, session: SessionDep, adjudicator: CurrentAdjudicator) -> Response:
    return render(request, "agreement/queues.html", queues=all_queues(session))


@router.get("/queues/{queue_id}")
def report_page(
    request: Request,
    session: SessionDep,
    adjudicator: CurrentAdjudicator,
    queue_id: int,
    newer_than: int | None = None,
) -> Response:
    """`newer_than`: the id of a report that is being computed anew; the page then looks again by itself."""
    report = latest_report(session, queue_id)
    is_waiting = newer_than is not None and (report.id if report else 0) <= newer_than
    return render(
        request,
        "agreement/report.html",
        fragment="report",
        queue=queue_of(session, queue_id),
        report=report,
        overlap=latest_overlap_report(session, queue_id),
        newer_than=newer_than,
        is_waiting=is_waiting,
    )


@router.post("/queues/{queue_id}")
def compute_now(session: SessionDep, adjudicator: CurrentAdjudicator, queue_id: int) -> Response:
    queue_of(session, queue_id)
    report = latest_report(session, queue_id)
    after_commit(session, partial(compute.delay, queue_id))
    newer_than = report.id if report else 0
    return RedirectResponse(f"/agreement/queues/{queue_id}?newer_than={newer_than}", status_code=303)
