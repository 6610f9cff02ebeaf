"""Who works in a project, and the file by which they are paid."""

from collections.abc import Iterator
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import ValidationError

from app.accounts.deps import CurrentAdmin
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Refused
from app.people.forms import Days, DaysInOrder, Sheet
from app.people.queries import added_up, people_at_work, work_in_project
from app.people.sheets import lines_by_day, lines_by_person
from app.projects.queries import project_of
from app.web.deps import SessionDep
from app.web.forms import messages
from app.web.templates import render

WORK = "hours and items"

router = APIRouter(prefix="/admin")
Asked = TypeVar("Asked", bound=Days)


@router.get("/projects/{project_id}/people")
def project_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    asked = dict(request.query_params)
    try:
        days, errors = DaysInOrder.model_validate(asked), {}
    except ValidationError as invalid:
        days, errors = DaysInOrder(), messages(invalid)
    people = people_at_work(session, project_id, days, days.sort)
    return render(
        request,
        "people/project.html",
        status=422 if errors else 200,
        project=project_of(session, project_id),
        people=people,
        done=added_up(person.done for person in people),
        days=days,
        posted=asked,
        errors=errors,
    )


@router.get("/projects/{project_id}/people.csv")
def project_csv(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    """Notes in the audit log who has it."""
    project_of(session, project_id)
    sheet = usable(Sheet, request)
    asked = sheet.model_dump(mode="json") | {"since": str(sheet.first), "until": str(sheet.last)}
    record(session, Action.DOWNLOADED, WORK, project_id=project_id, after=asked)
    work = work_in_project(session, project_id, sheet)
    lines = lines_by_person(work, sheet) if sheet.by_person else lines_by_day(work)
    return sent(lines, f"work-{project_id}-{sheet.first}-{sheet.last}.csv")


def usable(form: type[Asked], request: Request) -> Asked:
    """Raises Refused for days that are none."""
    try:
        return form.model_validate(dict(request.query_params))
    except ValidationError as invalid:
        raise Refused(next(iter(messages(invalid).values()))) from invalid


def sent(lines: Iterator[str], name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="text/csv", headers=headers)
