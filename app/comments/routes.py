"""Threads: annotators ask about their items, admins answer."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin, CurrentAnnotator
from app.accounts.models import User
from app.audit.actions import record
from app.audit.models import Action
from app.comments.actions import answer_thread, ask, note_answers_read, note_questions_read
from app.comments.forms import NewComment
from app.comments.queries import (
    asked_assignment,
    n_unanswered_threads,
    n_unread_answers,
    thread_of,
    threads_of_annotator,
    threads_of_project,
)
from app.projects.queries import project_of
from app.queues.queries import refuse_restricted, restricted_among
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render, wants_fragment

router = APIRouter()

MOST_THREADS = 100


@router.get("/annotate/comments")
def my_threads(request: Request, session: SessionDep, annotator: CurrentAnnotator) -> Response:
    threads = threads_of_annotator(session, annotator.id, MOST_THREADS)
    withheld = restricted_among(session, annotator, [thread.item_id for thread in threads])
    return render(request, "comments/mine.html", threads=threads, withheld=withheld, most=MOST_THREADS)


@router.get("/annotate/comments/unread")
def unread(request: Request, session: SessionDep, annotator: CurrentAnnotator) -> Response:
    """For the workspace, which asks now and then."""
    return render(request, "comments/_unread.html", n_unread=n_unread_answers(session, annotator.id))


@router.get("/annotate/assignments/{assignment_id}/comments")
def thread_page(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int
) -> Response:
    thread = thread_of(session, assignment_id, annotator.id)
    refuse_restricted(session, annotator, thread.item_id)
    return render(request, "comments/thread.html", fragment="comments", thread=thread)


@router.post("/annotate/assignments/{assignment_id}/comments")
def submit_question(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, posted: Posted
) -> Response:
    form: dict[str, Any] = {}
    try:
        ask(session, assignment_id, annotator.id, NewComment.model_validate(posted).comment)
    except ValidationError as invalid:
        form = {"status": 422, "errors": messages(invalid), "posted": posted}
    if not form and not wants_fragment(request):
        return RedirectResponse(f"/annotate/assignments/{assignment_id}/comments", status_code=303)
    thread = thread_of(session, assignment_id, annotator.id)
    refuse_restricted(session, annotator, thread.item_id)
    return render(request, "comments/thread.html", fragment="thread", thread=thread, **form)


@router.post("/annotate/assignments/{assignment_id}/comments/read")
def submit_answers_read(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int
) -> Response:
    note_answers_read(session, assignment_id, annotator.id)
    if not wants_fragment(request):
        return RedirectResponse("/annotate/comments", status_code=303)
    thread = thread_of(session, assignment_id, annotator.id)
    return render(request, "comments/thread.html", fragment="comments", thread=thread)


@router.get("/admin/projects/{project_id}/comments")
def project_threads(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    """Notes in the audit log who was shown the prompts."""
    return threads_to_answer(request, session, admin, project_id)


@router.post("/admin/projects/{project_id}/comments/{assignment_id}")
def submit_answer(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    project_id: int,
    assignment_id: int,
    posted: Posted,
) -> Response:
    refuse_restricted(session, admin, asked_assignment(session, project_id, assignment_id).item_id)
    try:
        new = NewComment.model_validate(posted)
    except ValidationError as invalid:
        errors = messages(invalid)
        form: dict[str, Any] = {"status": 422, "errors": errors, "posted": posted}
        return threads_to_answer(request, session, admin, project_id, answering=assignment_id, **form)
    answer_thread(session, project_id, assignment_id, admin.id, new.comment)
    return RedirectResponse(f"/admin/projects/{project_id}/comments", status_code=303)


@router.post("/admin/projects/{project_id}/comments/{assignment_id}/read")
def submit_needs_no_answer(
    session: SessionDep, admin: CurrentAdmin, project_id: int, assignment_id: int
) -> Response:
    note_questions_read(session, project_id, assignment_id)
    return RedirectResponse(f"/admin/projects/{project_id}/comments", status_code=303)


def threads_to_answer(
    request: Request,
    session: Session,
    admin: User,
    project_id: int,
    *,
    status: int = 200,
    answering: int | None = None,
    **form: Any,
) -> Response:
    """`answering`: the assignment whose answer has to be corrected."""
    threads = threads_of_project(session, project_id, MOST_THREADS)
    withheld = restricted_among(session, admin, [thread.item_id for thread in threads])
    shown = [thread for thread in threads if thread.item_id not in withheld]
    if shown:
        record(session, Action.VIEWED, "questions", project_id=project_id, after={"n_shown": len(shown)})
    return render(
        request,
        "comments/project.html",
        status=status,
        project=project_of(session, project_id),
        threads=shown,
        n_withheld=len(threads) - len(shown),
        n_unanswered=n_unanswered_threads(session, project_id),
        most=MOST_THREADS,
        answering=answering,
        **form,
    )
