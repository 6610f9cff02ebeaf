"""The admin's pages that change a whole queue: what a change does is shown first."""

import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.accounts.models import User
from app.annotations.workspace import page_of, workspace_context
from app.assignments.jobs import change_overlap
from app.assignments.moves import queues_to_move_to
from app.assignments.states import close_queue, drain_queue, reopen_queue
from app.audit.actions import record
from app.audit.models import Action
from app.db import LARGEST_ID, after_commit
from app.errors import Refused
from app.gold.cloning import CloneWithGold, clone_with_gold, n_taken_along
from app.gold.exams import n_in_pool
from app.i18n import gettext as _
from app.items.queries import imports_with_items
from app.projects.models import Project
from app.projects.queries import project_of
from app.queues.actions import QueueNameTaken, WrongExam, change_queue
from app.queues.forms import QueueSettings, settings_of
from app.queues.models import Dimension, Queue, QueueState
from app.queues.queries import (
    members_at_work,
    progress_by_queue,
    queue_of,
    refuse_restricted,
    taxonomy_of_queue,
)
from app.queues.routes import with_hours
from app.queues.spelling import OtherSpelling
from app.steering.effect import asks_other_overlap, effect_of
from app.steering.forms import (
    Because,
    Ending,
    ItemChange,
    ItemFilters,
    PreviewedChange,
    Sketch,
    Way,
    as_fields,
    sketched,
)
from app.steering.items import Preview, change_items, page_of_items, preview_of
from app.steering.preview import as_shown, texts_for
from app.steering.queries import held_in
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.security import csrf_token
from app.web.templates import render, render_part
from app.worker import send

router = APIRouter(prefix="/admin/queues/{queue_id}")
of_project = APIRouter(prefix="/admin/projects/{project_id}/queues")

ITEMS_A_PAGE = 50


@router.get("/ending")
def ending_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    return ending(request, session, queue_of(session, queue_id))


@router.post("/ending")
def submit_ending(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    queue = queue_of(session, queue_id)
    try:
        end = Ending.model_validate(posted)
    except ValidationError as invalid:
        return ending(request, session, queue, messages(invalid), posted)
    if end.way is Way.CLOSE:
        close_queue(session, queue_id, end.reason)
    else:
        drains_to = QueueState.PAUSED if end.way is Way.DRAIN_TO_PAUSE else QueueState.CLOSED
        drain_queue(session, queue_id, drains_to, end.reason)
    return back_to_queue(queue_id)


@router.post("/reopening")
def submit_reopening(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    queue = queue_of(session, queue_id)
    try:
        because = Because.model_validate(posted)
    except ValidationError as invalid:
        return ending(request, session, queue, messages(invalid), posted)
    reopen_queue(session, queue_id, because.reason)
    return back_to_queue(queue_id)


def ending(
    request: Request,
    session: Session,
    queue: Queue,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    return render(
        request,
        "steering/ending.html",
        status=422 if errors else 200,
        queue=queue,
        held=held_in(session, queue.id),
        progress=progress_by_queue(session, [queue.id])[queue.id],
        posted=posted or {},
        errors=errors or {},
    )


@router.get("/settings")
def settings_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    return queue_settings(request, session, queue_id, {})


@router.post("/settings")
def submit_settings(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    """Another overlap needs a reason: it is asked for where the effect is shown."""
    queue = queue_of(session, queue_id)
    try:
        changed = QueueSettings.model_validate(posted)
    except ValidationError as invalid:
        return queue_settings(request, session, queue_id, messages(invalid), posted)
    reason = None
    try:
        reason = Because.model_validate(posted).reason
    except ValidationError as invalid:
        if asks_other_overlap(queue, changed):
            errors = messages(invalid) if "reason" in posted else {}
            return overlap_effect(request, session, queue, changed, errors, posted)
    try:
        has_new_overlap = change_queue(session, queue_id, changed, reason)
    except (QueueNameTaken, OtherSpelling, WrongExam) as refused:
        return queue_settings(request, session, queue_id, {refused.field: refused.message}, posted)
    if has_new_overlap:
        after_commit(session, partial(send, change_overlap, queue_id))
    return back_to_queue(queue_id)


def overlap_effect(
    request: Request,
    session: Session,
    queue: Queue,
    changed: QueueSettings,
    errors: dict[str, str],
    posted: dict[str, Any],
) -> Response:
    """What it would do; nothing is stored."""
    return render(
        request,
        "steering/overlap.html",
        status=422 if errors else 200,
        queue=queue,
        changed=changed,
        fields=as_fields(changed),
        effect=effect_of(session, queue.id, changed),
        errors=errors,
        posted=posted,
    )


def queue_settings(
    request: Request,
    session: Session,
    queue_id: int,
    errors: dict[str, str],
    posted: dict[str, Any] | None = None,
) -> Response:
    queue = queue_of(session, queue_id)
    return render(
        request,
        "steering/settings.html",
        status=422 if errors else 200,
        queue=queue,
        n_in_pool=n_in_pool(session, queue_id),
        errors=errors,
        **with_hours(settings_of(queue) | (posted or {}), errors),
    )


@router.get("/items")
def items_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, after: int = 0
) -> Response:
    """`after`: the last item of the page before."""
    queue = queue_of(session, queue_id)
    try:
        filters = ItemFilters.model_validate(
            dict(request.query_params), context=categories_of(session, queue)
        )
    except ValidationError as invalid:
        sent = dict(request.query_params)
        return queue_items(request, session, queue, ItemFilters(), sent=sent, errors=messages(invalid))
    return queue_items(request, session, queue, filters, after=min(max(after, 0), LARGEST_ID))


@router.post("/items/preview")
def preview_items(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    """What would change; nothing is stored."""
    queue = queue_of(session, queue_id)
    try:
        wanted = ItemChange.model_validate(posted, context=categories_of(session, queue))
    except ValidationError as invalid:
        filters = usable_filters(posted, categories_of(session, queue))
        return queue_items(request, session, queue, filters, sent=posted, errors=messages(invalid))
    return queue_items(
        request, session, queue, wanted, sent=posted, preview=preview_of(session, queue, wanted)
    )


@router.post("/items/change")
def submit_item_change(session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted) -> Response:
    queue = queue_of(session, queue_id)
    try:
        wanted = PreviewedChange.model_validate(posted, context=categories_of(session, queue))
    except ValidationError as invalid:
        raise Refused(_("Look at the preview first, and change the items from there.")) from invalid
    change_items(session, queue, wanted)
    path = f"/admin/queues/{queue_id}/items?{urlencode(wanted.chosen)}"
    return RedirectResponse(path, status_code=303)


def categories_of(session: Session, queue: Queue) -> Sequence[str]:
    return taxonomy_of_queue(session, queue.id).category_names


def usable_filters(posted: dict[str, Any], categories: Sequence[str]) -> ItemFilters:
    """Raises Refused for filters that the page would not send."""
    try:
        return ItemFilters.model_validate(posted, context=categories)
    except ValidationError as invalid:
        raise Refused(_("Choose the filters from the lists.")) from invalid


def queue_items(
    request: Request,
    session: Session,
    queue: Queue,
    filters: ItemFilters,
    *,
    after: int = 0,
    sent: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    preview: Preview | None = None,
) -> Response:
    found = page_of_items(session, queue, filters, after, ITEMS_A_PAGE + 1)
    return render(
        request,
        "steering/items.html",
        status=422 if errors else 200,
        queue=queue,
        found=found[:ITEMS_A_PAGE],
        has_more=len(found) > ITEMS_A_PAGE,
        chosen=filters.chosen,
        query=urlencode(filters.chosen),
        taxonomy=taxonomy_of_queue(session, queue.id),
        targets=queues_to_move_to(session, queue),
        imports=list(session.execute(imports_with_items(queue.project_id, filters.brought_by))),
        preview=preview,
        sent=sent or filters.chosen,
        errors=errors or {},
    )


@router.get("/clone")
def clone_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    return cloning(request, session, queue_of(session, queue_id))


@router.post("/clone")
def submit_clone(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    queue = queue_of(session, queue_id)
    try:
        wanted = CloneWithGold.model_validate(posted)
        made = clone_with_gold(session, queue_id, wanted, seed=secrets.randbits(62))
    except ValidationError as invalid:
        return cloning(request, session, queue, messages(invalid), posted)
    except QueueNameTaken as taken:
        return cloning(request, session, queue, {"name": taken.message}, posted)
    return back_to_queue(made.id)


def cloning(
    request: Request,
    session: Session,
    queue: Queue,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    members = [each for each in members_at_work(session, queue.id) if each.can_work]
    everyone = [each.annotator_id for each in members]
    sent = everyone if posted is None else posted.get("annotator_ids", [])
    return render(
        request,
        "steering/clone.html",
        status=422 if errors else 200,
        queue=queue,
        progress=progress_by_queue(session, [queue.id])[queue.id],
        members=members,
        n_gold=n_taken_along(session, queue.id),
        ticked=[str(each) for each in (sent if isinstance(sent, list) else [sent])],
        posted=posted or {},
        errors=errors or {},
    )


@router.get("/as-annotator")
def as_annotator_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, step: Dimension | None = None
) -> Response:
    """`step`: the first one where it is not given."""
    queue = queue_of(session, queue_id)
    return as_annotator(request, session, admin, queue, queue.project, step)


@of_project.get("/as-annotator")
def new_as_annotator_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, step: Dimension | None = None
) -> Response:
    """Of a queue that is still to be made, with what its form says so far."""
    project = project_of(session, project_id)
    sketch = usable_sketch(dict(request.query_params))
    return as_annotator(request, session, admin, sketched(project_id, sketch), project, step)


@of_project.post("/as-annotator")
def submit_sketch(session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted) -> Response:
    """The form of a new queue, on its way to the page above: nothing is stored."""
    project_of(session, project_id)
    query = urlencode(usable_sketch(posted).model_dump(mode="json", exclude_none=True))
    path = f"/admin/projects/{project_id}/queues/as-annotator?{query}"
    return RedirectResponse(path, status_code=303)


def usable_sketch(sent: dict[str, Any]) -> Sketch:
    """Raises Refused."""
    try:
        return Sketch.model_validate(sent)
    except ValidationError as invalid:
        raise Refused(_("Choose the kind of queue first.")) from invalid


def as_annotator(
    request: Request, session: Session, admin: User, queue: Queue, project: Project, step: Dimension | None
) -> Response:
    """Notes in the audit log who was shown the item. Nothing is claimed."""
    texts = texts_for(session, queue)
    if texts.item_id:
        refuse_restricted(session, admin, texts.item_id)
        record(
            session,
            Action.VIEWED,
            "item as an annotator",
            project_id=project.id,
            queue_id=queue.id,
            item_id=texts.item_id,
        )
    shown = as_shown(session, queue, project, texts)
    step = step if step in shown.steps else shown.steps[0]
    judging = workspace_context(admin, shown, step) | {
        "request": request,
        "csrf_token": csrf_token(request),
        "user": admin,
    }
    return render(
        request,
        "steering/as_annotator.html",
        queue=queue,
        project=project,
        is_new=queue.id is None,
        is_made_up=not texts.item_id,
        steps=shown.steps,
        step=step,
        kept=urlencode([each for each in request.query_params.items() if each[0] != "step"]),
        workspace=render_part(page_of(step), block="workspace", **judging),
    )


def back_to_queue(queue_id: int) -> Response:
    return RedirectResponse(f"/admin/queues/{queue_id}", status_code=303)
