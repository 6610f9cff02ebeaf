"""The annotator's pages: my queues, and the workspace."""

import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAnnotator
from app.accounts.models import User
from app.annotations.actions import displayed_order, next_step, submit_ranking, submit_safety_label
from app.annotations.forms import SafetyLabel, ranking_posted
from app.annotations.queries import n_submitted_today
from app.annotations.shown import ShownAssignment, assignment_to_show
from app.assignments.actions import claim_next, lock_member, lock_member_of, skip_assignment
from app.assignments.eligibility import Membership
from app.assignments.models import SkipReason
from app.assignments.queries import (
    empty_state,
    n_responses,
    open_assignment_id,
)
from app.errors import Forbidden, NotFound, Refused
from app.i18n import gettext as _
from app.projects.taxonomy import HARM_CATEGORIES, LABELLING_RULES, SEVERITY_LEVELS
from app.queues.models import Dimension, Queue
from app.queues.queries import is_member, progress_by_queue, queue_of, queues_of_annotator
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render, render_part, wants_fragment
from app.wellbeing.actions import uncover
from app.wellbeing.forms import Uncovering
from app.wellbeing.queries import has_consented
from app.wellbeing.routes import consent_page

router = APIRouter(prefix="/annotate")

LONGEST_KEY = 64
TAXONOMY: dict[str, Any] = {
    "categories": HARM_CATEGORIES,
    "severity_levels": SEVERITY_LEVELS,
    "rules": LABELLING_RULES,
}


@router.get("")
def my_queues(request: Request, session: SessionDep, annotator: CurrentAnnotator) -> Response:
    queues = queues_of_annotator(session, annotator.id)
    return render(
        request,
        "annotations/my_queues.html",
        queues=queues,
        progress=progress_by_queue(session, [queue.id for queue in queues]),
        n_today=n_submitted_today(session, annotator.id),
    )


@router.get("/queues/{queue_id}")
def queue_page(request: Request, session: SessionDep, annotator: CurrentAnnotator, queue_id: int) -> Response:
    """What I hold in this queue; a start button where that is nothing, since GET never claims."""
    queue = my_queue(session, annotator, queue_id)
    if not has_consented(session, annotator.id, queue.project):
        return consent_page(request, queue)
    held = open_assignment_id(session, queue.id, annotator.id)
    if held is None:
        return render(request, "annotations/start.html", fragment="workspace", queue=queue)
    return workspace(request, session, annotator, held)


@router.post("/queues/{queue_id}/next")
def take_next(request: Request, session: SessionDep, annotator: CurrentAnnotator, queue_id: int) -> Response:
    queue = my_queue(session, annotator, queue_id)
    if not has_consented(session, annotator.id, queue.project):
        return consent_page(request, queue)
    return next_workspace(request, session, annotator, lock_member(session, queue_id, annotator.id))


@router.post("/assignments/{assignment_id}/safety-label")
def submit_label(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, posted: Posted
) -> Response:
    try:
        label = SafetyLabel.model_validate(posted)
    except ValidationError as invalid:
        return workspace(request, session, annotator, assignment_id, messages(invalid), posted)
    member = lock_member_of(session, assignment_id, annotator.id)
    submit_safety_label(session, member, assignment_id, label, submission_key(posted))
    return next_workspace(request, session, annotator, member)


@router.post("/assignments/{assignment_id}/rankings/{dimension}")
def submit_order(
    request: Request,
    session: SessionDep,
    annotator: CurrentAnnotator,
    assignment_id: int,
    dimension: Dimension,
    posted: Posted,
) -> Response:
    member = lock_member_of(session, assignment_id, annotator.id)
    try:
        ranking = ranking_posted(posted, n_responses(session, assignment_id))
    except ValidationError as invalid:
        return workspace(request, session, annotator, assignment_id, messages(invalid), posted)
    submit_ranking(session, member, assignment_id, dimension, ranking, submission_key(posted))
    return next_workspace(request, session, annotator, member)


@router.post("/assignments/{assignment_id}/skip")
def submit_skip(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, posted: Posted
) -> Response:
    member = lock_member_of(session, assignment_id, annotator.id)
    if posted.get("reason") not in list(SkipReason):
        raise Refused("Say why you skip this item.")
    skip_assignment(session, member, assignment_id, SkipReason(posted["reason"]))
    return next_workspace(request, session, annotator, member)


@router.post("/assignments/{assignment_id}/reveals")
def submit_reveal(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, posted: Posted
) -> Response:
    """The page with one text more. What htmx takes of it is that text, so that no choice is lost."""
    assignment = shown_assignment(session, annotator, assignment_id)
    try:
        position = Uncovering.model_validate(posted).position
    except ValidationError as invalid:
        raise Refused(_("Say which text to show.")) from invalid
    next_step(session, assignment)
    if position in assignment.covered:
        uncover(session, assignment_id, position)
    if not wants_fragment(request):
        path = f"/annotate/queues/{assignment.queue_id}#text-{position}"
        return RedirectResponse(path, status_code=303)
    return workspace(request, session, annotator, assignment_id)


def submission_key(posted: Mapping[str, Any]) -> str | None:
    """What a form carries once, so that the same answer sent again is known."""
    key = posted.get("submission_key")
    return key[:LONGEST_KEY] if isinstance(key, str) and key else None


def my_queue(session: Session, annotator: User, queue_id: int) -> Queue:
    """Raises NotFound, or Forbidden for a queue the annotator is no member of."""
    queue = queue_of(session, queue_id)
    if not is_member(session, queue_id, annotator.id):
        raise Forbidden("You are not a member of this queue. An admin can add you.")
    return queue


def next_workspace(request: Request, session: Session, annotator: User, member: Membership) -> Response:
    """The next step or item. Without htmx by way of a redirect, so that reloading sends nothing twice."""
    claimed = claim_next(session, member)
    if claimed is None:
        return nothing_left(request, session, member)
    if not wants_fragment(request):
        return RedirectResponse(f"/annotate/queues/{member.queue_id}", status_code=303)
    return workspace(request, session, annotator, claimed)


def nothing_left(request: Request, session: Session, member: Membership) -> Response:
    return render(
        request,
        "annotations/nothing_left.html",
        fragment="workspace",
        queue=queue_of(session, member.queue_id),
        member=member,
        left=empty_state(session, member),
    )


def shown_assignment(session: Session, annotator: User, assignment_id: int) -> ShownAssignment:
    """Raises NotFound."""
    assignment = assignment_to_show(session, assignment_id, annotator.id)
    if assignment is None:
        raise NotFound("There is no such assignment of yours.")
    return assignment


@lru_cache
def blank_harm() -> Markup:
    """The part of the safety form that is the same for every item: most of the page, rendered once."""
    return render_part("annotations/_harm.html", **TAXONOMY, errors={}, posted={})


def workspace(
    request: Request,
    session: Session,
    annotator: User,
    assignment_id: int,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    """The page of one assignment at its next step; with `errors`, what was posted and how to mend it."""
    assignment = shown_assignment(session, annotator, assignment_id)
    step = next_step(session, assignment)
    order = displayed_order(assignment.id, step, len(assignment.responses))
    return render(
        request,
        f"annotations/{'safety' if step is Dimension.SAFETY else 'ranking'}.html",
        fragment="workspace",
        status=422 if errors else 200,
        assignment=assignment,
        step=step,
        order=order,
        responses=[assignment.responses[position] for position in order],
        blank_harm=blank_harm() if not posted else None,
        **TAXONOMY,
        skip_reasons=list(SkipReason),
        submission_key=secrets.token_urlsafe(12),
        errors=errors or {},
        posted=posted or {},
    )
