"""The admin's pages of imports."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.audit.actions import record
from app.audit.models import Action
from app.db import after_commit, now
from app.errors import NotFound, Refused
from app.i18n import gettext as _
from app.items.actions import NOT_ENDED, start_import
from app.items.deciding import cancel_import, forget_mapping, import_checked, tell_columns
from app.items.fields import WronglyTold
from app.items.forms import WORDS, likely_use, maps_posted, use_told
from app.items.jobs import run_import
from app.items.mapping import maps_of
from app.items.models import Import, ImportState
from app.items.options import ImportOptions
from app.items.preview import Column, columns_in
from app.items.queries import import_of, imports_of_project, mappings_of_project, vocabularies_in
from app.items.report import first_problems, report_path, upload_path
from app.items.uploads import keep_upload, kept_until, remove_upload, uploaded
from app.projects.queries import project_of
from app.web.deps import Posted, SessionDep
from app.web.security import UPLOAD
from app.web.templates import render
from app.worker import send

router = APIRouter(prefix="/admin")

PROBLEMS_SHOWN = 20
AT_ONCE = "no"


@router.get("/projects/{project_id}/imports")
def imports_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return render(
        request,
        "items/imports.html",
        project=project_of(session, project_id),
        imports=imports_of_project(session, project_id),
        mappings=mappings_of_project(session, project_id),
    )


@router.post("/projects/{project_id}/imports", tags=[UPLOAD])
def submit_import(session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted) -> Response:
    upload = uploaded(posted)
    options = options_of(posted)
    project = project_of(session, project_id)
    only_checks = posted.get("check") != AT_ONCE
    name, n_bytes = upload.filename or "", upload.size or 0
    started = start_import(session, project.id, name, n_bytes, only_checks=only_checks, options=options)
    keep_upload(started.id, upload)
    after_commit(session, partial(send, run_import, started.id))
    return to_import(started.id)


def options_of(posted: Mapping[str, Any]) -> ImportOptions:
    leaves_out = "leave_out_similar" in posted
    try:
        return ImportOptions(leave_out_similar=posted.get("least_alike", "") if leaves_out else None)
    except ValidationError as invalid:
        raise Refused(_("The similarity must be a number from 0.5 to 1.")) from invalid


def to_import(import_id: int) -> Response:
    return RedirectResponse(f"/admin/imports/{import_id}", status_code=303)


@router.get("/imports/{import_id}")
def import_page(request: Request, session: SessionDep, admin: CurrentAdmin, import_id: int) -> Response:
    return import_shown(request, session, import_of(session, import_id))


def import_shown(
    request: Request, session: Session, found: Import, status: int = 200, **context: Any
) -> Response:
    columns = columns_to_tell(session, found)
    maps = maps_of(found.mapping or [])
    response = render(
        request,
        "items/import.html",
        fragment="import",
        status=status,
        started=found,
        pace=found.pace(now()),
        project=project_of(session, found.project_id),
        has_report=report_path(found.id).exists(),
        kept_until=kept_until(found),
        problems=first_problems(found.id, PROBLEMS_SHOWN),
        maps=maps,
        columns=columns,
        uses=[(use.value, _(words)) for use, words in WORDS.items()],
        likely=[use_told(each.name, maps) if maps else likely_use(each.name) for each in columns],
        **context,
    )
    if found.state not in NOT_ENDED:
        # While it moves, the moving part alone is swapped.
        response.headers["HX-Retarget"] = response.headers["HX-Reselect"] = "#import"
    return response


def columns_to_tell(session: Session, found: Import) -> list[Column]:
    """None where they can't or need not be told. Writes into the audit log who has seen what they hold."""
    is_asked = found.lacks_columns or (found.mapping is not None and found.state == ImportState.CHECKED)
    if not is_asked or not upload_path(found.id).exists():
        return []
    record(session, Action.VIEWED, "columns", project_id=found.project_id, after={"import": found.id})
    return columns_in(upload_path(found.id), vocabularies_in(session, found.project_id))


@router.post("/imports/{import_id}/columns")
def submit_columns(
    request: Request, session: SessionDep, admin: CurrentAdmin, import_id: int, posted: Posted
) -> Response:
    found = import_of(session, import_id)
    names = [column.name for column in columns_to_tell(session, found)]
    if names:
        try:
            maps = maps_posted(names, posted)
        except WronglyTold as wrong:
            errors = {"columns": wrong.message}
            return import_shown(request, session, found, 422, errors=errors, posted=posted)
        if tell_columns(session, import_id, maps):
            after_commit(session, partial(send, run_import, import_id))
    return to_import(import_id)


@router.post("/imports/{import_id}/run")
def submit_run(session: SessionDep, admin: CurrentAdmin, import_id: int) -> Response:
    if import_of(session, import_id).answers_told is None and import_checked(session, import_id):
        after_commit(session, partial(send, run_import, import_id))
    return to_import(import_id)


@router.post("/imports/{import_id}/cancel")
def submit_cancel(session: SessionDep, admin: CurrentAdmin, import_id: int) -> Response:
    import_of(session, import_id)
    if cancel_import(session, import_id):
        after_commit(session, partial(remove_upload, import_id))
    return to_import(import_id)


@router.post("/projects/{project_id}/mappings/{mapping_id}/forget")
def submit_forgetting(session: SessionDep, admin: CurrentAdmin, project_id: int, mapping_id: int) -> Response:
    project_of(session, project_id)
    forget_mapping(session, project_id, mapping_id)
    return RedirectResponse(f"/admin/projects/{project_id}/imports", status_code=303)


@router.get("/imports/{import_id}/report.csv")
def import_report(session: SessionDep, admin: CurrentAdmin, import_id: int) -> Response:
    """Notes in the audit log who has it: it may quote what the file says."""
    found = import_of(session, import_id)
    path = report_path(import_id)
    if not path.exists():
        raise NotFound(_("This import has no report: every row was good, or it is not finished."))
    after = {"import": import_id}
    record(session, Action.DOWNLOADED, "import report", project_id=found.project_id, after=after)
    return FileResponse(path, filename=f"import-{import_id}-report.csv", media_type="text/csv")
