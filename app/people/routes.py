"""The list of people, all of one person, who works in a project, and the file by which they are paid."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from app.accounts.actions import (
    UsernameTaken,
    create_user,
    revoke_qualification,
    sign_out_everywhere,
)
from app.accounts.deps import CurrentAdmin
from app.accounts.forms import Activation, Grant, NewRole, NewUser, Revocation
from app.accounts.models import Role, User
from app.accounts.queries import n_sign_ins, qualifications_of, user_of, usernames
from app.agreement.page.plots.bars import BarPlot, bar_plot
from app.audit.actions import record
from app.audit.models import Action
from app.comments.queries import threads_of_annotator
from app.db import now
from app.errors import Refused
from app.groups.queries import all_groups, groups_of
from app.i18n import gettext as _
from app.people.actions import activate, give_role, grant
from app.people.exposure import exposure_counted_at, last_days, seen_by_person
from app.people.forms import USUAL_DAYS, Days, DaysInOrder, PauseChange, Sheet, today
from app.people.listing import Activity, Who, people_listed
from app.people.one_person import done_to, kappas, memberships, paces, partners_in
from app.people.queries import Work, added_up, people_at_work, work_in_project, work_of_person
from app.people.sheets import lines_by_day, lines_by_person
from app.projects.queries import project_of
from app.quality.actions import pause_member, resume_member
from app.queues.queries import member_of, restricted_among
from app.queues.spelling import OtherSpelling
from app.web.deps import Posted, SessionDep
from app.web.downloads import csv_file
from app.web.forms import messages
from app.web.templates import render

WORK = "hours and items"
DAYS_OF_EXPOSURE = 14
MOST_THREADS = 5
MOST_HAPPENINGS = 20

router = APIRouter(prefix="/admin")
Form = TypeVar("Form", bound=BaseModel)


@router.get("/people")
def people_page(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    return people(request, session)


@router.post("/people")
def submit_user(request: Request, session: SessionDep, admin: CurrentAdmin, posted: Posted) -> Response:
    try:
        create_user(session, NewUser.model_validate(posted))
    except ValidationError as invalid:
        return people(request, session, errors=messages(invalid), posted=posted)
    except UsernameTaken as taken:
        return people(request, session, errors={"username": taken.message}, posted=posted)
    return RedirectResponse("/admin/people", status_code=303)


def people(
    request: Request,
    session: Session,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    """The list, with the form for someone new as it was sent."""
    who = usable(Who, request)
    found, after = people_listed(session, who)
    asked = who.model_dump(mode="json", exclude_defaults=True)
    groups = all_groups(session)
    return render(
        request,
        "people/list.html",
        status=422 if errors else 200,
        people=found,
        next_page=urlencode(asked | {"after": after}) if after else "",
        who=who,
        roles=list(Role),
        groups=groups,
        group_choices=[("", _("any")), *((group.id, group.name) for group in groups)],
        role_choices=[("", _("any")), *((role, _(role)) for role in Role)],
        activities=[(Activity.ACTIVE, _("yes")), (Activity.INACTIVE, _("no")), (Activity.ANY, _("any"))],
        errors=errors or {},
        posted=posted or {},
    )


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
        counted_at=exposure_counted_at(session),
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
    return csv_file(f"work-{project_id}-{sheet.first}-{sheet.last}.csv", lines)


@router.get("/people/{user_id}")
def person_page(request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int) -> Response:
    return person(request, session, admin, user_id)


@router.get("/people/{user_id}/agreement")
def agreement_page(request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int) -> Response:
    """A page of its own, which the person's page loads once it is there: reports are large."""
    return render(
        request,
        "people/agreement.html",
        fragment="agreement",
        person=user_of(session, user_id),
        kappas=kappas(session, user_id),
    )


@router.get("/people/{user_id}/exposure")
def exposure_page(request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int) -> Response:
    """A page of its own, to which the project's page of wellbeing leads."""
    days = Days(since=last_days(today(), DAYS_OF_EXPOSURE)[0])
    return render(
        request,
        "people/exposure.html",
        fragment="exposure",
        person=user_of(session, user_id),
        seen=seen_by_person(session, user_id, days),
        counted_at=exposure_counted_at(session),
        n_days=DAYS_OF_EXPOSURE,
    )


@router.get("/people/{user_id}/work.csv")
def person_csv(request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int) -> Response:
    """Notes in the audit log who has it."""
    username = user_of(session, user_id).username
    days = usable(Days, request)
    asked = {"since": str(days.first), "until": str(days.last)}
    record(session, Action.DOWNLOADED, WORK, user_id=user_id, after=asked)
    lines = lines_by_day(work_of_person(session, user_id, days))
    return csv_file(f"work-{username}-{days.first}-{days.last}.csv", lines)


@router.post("/people/{user_id}/role")
def submit_role(
    request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int, posted: Posted
) -> Response:
    user_of(session, user_id)
    try:
        new = NewRole.model_validate(posted)
    except ValidationError as invalid:
        return person(request, session, admin, user_id, "role", messages(invalid), posted)
    give_role(session, user_id, new.role, new.reason)
    return back(user_id)


@router.post("/people/{user_id}/activation")
def submit_activation(
    request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int, posted: Posted
) -> Response:
    user_of(session, user_id)
    try:
        new = Activation.model_validate(posted)
    except ValidationError as invalid:
        return person(request, session, admin, user_id, "activation", messages(invalid), posted)
    activate(session, user_id, new.reason, is_active=new.is_active)
    return back(user_id)


@router.post("/people/{user_id}/sign-outs")
def submit_sign_outs(session: SessionDep, admin: CurrentAdmin, user_id: int) -> Response:
    user_of(session, user_id)
    sign_out_everywhere(session, user_id)
    return back(user_id)


@router.post("/people/{user_id}/pauses")
def submit_pause(
    request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int, posted: Posted
) -> Response:
    try:
        change = PauseChange.model_validate(posted)
    except ValidationError as invalid:
        return person(request, session, admin, user_id, "pause", messages(invalid), posted)
    member_of(session, change.queue_id, user_id)
    turn = resume_member if change.resumes else pause_member
    turn(session, change.queue_id, user_id, change.reason)
    return back(user_id)


@router.post("/people/{user_id}/qualifications")
def submit_grant(
    request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int, posted: Posted
) -> Response:
    user_of(session, user_id)
    try:
        grant(session, user_id, Grant.model_validate(posted))
    except ValidationError as invalid:
        return person(request, session, admin, user_id, "grant", messages(invalid), posted)
    except OtherSpelling as other:
        return person(request, session, admin, user_id, "grant", {other.field: other.message}, posted)
    return back(user_id)


@router.post("/people/{user_id}/qualifications/revoke")
def submit_revocation(
    request: Request, session: SessionDep, admin: CurrentAdmin, user_id: int, posted: Posted
) -> Response:
    user_of(session, user_id)
    try:
        revocation = Revocation.model_validate(posted)
    except ValidationError as invalid:
        return person(request, session, admin, user_id, "revocation", messages(invalid), posted)
    revoke_qualification(session, user_id, revocation.name, revocation.reason)
    return back(user_id)


def person(
    request: Request,
    session: Session,
    admin: User,
    user_id: int,
    form: str = "",
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    """`form`: the one of the page's forms that was sent; several have a field of the same name."""
    days = Days()
    work = {each.day: each.done for each in work_of_person(session, user_id, days)}
    queues = memberships(session, user_id)
    threads = threads_of_annotator(session, user_id, MOST_THREADS)
    return render(
        request,
        "people/person.html",
        status=422 if errors else 200,
        person=user_of(session, user_id),
        days=days,
        n_days=USUAL_DAYS,
        plot=hours_by_day(last_days(days.last, USUAL_DAYS), work),
        work=work,
        done=added_up(work.values()),
        queues=queues,
        partners=usernames(session, partners_in(queues)),
        paces=paces(session, user_id),
        threads=threads,
        withheld=restricted_among(session, admin, [thread.item_id for thread in threads]),
        happenings=done_to(session, user_id, MOST_HAPPENINGS),
        groups=groups_of(session, user_id),
        qualifications=qualifications_of(session, user_id),
        n_sign_ins=n_sign_ins(session, user_id),
        role_choices=[(role, _(role)) for role in Role],
        now=now(),
        errors={form: errors or {}},
        posted={form: posted or {}},
    )


def hours_by_day(days: Sequence[date], work: Mapping[date, Work]) -> BarPlot:
    hours = [(day, work[day].hours if day in work else 0.0) for day in days]
    return bar_plot(
        _("Active hours by day"),
        _("A bar for the active hours of each day."),
        [(day, n, f"{n:.2f}") for day, n in hours],
    )


def back(user_id: int) -> Response:
    return RedirectResponse(f"/admin/people/{user_id}", status_code=303)


def usable(form: type[Form], request: Request) -> Form:
    """What the address asks for. Raises Refused for what no page of ours asks."""
    try:
        return form.model_validate(dict(request.query_params))
    except ValidationError as invalid:
        raise Refused(next(iter(messages(invalid).values()))) from invalid
