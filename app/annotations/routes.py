"""The annotator's pages: my queues, and the workspace."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAnnotator
from app.accounts.models import User
from app.accounts.queries import qualification_of
from app.annotations.actions import (
    ContradictsLabels,
    keep_draft,
    next_step,
    submit_ranking,
    submit_safety_label,
)
from app.annotations.forms import SafetyLabel, ranking_posted
from app.annotations.queries import n_submitted_today
from app.annotations.shown import assignment_shown
from app.annotations.workspace import Stored, submission_key, workspace
from app.assignments.actions import (
    claim_ahead,
    claim_next,
    end_dry_attempt,
    lock_member,
    lock_member_of,
    release_assignment,
    skip_assignment,
)
from app.assignments.eligibility import Membership, Refusal
from app.assignments.models import SkipReason
from app.assignments.queries import (
    empty_state,
    n_responses,
    open_assignment_id,
)
from app.comments.queries import n_unread_answers
from app.drafts.actions import delete_drafts
from app.drafts.forms import content_posted, version_posted
from app.drafts.queries import draft_of
from app.errors import Forbidden, Refused
from app.guidelines.queries import changes_unread, taxonomy_changes_unread
from app.i18n import gettext as _
from app.keys.bindings import keys_of
from app.queues.models import Dimension, Queue, QueuePurpose
from app.queues.queries import (
    is_member,
    progress_by_queue,
    queue_of,
    queues_of_annotator,
    queues_that_grant,
)
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render, wants_fragment
from app.wellbeing.actions import uncover
from app.wellbeing.forms import Uncovering
from app.wellbeing.queries import has_consented
from app.wellbeing.routes import consent_page

router = APIRouter(prefix="/annotate")


@router.get("")
def my_queues(request: Request, session: SessionDep, annotator: CurrentAnnotator) -> Response:
    queues = queues_of_annotator(session, annotator.id)
    return render(
        request,
        "annotations/my_queues.html",
        queues=queues,
        progress=progress_by_queue(session, [queue.id for queue in queues]),
        n_today=n_submitted_today(session, annotator.id),
        n_unread=n_unread_answers(session, annotator.id),
    )


@router.get("/queues/{queue_id}")
def queue_page(request: Request, session: SessionDep, annotator: CurrentAnnotator, queue_id: int) -> Response:
    """What I hold in this queue; a start button where that is nothing, since GET never claims."""
    queue = my_queue(session, annotator, queue_id)
    if not has_consented(session, annotator.id, queue.project):
        return consent_page(request, queue)
    held = open_assignment_id(session, queue.id, annotator.id)
    if held is None and queue.purpose != QueuePurpose.PRODUCTION:
        return to_attempt(queue.id)
    if held is None:
        keys = keys_of(annotator.preferences)
        return render(request, "annotations/start.html", fragment="workspace", queue=queue, keys=keys)
    return current_step(request, session, annotator, held)


@router.get("/queues/{queue_id}/progress")
def progress_page(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, queue_id: int
) -> Response:
    """Beside the workspace, which is not to wait for it: it counts the whole queue. 204 for a training or an
    exam, where each has items of their own."""
    queue = my_queue(session, annotator, queue_id)
    if queue.purpose != QueuePurpose.PRODUCTION:
        return Response(status_code=204)
    so_far = progress_by_queue(session, [queue.id])[queue.id]
    return render(request, "annotations/progress.html", fragment="progress", queue=queue, so_far=so_far)


@router.post("/queues/{queue_id}/next")
def take_next(request: Request, session: SessionDep, annotator: CurrentAnnotator, queue_id: int) -> Response:
    queue = my_queue(session, annotator, queue_id)
    if not has_consented(session, annotator.id, queue.project):
        return consent_page(request, queue)
    return next_workspace(request, session, annotator, lock_member(session, queue_id, annotator.id))


@router.post("/queues/{queue_id}/ahead")
def load_ahead(request: Request, session: SessionDep, annotator: CurrentAnnotator, queue_id: int) -> Response:
    """The item after the one that is held, for static/ahead.js; 204 where there is none."""
    claimed = claim_ahead(session, lock_member(session, queue_id, annotator.id))
    if claimed is None:
        return Response(status_code=204)
    return current_step(request, session, annotator, claimed)


@router.post("/assignments/{assignment_id}/safety-label")
def submit_label(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, posted: Posted
) -> Response:
    member = lock_member_of(session, assignment_id, annotator.id)
    try:
        label = SafetyLabel.model_validate(posted, context=member.taxonomy.offered_names)
    except ValidationError as invalid:
        errors = messages(invalid)
        return current_step(request, session, annotator, assignment_id, posted=posted, errors=errors)
    submit_safety_label(session, member, assignment_id, label, submission_key(posted), version_posted(posted))
    return next_workspace(request, session, annotator, member, (assignment_id, Dimension.SAFETY), posted)


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
        submit_ranking(
            session,
            member,
            assignment_id,
            dimension,
            ranking_posted(posted, n_responses(session, assignment_id)),
            submission_key(posted),
            version_posted(posted),
            keeps_contradiction=keeps_contradiction(posted),
        )
    except ValidationError as invalid:
        errors = messages(invalid)
    except ContradictsLabels as contradiction:
        errors = {"contradiction": contradiction.message}
    else:
        return next_workspace(request, session, annotator, member, (assignment_id, dimension), posted)
    return current_step(request, session, annotator, assignment_id, posted=posted, errors=errors)


@router.post("/assignments/{assignment_id}/skip")
def submit_skip(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, posted: Posted
) -> Response:
    member = lock_member_of(session, assignment_id, annotator.id)
    if posted.get("reason") not in list(SkipReason):
        raise Refused(_("Say why you skip this item."))
    reason = SkipReason(posted["reason"])
    skip_assignment(session, member, assignment_id, reason)
    delete_drafts(session, assignment_id)
    if member.purpose == QueuePurpose.TRAINING and reason is SkipReason.CANNOT_JUDGE:
        return to_feedback(assignment_id)
    return next_workspace(request, session, annotator, member)


@router.post("/assignments/{assignment_id}/release")
def give_back(session: SessionDep, annotator: CurrentAnnotator, assignment_id: int) -> Response:
    release_assignment(session, lock_member_of(session, assignment_id, annotator.id), assignment_id)
    delete_drafts(session, assignment_id)
    return RedirectResponse("/annotate", status_code=303)


@router.post("/assignments/{assignment_id}/drafts/{dimension}")
def submit_draft(
    session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, dimension: Dimension, posted: Posted
) -> Response:
    """Sent by static/drafts.js at every change. 409 has what another page wrote meanwhile."""
    content, known = content_posted(posted), version_posted(posted) or 0
    version = keep_draft(session, annotator.id, assignment_id, dimension, content, known)
    if version is not None:
        return JSONResponse({"version": version})
    newer = draft_of(session, assignment_id, dimension)
    return JSONResponse({"version": newer.version, "content": newer.content}, status_code=409)


@router.post("/assignments/{assignment_id}/reveals")
def submit_reveal(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, assignment_id: int, posted: Posted
) -> Response:
    """The page with one text more. What htmx takes of it is that text, so that no choice is lost."""
    assignment = assignment_shown(session, assignment_id, annotator.id)
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
    return current_step(request, session, annotator, assignment_id)


def keeps_contradiction(posted: Mapping[str, Any]) -> bool:
    return posted.get("keep_contradiction") == "true"


def my_queue(session: Session, annotator: User, queue_id: int) -> Queue:
    """Raises NotFound, or Forbidden for a queue the annotator is no member of."""
    queue = queue_of(session, queue_id)
    if not is_member(session, queue_id, annotator.id):
        raise Forbidden(_("You are not a member of this queue. An admin can add you."))
    return queue


def next_workspace(
    request: Request,
    session: Session,
    annotator: User,
    member: Membership,
    answered: tuple[int, Dimension] | None = None,
    posted: Mapping[str, Any] | None = None,
) -> Response:
    """The next step or item. Without htmx by way of a redirect, so that reloading sends nothing twice.

    `answered`: assignment and step of the answer that was just stored; `posted` may name the assignment that
    the page shows already.
    """
    if member.purpose == QueuePurpose.TRAINING and answered and has_ended(session, member, answered[0]):
        return to_feedback(answered[0])
    claimed = claim_next(session, member)
    if claimed is None and member.purpose != QueuePurpose.PRODUCTION and end_dry_attempt(session, member):
        return to_attempt(member.queue_id)
    if claimed is None:
        return nothing_left(request, session, annotator, member, answered)
    if not wants_fragment(request):
        return RedirectResponse(f"/annotate/queues/{member.queue_id}", status_code=303)
    shown = posted.get("shown_next") if posted else None
    return current_step(request, session, annotator, claimed, answered=answered, shown=shown)


def has_ended(session: Session, member: Membership, assignment_id: int) -> bool:
    """Was that its last step?"""
    return open_assignment_id(session, member.queue_id, member.annotator_id) != assignment_id


def to_attempt(queue_id: int) -> Response:
    return RedirectResponse(f"/annotate/queues/{queue_id}/attempt", status_code=303)


def to_feedback(assignment_id: int) -> Response:
    return RedirectResponse(f"/annotate/assignments/{assignment_id}/feedback", status_code=303)


def nothing_left(
    request: Request,
    session: Session,
    annotator: User,
    member: Membership,
    answered: tuple[int, Dimension] | None,
) -> Response:
    queue = queue_of(session, member.queue_id)
    left = empty_state(session, member)
    lacks = member.qualification if left.reason is Refusal.NOT_QUALIFIED else None
    return render(
        request,
        "annotations/nothing_left.html",
        fragment="workspace",
        queue=queue,
        member=member,
        left=left,
        ended=qualification_of(session, annotator.id, lacks) if lacks else None,
        ways=queues_that_grant(session, queue.project_id, annotator.id, lacks) if lacks else [],
        keys=keys_of(annotator.preferences),
        stored=Stored(*answered, queue.are_answers_changeable) if answered else None,
    )


def current_step(
    request: Request,
    session: Session,
    annotator: User,
    assignment_id: int,
    *,
    posted: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    answered: tuple[int, Dimension] | None = None,
    shown: str | None = None,
) -> Response:
    """The page of one assignment at its next step; with `errors`, what was posted and how to mend it.

    Where it is `shown` already, what has changed on it alone.
    """
    assignment = assignment_shown(session, assignment_id, annotator.id)
    step = next_step(session, assignment)
    stored = Stored(*answered, assignment.edit_minutes > 0) if answered else None
    changes = changes_unread(
        session, assignment.project_id, assignment.guideline_version, assignment.guideline_read
    )
    taxonomy_changes = taxonomy_changes_unread(
        session, assignment.project_id, assignment.taxonomy_number, assignment.taxonomy_read
    )
    return workspace(
        request,
        annotator,
        assignment,
        step,
        posted=posted,
        errors=errors,
        stored=stored,
        changes=changes,
        taxonomy_changes=taxonomy_changes,
        is_shown=shown == assignment.mark,
    )
