"""The admin's pages over everything: all projects, their settings, wellbeing, the audit log."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from app.accounts.deps import CurrentAdmin
from app.assignments.clearance import apply_project_restrictions
from app.audit.actions import record
from app.audit.models import Action
from app.console.audit import Search, csv_lines, entries
from app.console.queries import FEWEST_PEOPLE, distress_by_week
from app.console.wellbeing import PageOfPeople, exposure_lines, exposures, high_dose, on_page
from app.demo.queries import demo_campaign
from app.i18n import gettext as _
from app.i18n import ngettext
from app.people.exposure import exposure_counted_at, last_days, seen_in_project
from app.people.forms import Days, today
from app.people.routes import usable
from app.projects.actions import ProjectNameTaken, change_project, create_project
from app.projects.forms import NewProject, ProjectSettings, project_settings_of
from app.projects.queries import all_projects, project_of, taxonomies_of, taxonomy_of
from app.projects.shipped import SHIPPED
from app.projects.taxonomy import Taxonomy
from app.web.deps import Posted, SessionDep
from app.web.downloads import csv_file
from app.web.forms import messages
from app.web.templates import render

router = APIRouter(prefix="/admin")

EXPOSURE = "exposure"
DAYS_SHOWN = 14
ENTRIES_A_PAGE = 50


@router.get("")
def projects_page(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    return projects(request, session)


@router.post("/projects")
def submit_project(request: Request, session: SessionDep, admin: CurrentAdmin, posted: Posted) -> Response:
    try:
        new = NewProject.model_validate(posted)
        project = create_project(session, new.name, SHIPPED[new.taxonomy])
    except ValidationError as invalid:
        return projects(request, session, status=422, errors=messages(invalid), posted=posted)
    except ProjectNameTaken as taken:
        return projects(request, session, status=422, errors={"name": taken.message}, posted=posted)
    return RedirectResponse(f"/admin/projects/{project.id}", status_code=303)


@router.get("/projects/{project_id}/settings")
def settings_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    return project_settings(request, session, project_id)


@router.post("/projects/{project_id}/settings")
def submit_settings(
    request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int, posted: Posted
) -> Response:
    names = taxonomy_of(session, project_id).category_names
    try:
        changed = ProjectSettings.model_validate(posted, context=names)
        if change_project(session, project_id, changed):
            apply_project_restrictions(session, project_id)
    except ValidationError as invalid:
        return project_settings(request, session, project_id, errors=messages(invalid), posted=posted)
    return RedirectResponse(f"/admin/projects/{project_id}", status_code=303)


@router.get("/projects/{project_id}/wellbeing")
def wellbeing_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    page = usable(PageOfPeople, request).page
    days = last_days(today(), DAYS_SHOWN)
    seen = seen_in_project(session, project_id, Days(since=days[0]))
    people = exposures(seen, days)
    return render(
        request,
        "console/wellbeing.html",
        project=project_of(session, project_id),
        counted_at=exposure_counted_at(session),
        days=days,
        people=on_page(people, page),
        n_people=len(people),
        previous_page=page - 1,
        next_page=page + 1 if on_page(people, page + 1) else 0,
        highest=max((dose for person in people for dose in person.doses), default=0),
        high_day=high_dose(each.dose for each in seen),
        high_total=high_dose(person.dose for person in people),
        distress=distress_by_week(session, project_id),
        fewest_people=FEWEST_PEOPLE,
    )


@router.get("/projects/{project_id}/wellbeing.csv")
def wellbeing_csv(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    """Everybody's days, a year at most. Notes in the audit log who has it."""
    project_of(session, project_id)
    days = usable(Days, request)
    asked = {"since": str(days.first), "until": str(days.last)}
    record(session, Action.DOWNLOADED, EXPOSURE, project_id=project_id, after=asked)
    lines = exposure_lines(seen_in_project(session, project_id, days))
    return csv_file(f"exposure-{project_id}-{days.first}-{days.last}.csv", lines)


@router.get("/audit")
def audit_page(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    asked = dict(request.query_params)
    try:
        search, errors = Search.model_validate(asked), {}
    except ValidationError as invalid:
        search, errors = None, messages(invalid)
    found = entries(session, search, ENTRIES_A_PAGE + 1) if search else []
    last = found[ENTRIES_A_PAGE - 1] if len(found) > ENTRIES_A_PAGE else None
    return render(
        request,
        "console/audit.html",
        status=422 if errors else 200,
        found=found[:ENTRIES_A_PAGE],
        older=urlencode(asked | {"before": last.id}) if last else "",
        actions=[(action, _(action.replace("_", " "))) for action in Action],
        posted=asked,
        errors=errors,
    )


@router.get("/audit.csv")
def audit_csv(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    """Notes in the audit log who has it."""
    search = usable(Search, request)
    record(session, Action.DOWNLOADED, "audit log")
    return csv_file("audit-log.csv", csv_lines(search))


def project_settings(
    request: Request,
    session: SessionDep,
    project_id: int,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    project = project_of(session, project_id)
    return render(
        request,
        "console/settings.html",
        status=422 if errors else 200,
        project=project,
        values=project_settings_of(project) | ({"restricted": [], **posted} if posted else {}),
        category_names=taxonomy_of(session, project_id).category_names,
        errors=errors or {},
    )


def projects(
    request: Request,
    session: SessionDep,
    *,
    status: int = 200,
    **form: Any,
) -> Response:
    found = all_projects(session)
    return render(
        request,
        "console/projects.html",
        status=status,
        projects=found,
        shipped=[(version, n_categories(taxonomy)) for version, taxonomy in SHIPPED.items()],
        taxonomies=taxonomies_of(session, [project.id for project in found]),
        demo=demo_campaign(session),
        **form,
    )


def n_categories(taxonomy: Taxonomy) -> str:
    n = len(taxonomy.offered)
    words = ngettext("%(version)s: %(n)s harm category", "%(version)s: %(n)s harm categories", n)
    return words % {"version": taxonomy.version, "n": n}
