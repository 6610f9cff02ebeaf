"""The admin's pages of imports."""

import shutil
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from app.accounts.deps import CurrentAdmin
from app.audit.actions import record
from app.audit.models import Action
from app.db import after_commit
from app.errors import NotFound, Refused
from app.i18n import gettext as _
from app.items.actions import start_import
from app.items.forms import ImportOptions
from app.items.jobs import run_import
from app.items.queries import import_of
from app.items.report import report_path, upload_path
from app.projects.queries import project_of
from app.web.deps import Posted, SessionDep
from app.web.security import UPLOAD
from app.web.templates import render
from app.worker import send

router = APIRouter(prefix="/admin")


@router.post("/projects/{project_id}/imports", tags=[UPLOAD])
def submit_import(session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted) -> Response:
    upload = posted.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Refused(_("Choose a file to import."))
    options = options_of(posted)
    project = project_of(session, project_id)
    started = start_import(session, project.id, upload.filename, upload.size or 0, options)
    path = upload_path(started.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as kept:
        shutil.copyfileobj(upload.file, kept)
    after_commit(session, partial(send, run_import, started.id))
    return RedirectResponse(f"/admin/imports/{started.id}", status_code=303)


def options_of(posted: Mapping[str, Any]) -> ImportOptions:
    leaves_out = "leave_out_similar" in posted
    try:
        return ImportOptions(leave_out_similar=posted.get("least_alike", "") if leaves_out else None)
    except ValidationError as invalid:
        raise Refused(_("The similarity must be a number from 0.5 to 1.")) from invalid


@router.get("/imports/{import_id}")
def import_page(request: Request, session: SessionDep, admin: CurrentAdmin, import_id: int) -> Response:
    found = import_of(session, import_id)
    return render(
        request,
        "items/import.html",
        fragment="import",
        started=found,
        project=project_of(session, found.project_id),
        has_report=report_path(import_id).exists(),
    )


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
