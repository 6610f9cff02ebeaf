"""Leases: what the workspace says of them by itself, the annotator's topics, and what an admin may change."""

from collections.abc import Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin, CurrentAnnotator
from app.accounts.models import User
from app.accounts.queries import user_of
from app.assignments.actions import keep_ahead, lock_member_of, renew_lease, shorten_lease
from app.assignments.clearance import clear_person
from app.assignments.forms import Clearance, OneMember, Topics
from app.assignments.interventions import (
    CannotTake,
    hand_out_again,
    reassign,
    release_lease,
)
from app.assignments.queries import broken_items, live_leases, surplus_answers
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Refused
from app.i18n import gettext as _
from app.projects.forms import as_list
from app.projects.queries import categories_of_all
from app.queues.forms import MemberCaps
from app.queues.members import set_avoided, set_member_caps
from app.queues.models import HeldFor
from app.queues.queries import (
    member_of,
    members_at_work,
    progress_by_queue,
    queue_of,
    restricted_among,
    topics_withheld,
)
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter()

Form = TypeVar("Form", bound=BaseModel)

# A page that is loaded again comes back within it; one that was closed gives its item to others soon.
SECONDS_AFTER_LEAVING = 60
MOST_LEASES = 200
MOST_BROKEN = 200
MOST_SURPLUS = 100


@router.post("/annotate/assignments/{assignment_id}/heartbeat")
def beat(session: SessionDep, annotator: CurrentAnnotator, assignment_id: int) -> Response:
    """Someone works on the page: the lease begins anew."""
    member = lock_member_of(session, assignment_id, annotator.id)
    renew_lease(session, assignment_id, member)
    keep_ahead(session, member)
    return Response(status_code=204)


@router.post("/annotate/assignments/{assignment_id}/leave")
def leave(session: SessionDep, annotator: CurrentAnnotator, assignment_id: int) -> Response:
    lock_member_of(session, assignment_id, annotator.id)
    shorten_lease(session, assignment_id, annotator.id, SECONDS_AFTER_LEAVING)
    return Response(status_code=204)


@router.get("/annotate/topics")
def topics_page(request: Request, session: SessionDep, annotator: CurrentAnnotator) -> Response:
    return render(
        request,
        "assignments/topics.html",
        categories=categories_of_all(session),
        opted_out=annotator.opted_out,
        withheld=topics_withheld(session, annotator),
    )


@router.post("/annotate/topics")
def submit_topics(session: SessionDep, annotator: CurrentAnnotator, posted: Posted) -> Response:
    names = [category.name for category in categories_of_all(session)]
    topics = usable(Topics, posted, _("Choose topics from the list."), names)
    set_avoided(session, annotator.id, topics.opted_out)
    return RedirectResponse("/annotate/topics", status_code=303)


@router.get("/admin/people/{user_id}/clearance")
def clearance_page(request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int) -> Response:
    return clearance(request, session, user_of(session, user_id))


@router.post("/admin/people/{user_id}/clearance")
def submit_clearance(
    request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int, posted: Posted
) -> Response:
    person = user_of(session, user_id)
    try:
        names = [category.name for category in categories_of_all(session)]
        new = Clearance.model_validate(posted, context=names)
    except ValidationError as invalid:
        return clearance(request, session, person, messages(invalid), posted)
    clear_person(session, person.id, new.cleared, new.reason)
    return RedirectResponse(f"/admin/people/{person.id}", status_code=303)


def clearance(
    request: Request,
    session: Session,
    person: User,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    return render(
        request,
        "assignments/clearance.html",
        status=422 if errors else 200,
        person=person,
        categories=categories_of_all(session),
        cleared=as_list((posted or {}).get("cleared", [] if posted else person.cleared)),
        reason=(posted or {}).get("reason", ""),
        errors=errors or {},
    )


@router.get("/admin/queues/{queue_id}/leases")
def leases_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    return leases(request, session, admin, queue_id)


def leases(
    request: Request,
    session: Session,
    admin: User,
    queue_id: int,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    """Notes in the audit log who was shown the prompts of broken items. `posted`: of the form that passes a
    lease on, or, with `caps_of`, of a member's limits."""
    members = members_at_work(session, queue_id)
    takers = ((member.annotator_id, member.username) for member in members if member.can_work)
    broken = broken_items(session, queue_id, MOST_BROKEN)
    if broken:
        record(session, Action.VIEWED, "broken items", queue_id=queue_id, after={"n_shown": len(broken)})
    return render(
        request,
        "assignments/leases.html",
        status=422 if errors else 200,
        queue=queue_of(session, queue_id),
        progress=progress_by_queue(session, [queue_id])[queue_id],
        leases=live_leases(session, queue_id, MOST_LEASES),
        broken=broken,
        withheld=restricted_among(session, admin, [item.item_id for item in broken]),
        surplus=surplus_answers(session, queue_id, MOST_SURPLUS),
        members=members,
        takers=[("", _("choose a member")), *takers],
        posted=posted or {},
        errors=errors or {},
    )


@router.post("/admin/queues/{queue_id}/leases/{assignment_id}/release")
def submit_release(session: SessionDep, admin: CurrentAdmin, queue_id: int, assignment_id: int) -> Response:
    release_lease(session, queue_id, assignment_id)
    return back_to_leases(queue_id)


@router.post("/admin/queues/{queue_id}/leases/{assignment_id}/reassign")
def submit_reassignment(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    queue_id: int,
    assignment_id: int,
    posted: Posted,
) -> Response:
    try:
        chosen = OneMember.model_validate(posted)
        member_of(session, queue_id, chosen.annotator_id)
        reassign(session, queue_id, assignment_id, chosen.annotator_id)
    except ValidationError:
        errors = {"annotator_id": _("Choose who is to take the item.")}
        return leases(request, session, admin, queue_id, errors, posted)
    except CannotTake as refused:
        return leases(request, session, admin, queue_id, {"annotator_id": refused.message}, posted)
    return back_to_leases(queue_id)


@router.post("/admin/queues/{queue_id}/broken/{item_id}")
def submit_mended(session: SessionDep, admin: CurrentAdmin, queue_id: int, item_id: int) -> Response:
    queue_of(session, queue_id)
    hand_out_again(session, queue_id, [item_id], HeldFor.BROKEN)
    return back_to_leases(queue_id)


@router.post("/admin/queues/{queue_id}/caps")
def submit_caps(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    chosen = usable(OneMember, posted, _("Choose a member from the list."))
    member_of(session, queue_id, chosen.annotator_id)
    try:
        caps = MemberCaps.model_validate(posted)
    except ValidationError as invalid:
        typed = {**posted, "caps_of": chosen.annotator_id}
        return leases(request, session, admin, queue_id, messages(invalid), typed)
    set_member_caps(session, queue_id, chosen.annotator_id, caps)
    return back_to_leases(queue_id)


def usable(form: type[Form], posted: dict[str, Any], sentence: str, names: Sequence[str] = ()) -> Form:
    """`names`: the harm categories on offer. Raises Refused, with the sentence, for what a page of ours would
    not send."""
    try:
        return form.model_validate(posted, context=names)
    except ValidationError as invalid:
        raise Refused(sentence) from invalid


def back_to_leases(queue_id: int) -> Response:
    return RedirectResponse(f"/admin/queues/{queue_id}/leases", status_code=303)
