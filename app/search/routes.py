"""A project's items: found, listed, and changed in bulk."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.datastructures import QueryParams

from app.accounts.deps import CurrentAdmin
from app.accounts.models import User
from app.audit.actions import record
from app.audit.models import Action
from app.errors import NotFound, Refused
from app.i18n import gettext as _
from app.projects.queries import project_of, taxonomy_of
from app.queues.models import Queue, QueuePurpose
from app.queues.queries import queues_of_project, refuse_restricted
from app.search.actions import change_as_previewed
from app.search.changes import chosen_items
from app.search.choices import MOST_COUNTED, n_unread, offered_of
from app.search.consequences import consequences
from app.search.forms import Choice, Filters, Place, PreviewedChoice
from app.search.listing import csv_lines
from app.search.queries import LONG_PATIENCE_SECONDS, PATIENCE_SECONDS, Found, find
from app.search.rows import rows_of
from app.search.scope import Scope, scope_of
from app.web.deps import Posted, SessionDep
from app.web.downloads import csv_file
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin/projects/{project_id}")

ROWS_A_PAGE = 50
MOST_LABELS = 50


@router.get("/items")
def items_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    """That texts are shown is written to the audit log: the one thing that this page writes."""
    asked = dict(request.query_params)
    try:
        filters, place = Filters.model_validate(asked), Place.model_validate(asked)
    except ValidationError as invalid:
        return items(request, session, admin, project_id, status=422, posted=asked, errors=messages(invalid))
    return items(request, session, admin, project_id, filters, place)


@router.get("/items.csv")
def items_csv(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    project = project_of(session, project_id)
    filters = filters_in(request.query_params)
    scope = scope_of(session, project_id, filters)
    record(session, Action.DOWNLOADED, "items found", project_id=project_id, after=as_told(filters))
    return csv_file(f"items-{project_id}.csv", csv_lines(admin, project, scope))


@router.get("/items/{item_id}/opening")
def item_opening(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, item_id: int
) -> Response:
    """How a covered text begins: shown once it is asked for, which is written to the audit log."""
    refuse_restricted(session, admin, item_id)
    project = project_of(session, project_id)
    scope = scope_of(session, project_id, Filters(find=f"id:{item_id}"))
    rows = rows_of(session, admin, project, scope.taxonomy, find(session, scope, 1).ids)
    if not rows:
        raise NotFound(_("There is no such item."))
    record(session, Action.VIEWED, "item", project_id=project_id, item_id=item_id)
    return render(request, "search/_opening.html", row=rows[0])


@router.post("/items/preview")
def preview(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    """What a change would do; nothing is changed."""
    filters = filters_in(QueryParams(str(posted.get("filters", ""))))
    try:
        choice = Choice.model_validate(posted)
        ids = chosen_items(session, project_id, choice, filters)
        told = consequences(session, project_id, choice, ids)
    except (ValidationError, Refused) as wrong:
        errors = messages(wrong) if isinstance(wrong, ValidationError) else {"form": wrong.message}
        form: dict[str, Any] = {"status": 422, "posted": posted, "change_errors": errors}
        return items(request, session, admin, project_id, filters, place_posted(posted), **form)
    return render(
        request,
        "search/preview.html",
        project=project_of(session, project_id),
        queues={queue.id: queue for queue in queues_of_project(session, project_id)},
        choice=choice,
        ids=ids,
        told=told,
        most_changes=MOST_LABELS,
        filters=filters,
    )


@router.post("/items/change")
def submit_change(session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted) -> Response:
    project_of(session, project_id)
    filters = filters_in(QueryParams(str(posted.get("filters", ""))))
    try:
        choice = PreviewedChoice.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Look at the preview first, and change the items from there.")) from invalid
    change_as_previewed(session, project_id, choice, filters)
    return RedirectResponse(f"/admin/projects/{project_id}/items?{filters.as_address}", status_code=303)


def filters_in(asked: QueryParams) -> Filters:
    """Raises Refused for what the page would ask to correct."""
    try:
        return Filters.model_validate(dict(asked))
    except ValidationError as invalid:
        raise Refused(next(iter(messages(invalid).values()))) from invalid


def place_posted(posted: dict[str, Any]) -> Place:
    """Where the page began whose items were ticked."""
    try:
        return Place.model_validate(posted)
    except ValidationError:
        return Place()


def as_told(filters: Filters) -> dict[str, Any]:
    """For the audit log."""
    return filters.model_dump(mode="json", exclude_defaults=True)


def items(
    request: Request,
    session: Session,
    admin: User,
    project_id: int,
    filters: Filters | None = None,
    place: Place | None = None,
    *,
    status: int = 200,
    **form: Any,
) -> Response:
    """`filters`: None where they can't be used."""
    project = project_of(session, project_id)
    place = place or Place()
    queues = queues_of_project(session, project_id)
    scope, found = look(session, project_id, filters, place, queues)
    rows = rows_of(session, admin, project, scope.taxonomy, found.ids) if scope else []
    names = (scope.taxonomy if scope else taxonomy_of(session, project_id)).category_names
    n_shown = sum(not (row.is_covered or row.is_restricted) for row in rows)
    if n_shown:
        record(session, Action.VIEWED, "items found", project_id=project_id, after={"n_shown": n_shown})
    ticked = form.get("posted", {}).get("ticked", [])
    return render(
        request,
        "search/items.html",
        status=status,
        project=project,
        filters=filters or Filters(),
        found=found,
        begins=place,
        rows=rows,
        problem=scope.finds_nothing if scope else "",
        n_unread=n_unread(session, project_id) if scope and scope.tsquery else 0,
        most_counted=MOST_COUNTED,
        ticked=[ticked] if isinstance(ticked, str) else ticked,
        categories_offered=[(name, _(name)) for name in names],
        **offered(session, project_id, queues),
        **{"change_errors": {}} | form,
    )


def offered(session: Session, project_id: int, queues: Sequence[Queue]) -> dict[str, Any]:
    """What the fields of the forms can be set to; pairs of a value and its words."""
    found = offered_of(session, project_id)
    return {
        "queues_offered": [(queue.id, queue.name) for queue in queues],
        "production_offered": [
            (queue.id, queue.name) for queue in queues if queue.purpose == QueuePurpose.PRODUCTION
        ],
        "imports_offered": [(id_, f"{id_}: {name}") for id_, name in found.imports],
        "sources": found.sources,
        "people": found.people,
    }


def look(
    session: Session, project_id: int, filters: Filters | None, place: Place, queues: Sequence[Queue]
) -> tuple[Scope | None, Found]:
    if filters is None:
        return None, Found([], None, is_cut_short=False)
    scope = scope_of(session, project_id, filters, queues)
    patience = LONG_PATIENCE_SECONDS if place.further else PATIENCE_SECONDS
    return scope, find(session, scope, ROWS_A_PAGE, place.after, patience_seconds=patience)
