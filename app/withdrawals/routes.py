"""The admin's page of withdrawals, a preview first; and the annotator's of what may be published."""

from typing import Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin, CurrentAnnotator
from app.db import LARGEST_ID
from app.errors import Refused
from app.i18n import gettext as _
from app.projects.queries import project_of
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render
from app.withdrawals.actions import end_withdrawal, say_publication, withdraw
from app.withdrawals.forms import Ending, PublicationAnswer, Withdrawing
from app.withdrawals.queries import own_publications, publication_counts, withdrawals_of_project
from app.withdrawals.reach import NotThere, named_by, reach_of

router = APIRouter()

ROWS_A_PAGE = 50
OWN = "/annotate/publication"


@router.get("/admin/projects/{project_id}/withdrawals")
def withdrawals_page(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    project_id: int,
    find: str = Query(default="", max_length=200),
    before: int = Query(default=LARGEST_ID, ge=1, le=LARGEST_ID),
) -> Response:
    return withdrawals(request, session, project_id, find=find.strip(), before=before)


@router.post("/admin/projects/{project_id}/withdrawals/preview")
def preview(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    """What it would reach; nothing is stored."""
    try:
        form = Withdrawing.model_validate(posted)
        named = named_by(session, project_id, form)
    except ValidationError as invalid:
        return withdrawals(request, session, project_id, status=422, posted=posted, errors=messages(invalid))
    except NotThere as missing:
        errors = {"named": missing.message}
        return withdrawals(request, session, project_id, status=422, posted=posted, errors=errors)
    reach = reach_of(session, project_id, named)
    return withdrawals(request, session, project_id, posted=posted, form=form, named=named, reach=reach)


@router.post("/admin/projects/{project_id}/withdrawals")
def submit_withdrawal(session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted) -> Response:
    project_of(session, project_id)
    try:
        form = Withdrawing.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Look at the preview first, and withdraw from there.")) from invalid
    withdraw(session, project_id, named_by(session, project_id, form), form.reason)
    return back_to(project_id)


@router.post("/admin/projects/{project_id}/withdrawals/{withdrawal_id}/end")
def submit_ending(
    session: SessionDep, admin: CurrentAdmin, project_id: int, withdrawal_id: int, posted: Posted
) -> Response:
    try:
        ending = Ending.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Say why the withdrawal ends, in 1 to 1,000 characters.")) from invalid
    end_withdrawal(session, project_id, withdrawal_id, ending.reason)
    return back_to(project_id)


@router.get("/annotate/publication")
def publication_page(request: Request, session: SessionDep, annotator: CurrentAnnotator) -> Response:
    return render(
        request, "withdrawals/publication.html", publications=own_publications(session, annotator.id)
    )


@router.post("/annotate/projects/{project_id}/publication")
def submit_publication(
    session: SessionDep, annotator: CurrentAnnotator, project_id: int, posted: Posted
) -> Response:
    try:
        answer = PublicationAnswer.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Say yes or no on the page.")) from invalid
    say_publication(session, annotator.id, project_id, may_publish=answer.may_publish)
    return RedirectResponse(OWN, status_code=303)


def withdrawals(
    request: Request,
    session: Session,
    project_id: int,
    *,
    status: int = 200,
    find: str = "",
    before: int = LARGEST_ID,
    **form: Any,
) -> Response:
    rows = withdrawals_of_project(session, project_id, ROWS_A_PAGE + 1, find=find, before=before)
    return render(
        request,
        "withdrawals/withdrawals.html",
        status=status,
        project=project_of(session, project_id),
        rows=rows[:ROWS_A_PAGE],
        older=rows[ROWS_A_PAGE - 1].id if len(rows) > ROWS_A_PAGE else None,
        find=find,
        counts=publication_counts(session, project_id),
        **({"form": None, "named": None, "reach": None} | form),
    )


def back_to(project_id: int) -> Response:
    return RedirectResponse(f"/admin/projects/{project_id}/withdrawals", status_code=303)
