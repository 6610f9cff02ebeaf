"""What leaves the machine: the admin's page of it, and links that let anyone download."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.deliveries.actions import (
    add_target,
    add_webhook,
    make_link,
    note_use,
    order_call,
    order_delivery,
    refuse_ended,
    revoke_links,
    switch_target,
    switch_webhook,
)
from app.deliveries.errands import MOST_TRIES
from app.deliveries.forms import NewLink, NewTarget, NewWebhook, Order, Switch
from app.deliveries.links import Link
from app.deliveries.models import Errand, Progress
from app.deliveries.queries import (
    call_of_project,
    done_releases,
    newest_calls,
    newest_deliveries,
    release_numbered,
    target_of,
    targets_of,
    webhook_of,
    webhooks_of,
)
from app.deliveries.throttle import count_guess, refuse_too_many_guesses
from app.errors import Forbidden, NotFound, Refused
from app.i18n import gettext as _
from app.projects.queries import project_of
from app.releases.actions import files_of, release_folder
from app.releases.models import Release, ReleaseState
from app.releases.queries import release_of
from app.releases.routes import archive_response
from app.web.addresses import site_url
from app.web.deps import Posted, Public, SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter()

PAGE = "/admin/projects/{project_id}/deliveries"

MOST_SHOWN = 50


@router.get(PAGE)
def deliveries_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return deliveries(request, session, project_id)


@router.post(PAGE)
def submit_order(session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted) -> Response:
    """One release to one target, the first time or again."""
    try:
        order = Order.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Choose a release and a target.")) from invalid
    target = target_of(session, project_id, order.target_id)
    order_delivery(session, target, release_numbered(session, project_id, order.number))
    return back(project_id)


@router.post(PAGE + "/targets")
def submit_target(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    project_of(session, project_id)
    try:
        add_target(session, project_id, NewTarget.model_validate(posted))
    except ValidationError as invalid:
        return deliveries(
            request, session, project_id, status=422, posted=posted, errors=messages(invalid), wrong="target"
        )
    return back(project_id)


@router.post(PAGE + "/targets/{target_id}")
def submit_target_switch(
    session: SessionDep, admin: CurrentAdmin, project_id: int, target_id: int, posted: Posted
) -> Response:
    switch_target(session, target_of(session, project_id, target_id), is_on=switched(posted))
    return back(project_id)


@router.post(PAGE + "/webhooks")
def submit_webhook(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    project_of(session, project_id)
    try:
        add_webhook(session, project_id, NewWebhook.model_validate(posted), site_url(request))
    except ValidationError as invalid:
        return deliveries(
            request, session, project_id, status=422, posted=posted, errors=messages(invalid), wrong="webhook"
        )
    return back(project_id)


@router.post(PAGE + "/webhooks/{webhook_id}")
def submit_webhook_switch(
    session: SessionDep, admin: CurrentAdmin, project_id: int, webhook_id: int, posted: Posted
) -> Response:
    switch_webhook(session, webhook_of(session, project_id, webhook_id), is_on=switched(posted))
    return back(project_id)


@router.post(PAGE + "/calls/{call_id}")
def submit_call(session: SessionDep, admin: CurrentAdmin, project_id: int, call_id: int) -> Response:
    """The same message once more."""
    order_call(session, call_of_project(session, project_id, call_id))
    return back(project_id)


@router.post("/admin/releases/{release_id}/links")
def submit_link(
    request: Request, session: SessionDep, admin: CurrentAdmin, release_id: int, posted: Posted
) -> Response:
    """Shows the link, this once. Twice, there are two that hold."""
    release = done_release(session, release_id)
    try:
        wanted = NewLink.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Choose a file and how long the link holds: 1 to 168 hours.")) from invalid
    refuse_unknown_file(release, wanted.file)
    link = make_link(session, release, wanted)
    return render(
        request,
        "deliveries/link.html",
        release=release,
        path=link.path,
        until=datetime.fromtimestamp(link.until, UTC),
        url=site_url(request) + link.address,
    )


@router.post("/admin/releases/{release_id}/links/revoke")
def submit_revocation(session: SessionDep, admin: CurrentAdmin, release_id: int) -> Response:
    revoke_links(session, release_of(session, release_id))
    return RedirectResponse(f"/admin/releases/{release_id}", status_code=303)


@router.get("/shared/releases/{release_id}", dependencies=[Public])
def shared_archive(
    request: Request, session: SessionDep, release_id: int, until: int, series: int, signature: str
) -> Response:
    """As `shared_file`."""
    link = Link(release_id, "", until, series)
    return archive_response(release_shared_by(request, session, link, signature))


@router.get("/shared/releases/{release_id}/files/{path:path}", dependencies=[Public])
def shared_file(
    request: Request, session: SessionDep, release_id: int, path: str, until: int, series: int, signature: str
) -> Response:
    """For whoever has the link. Notes in the audit log that it was used."""
    release = release_shared_by(request, session, Link(release_id, path, until, series), signature)
    refuse_unknown_file(release, path)
    return FileResponse(release_folder(release) / path, filename=path.rpartition("/")[2])


def release_shared_by(request: Request, session: Session, link: Link, signature: str) -> Release:
    """Raises TooMany, Forbidden, Gone or NotFound."""
    address = request.client.host if request.client else "unknown"
    refuse_too_many_guesses(address)
    if not link.is_signed_by(signature):
        count_guess(address)
        raise Forbidden(_("This link is not one of ours, or not whole. Ask for a new one."))
    refuse_ended(session, link)
    release = done_release(session, link.release_id)
    note_use(session, release, link)
    return release


def done_release(session: Session, release_id: int) -> Release:
    release = release_of(session, release_id)
    if release.state != ReleaseState.DONE:
        raise NotFound(_("This release is not finished."))
    return release


def refuse_unknown_file(release: Release, path: str) -> None:
    if path and path not in files_of(release):
        raise NotFound(_("This release has no such file."))


def switched(posted: Posted) -> bool:
    try:
        return Switch.model_validate(posted).is_on
    except ValidationError as invalid:
        raise Refused(_("Say whether it is on or off.")) from invalid


def deliveries(
    request: Request,
    session: Session,
    project_id: int,
    *,
    status: int = 200,
    wrong: str = "",
    **form: Any,
) -> Response:
    """`wrong`: which form comes back, "target" or "webhook"."""
    newest = newest_deliveries(session, project_id, MOST_SHOWN)
    calls = newest_calls(session, project_id, MOST_SHOWN)
    return render(
        request,
        "deliveries/deliveries.html",
        fragment="log",
        status=status,
        project=project_of(session, project_id),
        targets=targets_of(session, project_id),
        webhooks=webhooks_of(session, project_id),
        numbers=done_releases(session, project_id),
        deliveries=newest,
        calls=calls,
        is_moving=any(map(is_moving, (*newest, *(shown.call for shown in calls)))),
        path=PAGE.format(project_id=project_id),
        most_tries=MOST_TRIES,
        wrong=wrong,
        **form,
    )


def is_moving(errand: Errand) -> bool:
    """Soon to be another; one that waits for its next try may do so for long."""
    return errand.state == Progress.RUNNING or (errand.state == Progress.WAITING and not errand.n_tries)


def back(project_id: int) -> Response:
    return RedirectResponse(PAGE.format(project_id=project_id), status_code=303)
