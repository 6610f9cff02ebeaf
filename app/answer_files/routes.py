"""The admin's uploads of answers; their pages are those of every import (app/items/routes.py)."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.answer_files.actions import start_answer_import
from app.answer_files.forms import AnswersTold
from app.answer_files.jobs import run_answer_import
from app.db import after_commit
from app.i18n import gettext as _
from app.i18n import readable
from app.items.deciding import import_checked
from app.items.queries import import_of
from app.items.routes import AT_ONCE, to_import
from app.items.uploads import keep_upload, uploaded
from app.projects.queries import project_of, taxonomy_of
from app.queues.models import QueueKind
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.security import UPLOAD
from app.web.templates import render
from app.worker import send

router = APIRouter(prefix="/admin")


@router.get("/projects/{project_id}/answer-imports")
def answers_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    project = project_of(session, project_id)
    return render(request, "answer_files/upload.html", project=project, **choices(session, project_id))


@router.post("/projects/{project_id}/answer-imports", tags=[UPLOAD])
def submit_answer_import(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    upload = uploaded(posted)
    project = project_of(session, project_id)
    try:
        told = AnswersTold.model_validate(posted).told(taxonomy_of(session, project_id).category_names)
    except ValidationError as invalid:
        errors = messages(invalid)
        page = "answer_files/upload.html"
        offered = choices(session, project_id)
        return render(request, page, status=422, project=project, posted=posted, errors=errors, **offered)
    only_checks = posted.get("check") != AT_ONCE
    name, n_bytes = upload.filename or "", upload.size or 0
    started = start_answer_import(session, project_id, name, n_bytes, told, only_checks=only_checks)
    keep_upload(started.id, upload)
    after_commit(session, partial(send, run_answer_import, started.id))
    return to_import(started.id)


@router.post("/imports/{import_id}/run-answers")
def submit_answer_run(session: SessionDep, admin: CurrentAdmin, import_id: int) -> Response:
    if import_of(session, import_id).answers_told is not None and import_checked(session, import_id):
        after_commit(session, partial(send, run_answer_import, import_id))
    return to_import(import_id)


def choices(session: Session, project_id: int) -> dict[str, Any]:
    """What the form offers."""
    return {
        "kinds": [(kind.value, _(kind.value)) for kind in QueueKind],
        "categories": [(name, readable(name)) for name in taxonomy_of(session, project_id).category_names],
    }
