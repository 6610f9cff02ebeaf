"""What admins see of their annotators' care, and what they do about it."""

from enum import StrEnum
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdmin
from app.accounts.queries import user_of, usernames
from app.db import after_commit
from app.errors import Refused
from app.i18n import gettext as _
from app.quality.actions import add_rule, pause_member, resolve_alert, resume_member, switch_rule
from app.quality.forms import NewRule, Pausing, Resolution, Switch
from app.quality.jobs import review
from app.quality.models import Bound, RuleAction
from app.quality.outcomes import Collector
from app.quality.queries import (
    alert_of,
    latest_trust_report,
    numbers_of,
    open_alerts,
    paused_members,
    rule_of,
    rules_of,
)
from app.queues.queries import member_of, members_at_work, queue_of
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render

# What the form for a new rule begins with.
NEW_RULE = {
    "collector": Collector.GOLD,
    "window": 20,
    "min_n": 10,
    "bound": Bound.UPPER,
    "is_below": "true",
    "threshold": 0.6,
    "action": RuleAction.NOTIFY,
}

router = APIRouter(prefix="/admin/queues/{queue_id}/quality")


@router.get("")
def quality_page(request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    return quality(request, session, queue_id)


@router.post("/review")
def review_now(session: SessionDep, admin: CurrentAdmin, queue_id: int) -> Response:
    queue_of(session, queue_id)
    after_commit(session, partial(review.delay, queue_id))
    report = latest_trust_report(session, queue_id)
    return RedirectResponse(
        f"/admin/queues/{queue_id}/quality?newer_than={report.id if report else 0}", status_code=303
    )


@router.get("/people/{annotator_id}")
def annotator_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, annotator_id: int
) -> Response:
    """Every number of one annotator, each with what it says and where it comes from."""
    member_of(session, queue_id, annotator_id)
    report = latest_trust_report(session, queue_id)
    numbers = numbers_of(report, annotator_id)
    partners = [number["facts"]["partner"] for number in numbers if "partner" in number["facts"]]
    return render(
        request,
        "quality/annotator.html",
        queue=queue_of(session, queue_id),
        person=user_of(session, annotator_id),
        report=report,
        numbers=numbers,
        partners=usernames(session, partners),
        pause=paused_members(session, queue_id).get(annotator_id),
    )


@router.post("/pauses")
def submit_pause(session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted) -> Response:
    pausing = pausing_posted(posted)
    member_of(session, queue_id, pausing.annotator_id)
    pause_member(session, queue_id, pausing.annotator_id, pausing.reason)
    return back(queue_id)


@router.post("/pauses/end")
def submit_resumption(session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted) -> Response:
    pausing = pausing_posted(posted)
    member_of(session, queue_id, pausing.annotator_id)
    resume_member(session, queue_id, pausing.annotator_id, pausing.reason)
    return back(queue_id)


@router.post("/alerts/{alert_id}")
def submit_resolution(
    session: SessionDep, admin: CurrentAdmin, queue_id: int, alert_id: int, posted: Posted
) -> Response:
    alert = alert_of(session, queue_id, alert_id)
    try:
        resolution = Resolution.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Say what you found, so that the next one knows.")) from invalid
    resolve_alert(session, alert, resolution.reason, admin.id, resumes=resolution.resumes)
    return back(queue_id)


@router.post("/rules")
def submit_rule(
    request: Request, session: SessionDep, admin: CurrentAdmin, queue_id: int, posted: Posted
) -> Response:
    queue_of(session, queue_id)
    try:
        add_rule(session, queue_id, NewRule.model_validate(posted), admin.id)
    except ValidationError as invalid:
        return quality(request, session, queue_id, errors=messages(invalid), posted=posted)
    return back(queue_id)


@router.post("/rules/{rule_id}")
def submit_switch(
    session: SessionDep, admin: CurrentAdmin, queue_id: int, rule_id: int, posted: Posted
) -> Response:
    rule = rule_of(session, queue_id, rule_id)
    try:
        switch_rule(session, rule, is_on=Switch.model_validate(posted).is_on)
    except ValidationError as invalid:
        raise Refused(_("Say whether the rule is on or off.")) from invalid
    return back(queue_id)


def pausing_posted(posted: Posted) -> Pausing:
    try:
        return Pausing.model_validate(posted)
    except ValidationError as invalid:
        raise Refused(_("Choose who is meant, and say why: they read it too.")) from invalid


def quality(
    request: Request,
    session: Session,
    queue_id: int,
    errors: dict[str, str] | None = None,
    posted: dict[str, object] | None = None,
) -> Response:
    report = latest_trust_report(session, queue_id)
    newer_than = request.query_params.get("newer_than", "")
    people = members_at_work(session, queue_id)
    return render(
        request,
        "quality/queue.html",
        fragment="report",
        status=422 if errors else 200,
        queue=queue_of(session, queue_id),
        report=report,
        is_waiting=newer_than.isdigit() and (report.id if report else 0) <= int(newer_than),
        newer_than=newer_than,
        alerts=open_alerts(session, queue_id),
        rules=rules_of(session, queue_id),
        paused=paused_members(session, queue_id),
        people=people,
        usernames=usernames(session, [int(each) for each in report.findings] if report else []),
        collectors=choices(Collector),
        bounds=choices(Bound),
        actions=choices(RuleAction),
        values=NEW_RULE | (posted or {}),
        errors=errors or {},
    )


def choices(names: type[StrEnum]) -> list[tuple[str, str]]:
    """Each with its words, for a list on a form."""
    return [(name, _(name.replace("_", " "))) for name in names]


def back(queue_id: int) -> Response:
    return RedirectResponse(f"/admin/queues/{queue_id}/quality", status_code=303)
