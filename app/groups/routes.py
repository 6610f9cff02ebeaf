"""The admins' pages of groups."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.groups.actions import GroupNameTaken, change_group, create_group, delete_group
from app.groups.forms import ChangedGroup, NewGroup
from app.groups.queries import all_groups, group_of, ids_in_group, people_for_group
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

PATH = "/admin/people/groups"

router = APIRouter(prefix=PATH)


@router.get("")
def groups_page(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    return groups(request, session)


@router.post("")
def submit_group(request: Request, session: SessionDep, admin: CurrentAdmin, posted: Posted) -> Response:
    try:
        group_id = create_group(session, NewGroup.model_validate(posted).name)
    except ValidationError as invalid:
        return groups(request, session, messages(invalid), posted)
    except GroupNameTaken as taken:
        return groups(request, session, {"name": taken.message}, posted)
    return RedirectResponse(f"{PATH}/{group_id}", status_code=303)


@router.get("/{group_id}")
def group_page(request: Request, session: SessionDep, admin: CurrentAdmin, group_id: int) -> Response:
    return one_group(request, session, group_id)


@router.post("/{group_id}")
def submit_change(
    request: Request, session: SessionDep, admin: CurrentAdmin, group_id: int, posted: Posted
) -> Response:
    group_of(session, group_id)
    try:
        changed = ChangedGroup.model_validate(posted)
        change_group(session, group_id, changed.name, changed.user_ids)
    except ValidationError as invalid:
        return one_group(request, session, group_id, messages(invalid), posted)
    except GroupNameTaken as taken:
        return one_group(request, session, group_id, {"name": taken.message}, posted)
    return RedirectResponse(PATH, status_code=303)


@router.post("/{group_id}/delete")
def submit_deletion(session: SessionDep, admin: CurrentAdmin, group_id: int) -> Response:
    delete_group(session, group_id)
    return RedirectResponse(PATH, status_code=303)


def groups(
    request: Request,
    session: Session,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    return render(
        request,
        "groups/groups.html",
        status=422 if errors else 200,
        groups=all_groups(session),
        errors=errors or {},
        posted=posted or {},
    )


def one_group(
    request: Request,
    session: Session,
    group_id: int,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    group = group_of(session, group_id)
    return render(
        request,
        "groups/group.html",
        status=422 if errors else 200,
        group=group,
        name=(posted or {}).get("name", group.name),
        people=people_for_group(session, group_id),
        ids=ids_in_group(session, group_id),
        errors=errors or {},
    )
