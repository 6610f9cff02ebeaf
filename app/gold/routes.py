"""Gold items: the admin's pages of them and of disputes, and the annotator's results."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from app.accounts.deps import CurrentAdmin, CurrentAnnotator
from app.accounts.models import User
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Refused
from app.gold.actions import (
    change_gold,
    decide_dispute,
    dispute_result,
    import_gold,
    make_gold,
    resume_gold,
    retire_gold,
)
from app.gold.forms import Afterwards, Because, Decision, GoldForm, NewGold, answers_posted, posted_of
from app.gold.intake import MOST_ROWS, Problem, read_gold
from app.gold.queries import (
    DAYS_SHOWN,
    ItemText,
    find_items,
    gold_counts,
    gold_items,
    gold_of,
    hidden_from,
    item_text,
    open_disputes,
    results_of,
    standing_of,
)
from app.i18n import gettext as _
from app.projects.queries import taxonomy_of
from app.queues.models import Dimension, Queue
from app.queues.queries import queue_of, refuse_restricted
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.security import UPLOAD
from app.web.templates import render

router = APIRouter()

ROWS_A_PAGE = 50
RESULTS_A_PAGE = 25
MOST_FOUND = 25
MOST_DISPUTES = 100
MOST_PROBLEMS = 100
RESULTS = "/annotate/results"
PageNumber = Query(default=1, ge=1, le=100_000)


@router.get("/admin/queues/{queue_id}/gold")
def gold_page(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    queue_id: int,
    page: int = PageNumber,
    words: str = Query(default="", max_length=200),
) -> Response:
    """Writes into the audit log that it was seen."""
    return gold_list(request, session, admin, queue_id, page=page, words=words.strip())


def gold_list(
    request: Request,
    session: Session,
    admin: User,
    queue_id: int,
    *,
    page: int = 1,
    words: str = "",
    file_name: str = "",
    problems: Sequence[Problem] = (),
) -> Response:
    """A page behind the last one is the last one: gold items may be fewer by now."""
    queue = queue_of(session, queue_id)
    hidden = hidden_from(session, admin, queue)
    note_viewed(session, queue)
    counts = gold_counts(session, queue_id)
    page = min(page, max(1, ceil(counts.n / ROWS_A_PAGE)))
    rows = gold_items(session, queue_id, hidden, ROWS_A_PAGE + 1, (page - 1) * ROWS_A_PAGE)
    return render(
        request,
        "gold/gold.html",
        status=422 if problems else 200,
        queue=queue,
        counts=counts,
        gold=rows[:ROWS_A_PAGE],
        has_more=len(rows) > ROWS_A_PAGE,
        page_number=page,
        words=words,
        found=find_items(session, queue, words, hidden, MOST_FOUND) if words else [],
        most_found=MOST_FOUND,
        most_rows=MOST_ROWS,
        file_name=file_name,
        problems=problems[:MOST_PROBLEMS],
        n_problems=len(problems),
    )


def note_viewed(session: Session, queue: Queue, item_id: int | None = None) -> None:
    record(
        session,
        Action.VIEWED,
        "gold items" if item_id is None else "gold item",
        project_id=queue.project_id,
        queue_id=queue.id,
        item_id=item_id,
    )


@router.post("/admin/queues/{queue_id}/gold/import", tags=[UPLOAD])
def submit_gold_file(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    """All or nothing."""
    upload = posted.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Refused(_("Choose a file to import."))
    queue = queue_of(session, queue_id)
    read = read_gold(session, queue, upload.file.read(), upload.filename)
    if read.problems:
        return gold_list(request, session, admin, queue_id, file_name=upload.filename, problems=read.problems)
    import_gold(session, queue_id, read.news, upload.filename)
    return back_to_gold(queue_id)


@router.get("/admin/queues/{queue_id}/gold/items/{item_id}")
def gold_item_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, item_id: int
) -> Response:
    """Writes into the audit log that the texts were seen."""
    return gold_form(request, session, admin, queue_of(session, queue_id), item_id)


@router.post("/admin/queues/{queue_id}/gold/items/{item_id}")
def submit_gold(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, item_id: int, posted: Posted
) -> Response:
    """Makes a gold item, or changes the one that is there."""
    queue = queue_of(session, queue_id)
    n_responses = len(item_text(session, queue, item_id).responses)
    try:
        offered_names = taxonomy_of(session, queue.project_id).offered_names
        answers = answers_posted(posted, queue.steps, n_responses, offered_names)
        new = NewGold(item_id=item_id, answers=answers, **GoldForm.model_validate(posted).model_dump())
    except ValidationError as invalid:
        return gold_form(request, session, admin, queue, item_id, posted, messages(invalid))
    if gold_of(session, queue_id, item_id) is None:
        make_gold(session, queue_id, new)
    else:
        change_gold(session, queue_id, new)
    return back_to_gold(queue_id)


def gold_form(
    request: Request,
    session: Session,
    admin: User,
    queue: Queue,
    item_id: int,
    posted: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    gold = gold_of(session, queue.id, item_id)
    stored = (
        posted_of(gold.answers) | {"explanation": gold.explanation, "purpose": gold.purpose} if gold else {}
    )
    item = text_to_show(session, admin, queue, item_id)
    ranks = range(1, len(item.responses) + 1)
    return render(
        request,
        "gold/item.html",
        status=422 if errors else 200,
        queue=queue,
        item=item,
        ranks=[("", _("not known")), *((rank, str(rank)) for rank in ranks)],
        gold=gold,
        category_names=taxonomy_of(session, queue.project_id).offered_names,
        posted=posted or stored,
        errors=errors or {},
    )


def text_to_show(session: Session, admin: User, queue: Queue, item_id: int) -> ItemText:
    """Raises NotFound, or Forbidden for what the admin is not cleared for."""
    refuse_restricted(session, admin, item_id)
    shown = item_text(session, queue, item_id)
    note_viewed(session, queue, item_id)
    return shown


@router.post("/admin/queues/{queue_id}/gold/items/{item_id}/retire")
def submit_retirement(
    session: SessionDep, admin: CurrentAdmin, queue_id: int, item_id: int, posted: Posted
) -> Response:
    queue_of(session, queue_id)
    retire_gold(session, queue_id, item_id, reason_posted(posted))
    return back_to_gold(queue_id)


@router.post("/admin/queues/{queue_id}/gold/items/{item_id}/resume")
def submit_resumption(
    session: SessionDep, admin: CurrentAdmin, queue_id: int, item_id: int, posted: Posted
) -> Response:
    queue_of(session, queue_id)
    resume_gold(session, queue_id, item_id, reason_posted(posted))
    return back_to_gold(queue_id)


def reason_posted(posted: dict[str, Any]) -> str:
    try:
        return Because.model_validate(posted).reason
    except ValidationError as invalid:
        raise Refused(_("Say why, in 1,000 characters at most.")) from invalid


def back_to_gold(queue_id: int) -> Response:
    return RedirectResponse(f"/admin/queues/{queue_id}/gold", status_code=303)


@router.get("/admin/queues/{queue_id}/gold/disputes")
def disputes_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    """Writes into the audit log that it was seen."""
    queue = queue_of(session, queue_id)
    note_viewed(session, queue)
    return render(
        request,
        "gold/disputes.html",
        queue=queue,
        disputes=open_disputes(session, queue_id, hidden_from(session, admin, queue), MOST_DISPUTES),
        most=MOST_DISPUTES,
    )


@router.post("/admin/queues/{queue_id}/gold/disputes/{assignment_id}/{dimension}")
def submit_decision(
    session: SessionDep,
    admin: CurrentAdmin,
    queue_id: int,
    assignment_id: int,
    dimension: Dimension,
    posted: Posted,
) -> Response:
    queue_of(session, queue_id)
    try:
        decision = Decision.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Uphold or dismiss the dispute, and say why.")) from invalid
    item_id = decide_dispute(session, queue_id, assignment_id, dimension, decision)
    if decision.afterwards is Afterwards.CHANGE:
        return RedirectResponse(f"/admin/queues/{queue_id}/gold/items/{item_id}", status_code=303)
    return RedirectResponse(f"/admin/queues/{queue_id}/gold/disputes", status_code=303)


@router.get(RESULTS)
def results_page(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, page: int = PageNumber
) -> Response:
    rows = results_of(session, annotator.id, RESULTS_A_PAGE + 1, (page - 1) * RESULTS_A_PAGE)
    return render(
        request,
        "gold/results.html",
        results=rows[:RESULTS_A_PAGE],
        has_more=len(rows) > RESULTS_A_PAGE,
        page_number=page,
        standing=standing_of(session, annotator.id),
        days=DAYS_SHOWN,
    )


@router.post("/annotate/results/{assignment_id}/{dimension}/dispute")
def submit_dispute(
    session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, dimension: Dimension, posted: Posted
) -> Response:
    dispute_result(session, assignment_id, dimension, annotator.id, reason_posted(posted))
    return RedirectResponse(RESULTS, status_code=303)
