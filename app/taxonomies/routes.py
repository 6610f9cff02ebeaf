"""The admin's pages of a project's taxonomy: an editor, and what changed between its versions."""

import secrets
from typing import Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.errors import NotFound
from app.i18n import gettext as _
from app.projects.forms import as_list
from app.projects.queries import project_of, taxonomy_of
from app.projects.taxonomy import SEVERITY_LEVELS
from app.queues.actions import QueueNameTaken
from app.queues.models import Queue
from app.taxonomies.actions import NothingChanged, TaxonomyMovedOn, publish_taxonomy
from app.taxonomies.changes import Change, changes_between
from app.taxonomies.editing import N_NEW, edited, with_ranks
from app.taxonomies.forms import LAST_NUMBER, NewRelabelling, Relabelling
from app.taxonomies.queries import (
    newest_number,
    taxonomy_numbered,
    touched_by_newest,
    versions_of_taxonomy,
)
from app.taxonomies.relabelling import (
    NothingTouched,
    open_relabelling_queue,
    relabelled_queues,
    touched_items,
)
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin/projects/{project_id}/taxonomy")


@router.get("")
def taxonomy_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return editor(request, session, project_id)


@router.get("/relabelling")
def relabelling_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return relabelling(request, session, project_id)


@router.post("/relabelling/preview")
def preview_relabelling(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    """How many items it would be; nothing is stored."""
    return relabelling(request, session, project_id, posted=posted)


@router.post("/relabelling")
def submit_relabelling(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    taxonomy = taxonomy_of(session, project_id)
    try:
        wanted = NewRelabelling.model_validate(posted, context=taxonomy.category_names)
        queue = queue_to_relabel(session, project_id, wanted.queue_id)
        mask = taxonomy.mask_of(wanted.categories)
        made = open_relabelling_queue(session, queue, mask, wanted.name, seed=secrets.randbits(62))
    except ValidationError as invalid:
        return relabelling(request, session, project_id, posted=posted, errors=messages(invalid))
    except (QueueNameTaken, NothingTouched) as refused:
        errors = {"name": refused.message}
        return relabelling(request, session, project_id, posted=posted, errors=errors)
    return RedirectResponse(f"/admin/queues/{made.id}", status_code=303)


def relabelling(
    request: Request,
    session: Session,
    project_id: int,
    *,
    posted: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    taxonomy = taxonomy_of(session, project_id)
    n_touched = None
    if posted is not None and not errors:
        try:
            wanted = Relabelling.model_validate(posted, context=taxonomy.category_names)
            queue = queue_to_relabel(session, project_id, wanted.queue_id)
            n_touched = len(touched_items(session, queue.id, taxonomy.mask_of(wanted.categories)))
        except ValidationError as invalid:
            errors = messages(invalid)
    ticked = (posted or {}).get("categories", [] if posted else touched_by_newest(session, project_id))
    return render(
        request,
        "taxonomies/relabelling.html",
        fragment="relabelling",
        status=422 if errors else 200,
        project=project_of(session, project_id),
        queues=[(queue.id, queue.name) for queue in relabelled_queues(session, project_id)],
        category_names=taxonomy.category_names,
        ticked=as_list(ticked),
        n_touched=n_touched,
        posted=posted or {},
        errors=errors or {},
    )


def queue_to_relabel(session: Session, project_id: int, queue_id: int) -> Queue:
    """Raises NotFound."""
    for queue in relabelled_queues(session, project_id):
        if queue.id == queue_id:
            return queue
    raise NotFound(_("There is no such queue."))


@router.get("/{number}")
def version_page(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    project_id: int,
    number: int,
    since: int = Query(default=0, ge=0, le=LAST_NUMBER),
) -> Response:
    """One version, and what is other in it than in the version `since`; 0: the one before."""
    project = project_of(session, project_id)
    taxonomy = taxonomy_numbered(session, project_id, min(number, LAST_NUMBER))
    since = since or max(number - 1, 1)
    return render(
        request,
        "taxonomies/version.html",
        project=project,
        taxonomy=taxonomy,
        number=number,
        since=since,
        changes=changes_between(taxonomy_numbered(session, project_id, since), taxonomy),
        options=[
            (each.number, f"{each.number}: {each.name}") for each in versions_of_taxonomy(session, project_id)
        ],
        severity_levels=SEVERITY_LEVELS,
    )


@router.post("")
def submit_version(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    typed = edited(posted, taxonomy_of(session, project_id))
    if typed.errors or typed.typed is None:
        return editor(request, session, project_id, status=422, errors=typed.errors, posted=posted)
    try:
        publish_taxonomy(session, project_id, admin.id, typed.taxonomy, typed.typed)
    except NothingChanged as same:
        errors = {"form": same.message}
        return editor(request, session, project_id, status=422, errors=errors, posted=posted)
    except TaxonomyMovedOn as moved_on:
        posted["based_on"] = newest_number(session, project_id)
        errors = {"form": moved_on.message}
        return editor(request, session, project_id, status=409, errors=errors, posted=posted)
    return RedirectResponse(f"/admin/projects/{project_id}/taxonomy", status_code=303)


@router.post("/preview")
def preview(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    """What would change; nothing is stored."""
    known = taxonomy_of(session, project_id)
    typed = edited(posted, known)
    if typed.errors:
        return editor(request, session, project_id, status=422, errors=typed.errors, posted=posted)
    changes = changes_between(known, typed.taxonomy)
    return editor(request, session, project_id, posted=posted, changes=changes)


def editor(
    request: Request,
    session: Session,
    project_id: int,
    *,
    status: int = 200,
    changes: list[Change] | None = None,
    errors: dict[str, str] | None = None,
    **form: Any,
) -> Response:
    project = project_of(session, project_id)
    taxonomy = taxonomy_of(session, project_id)
    return render(
        request,
        "taxonomies/taxonomy.html",
        fragment="editor",
        status=status,
        project=project,
        taxonomy=taxonomy,
        number=newest_number(session, project_id),
        categories=with_ranks(taxonomy),
        n_new=N_NEW,
        versions=versions_of_taxonomy(session, project_id),
        changes=changes,
        errors=errors or {},
        wrong_places={int(end) for field in errors or () if (end := field.rpartition("_")[2]).isdigit()},
        **form,
    )
