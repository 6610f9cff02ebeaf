"""The admin's page of all that runs in the background of a project."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from app.accounts.deps import CurrentAdmin
from app.db import now
from app.i18n import gettext as _
from app.projects.queries import project_of
from app.pulse.queries import workers_seen
from app.runs.forms import Search, place_of
from app.runs.queries import askers_of, runs_of
from app.runs.run import WORDS, RunState
from app.web.deps import SessionDep
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin/projects/{project_id}/jobs")

RUNS_A_PAGE = 50


@router.get("")
def runs_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    asked = dict(request.query_params)
    try:
        search, errors = Search.model_validate(asked), {}
    except ValidationError as invalid:
        search, errors = Search(), messages(invalid)
    found = runs_of(session, project_id, search, RUNS_A_PAGE + 1)
    shown = found[:RUNS_A_PAGE]
    has_more = len(found) > RUNS_A_PAGE
    return render(
        request,
        "runs/runs.html",
        fragment="runs",
        status=422 if errors else 200,
        project=project_of(session, project_id),
        health=workers_seen(session),
        runs=shown,
        askers=askers_of(session, project_id, shown),
        is_moving=any(run.is_moving for run in shown),
        older=urlencode(asked | {"before": place_of(shown[-1].place)}) if has_more else "",
        now=now(),
        search=search,
        words={kind: _(words) for kind, words in WORDS.items()},
        states=[(state, _(state)) for state in RunState],
        posted=asked,
        errors=errors,
    )
