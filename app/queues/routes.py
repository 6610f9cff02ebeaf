"""The admin's pages of one queue."""

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from app.accounts.deps import CurrentAdmin
from app.db import now
from app.errors import Refused
from app.groups.queries import all_groups, group_of
from app.i18n import N_
from app.i18n import gettext as _
from app.projects.queries import project_of, taxonomy_of
from app.queues.actions import (
    NotBefore,
    NotComparable,
    QueueNameTaken,
    create_queue,
    fill_queue,
    set_queue_state,
)
from app.queues.forms import Filling, GroupToAdd, Members, NewQueue, QueueTimes, defaults
from app.queues.hours import time_zones_offered, told_hours
from app.queues.members import add_group, set_members
from app.queues.models import Lane, QueueKind, QueueState
from app.queues.queries import (
    member_ids,
    people_to_choose,
    progress_by_queue,
    queue_of,
    queues_of_project,
    stages_of,
)
from app.queues.spelling import OtherSpelling
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin")

PRIORITIES = {Lane.NORMAL: N_("normal"), Lane.HIGH: N_("high"), Lane.LOW: N_("low")}


@router.get("/projects/{project_id}/queues/new")
def new_queue_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return new_queue(request, session, project_id, {})


@router.post("/projects/{project_id}/queues")
def submit_queue(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    project_of(session, project_id)
    try:
        new = NewQueue.model_validate(posted)
        queue = create_queue(session, project_id, new, seed=secrets.randbits(62))
    except ValidationError as invalid:
        return new_queue(request, session, project_id, messages(invalid), posted)
    except (QueueNameTaken, OtherSpelling) as refused:
        return new_queue(request, session, project_id, {refused.field: refused.message}, posted)
    except NotComparable as other:
        return new_queue(request, session, project_id, {"not_by_queue_id": other.message}, posted)
    except NotBefore as other:
        return new_queue(request, session, project_id, {"after_queue_id": other.message}, posted)
    return RedirectResponse(f"/admin/queues/{queue.id}", status_code=303)


def new_queue(
    request: Request,
    session: SessionDep,
    project_id: int,
    errors: dict[str, str],
    posted: dict[str, Any] | None = None,
) -> Response:
    return render(
        request,
        "queues/new.html",
        status=422 if errors else 200,
        project=project_of(session, project_id),
        kinds=list(QueueKind),
        other_queues=[(queue.id, queue.name) for queue in queues_of_project(session, project_id)],
        errors=errors,
        **with_hours(defaults() | (posted or {}), errors),
    )


@router.post("/projects/{project_id}/queues/hours")
def preview_hours(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    """What the hours of a queue's form mean; nothing is stored."""
    project = project_of(session, project_id)
    return render(request, "queues/hours.html", fragment="hours", project=project, **with_hours(posted, {}))


def with_hours(values: dict[str, Any], errors: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a queue with `told`: what its times mean, or what is wrong with them. `errors`: are said
    beside their fields already."""
    try:
        told = told_hours(QueueTimes.model_validate(values), now())
    except ValidationError as invalid:
        told = " ".join(words for field, words in messages(invalid).items() if field not in errors)
    return {"values": values, "told": told, "zones": time_zones_offered()}


@router.get("/queues/{queue_id}")
def queue_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    queue = queue_of(session, queue_id)
    people, ids_of_members = people_to_choose(session, queue_id), member_ids(session, queue_id)
    return render(
        request,
        "queues/queue.html",
        fragment="progress",
        queue=queue,
        progress=progress_by_queue(session, [queue_id])[queue_id],
        stages=stages_of(session, queue),
        people=people,
        member_ids=ids_of_members,
        n_at_work=sum(person.is_active and person.id in ids_of_members for person in people),
        groups=all_groups(session),
        category_names=taxonomy_of(session, queue.project_id).category_names,
        priorities=PRIORITIES,
    )


@router.post("/queues/{queue_id}/state")
def submit_state(session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted) -> Response:
    queue_of(session, queue_id)
    is_start = posted.get("state") == QueueState.RUNNING
    set_queue_state(session, queue_id, QueueState.RUNNING if is_start else QueueState.PAUSED)
    return back_to_queue(queue_id)


@router.post("/queues/{queue_id}/items")
def submit_filling(session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted) -> Response:
    queue_of(session, queue_id)
    try:
        filling = Filling.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Choose a priority from the list.")) from invalid
    fill_queue(session, queue_id, filling.priority)
    return back_to_queue(queue_id)


@router.post("/queues/{queue_id}/members")
def submit_members(session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted) -> Response:
    queue_of(session, queue_id)
    try:
        members = Members.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Choose the members from the list.")) from invalid
    set_members(session, queue_id, members.annotator_ids)
    return back_to_queue(queue_id)


@router.post("/queues/{queue_id}/members/group")
def submit_group(session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted) -> Response:
    queue_of(session, queue_id)
    try:
        group_id = GroupToAdd.model_validate(posted).group_id
    except ValidationError as invalid:
        raise Refused(_("Choose a group from the list.")) from invalid
    add_group(session, queue_id, group_of(session, group_id).id)
    return back_to_queue(queue_id)


def back_to_queue(queue_id: int) -> Response:
    return RedirectResponse(f"/admin/queues/{queue_id}", status_code=303)
