"""The page of one case, as the one who asks may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.adjudication.actions import CaseNotHeld, NotYourCase, may_decide
from app.adjudication.forms import fields_of
from app.adjudication.models import AdjudicationCase, Cause, Decision
from app.adjudication.queries import (
    CaseTexts,
    GivenAnswer,
    all_decisions,
    answers_on,
    case_of,
    case_texts,
    flags_against,
    has_decided_before,
    is_own_item,
    standing_decision_of,
    votes_by_category,
)
from app.annotations.workspace import blank, in_words
from app.audit.actions import record
from app.audit.models import Action
from app.i18n import LOCALE
from app.i18n import gettext as _
from app.keys.bindings import all_keys, own_keys
from app.projects.queries import taxonomy_of
from app.projects.taxonomy import SEVERITY_LEVELS
from app.queues.models import Queue
from app.queues.queries import queue_of, refuse_restricted
from app.web.templates import render


@dataclass(frozen=True, slots=True)
class SeenCase:
    """`own`: the asker's standing decision. `is_blind`: they are to judge before they see the answers."""

    case: AdjudicationCase
    queue: Queue
    texts: CaseTexts
    own: Decision | None
    may_decide: bool
    is_blind: bool


def seen_case(session: Session, user: User, case_id: int) -> SeenCase:
    """Raises NotFound; NotYourCase for an item of the asker's; CaseNotHeld where it is not with them;
    Forbidden for what they are not cleared for.

    The look at the texts is written to the audit log.
    """
    case = case_of(session, case_id)
    queue = queue_of(session, case.queue_id)
    own = standing_decision_of(session, case_id, user.id)
    decides = user.role == Role.ADJUDICATOR
    if decides:
        refuse_outsider(session, case, user.id)
    refuse_restricted(session, user, case.item_id)
    record(session, Action.VIEWED, "item", queue_id=case.queue_id, item_id=case.item_id)
    return SeenCase(
        case,
        queue,
        case_texts(session, case.item_id),
        own,
        may_decide=decides and may_decide(case, own, user.id),
        is_blind=decides and queue.is_blind and not has_decided_before(session, case_id, user.id),
    )


def refuse_outsider(session: Session, case: AdjudicationCase, user_id: int) -> None:
    if is_own_item(session, case.item_id, user_id):
        raise NotYourCase(_("You annotated this item, or one with the same response: others settle it."))
    if case.held_by != user_id and not has_decided_before(session, case.id, user_id):
        raise CaseNotHeld(_("This case is not with you: take the next one."))


def render_case(
    request: Request,
    session: Session,
    user: User,
    seen: SeenCase,
    *,
    posted: Mapping[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    """What was posted comes back; else the form shows the asker's own decision, where there is one."""
    given = [] if seen.is_blind else answers_on(session, seen.queue.id, seen.case.item_id)
    own_fields = (
        {}
        if seen.own is None
        else fields_of(seen.own.answers) | {"cause": seen.own.cause, "note": seen.own.note}
    )
    fields = own_fields if posted is None else dict(posted)
    own_made = own_keys(user.preferences)
    taxonomy = taxonomy_of(session, seen.queue.project_id)
    return render(
        request,
        "adjudication/case.html",
        status=422 if errors else 200,
        seen=seen,
        case=seen.case,
        queue=seen.queue,
        texts=seen.texts,
        given=given,
        votes=votes_by_category(given),
        flags=[] if seen.is_blind else flags_against(session, seen.case.item_id),
        decisions=decisions_seen(session, user, seen),
        causes=list(Cause),
        definitions=blank("_definitions", LOCALE.get(), own_made, taxonomy),
        keys=all_keys(own_made, taxonomy),
        posted=fields,
        errors=errors or {},
        severity_names={level.level: level.name for level in SEVERITY_LEVELS},
        **in_words(taxonomy),
    )


def decisions_seen(session: Session, user: User, seen: SeenCase) -> list[Decision]:
    """All to those who don't decide, or have; before that nobody's, so that two judge by themselves."""
    if user.role == Role.ADJUDICATOR and seen.own is None:
        return []
    return list(all_decisions(session, seen.case.id))


def filled_from(given: list[GivenAnswer], letter: object, posted: Mapping[str, Any]) -> dict[str, Any]:
    """The form with one annotator's answer in it; cause and note as they were."""
    kept = {name: posted[name] for name in ("cause", "note") if name in posted}
    return kept | next((fields_of(answer.answers) for answer in given if answer.letter == letter), {})
