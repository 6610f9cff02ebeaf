"""Making trust reports, raising alerts, following rules, and pausing annotators."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict
from app.i18n import gettext as _
from app.quality.finding import Finding, FindingName
from app.quality.findings import findings
from app.quality.forms import NewRule
from app.quality.models import Alert, Bound, QualityRule, RuleAction, TrustReport
from app.quality.outcomes import Collector, shares
from app.quality.queries import QueueAnswers, answers_in, rules_of
from app.queues.models import Dimension, QueueMember
from app.queues.queries import queue_of


class AlreadyResolved(Conflict):
    pass


def review_trust(session: Session, queue_id: int) -> TrustReport:
    """What the queue's answers say of its annotators: a new report, its alerts, and what the rules demand.

    Raises NotFound.
    """
    by_dimension = {
        dimension: answers_in(session, queue_id, dimension) for dimension in queue_of(session, queue_id).steps
    }
    found: dict[int, list[dict[str, Any]]] = {}
    for dimension, read in by_dimension.items():
        for annotator_id, of_one in zip(read.annotator_ids, findings(read.answers), strict=True):
            entries = [entry(finding, dimension, read.annotator_ids) for finding in of_one]
            found.setdefault(annotator_id, []).extend(entries)
            for alarm in entries:
                if alarm["is_alarm"]:
                    raise_alert(session, queue_id, annotator_id, f"{dimension}: {alarm['name']}", alarm)
    report = TrustReport(
        queue_id=queue_id,
        n_answers=sum(read.answers.item.size for read in by_dimension.values()),
        findings={str(annotator_id): entries for annotator_id, entries in found.items()},
    )
    session.add(report)
    for rule in rules_of(session, queue_id):
        if rule.is_on:
            follow_rule(session, rule, by_dimension.items())
    session.flush()
    return report


def entry(finding: Finding, dimension: Dimension, annotator_ids: list[int]) -> dict[str, Any]:
    facts = dict(finding.facts)
    if finding.name is FindingName.LIKENESS and "partner" in facts:
        facts["partner"] = annotator_ids[int(facts["partner"])]
    return asdict(finding) | {"dimension": dimension, "facts": facts}


def follow_rule(
    session: Session, rule: QualityRule, by_dimension: Iterable[tuple[Dimension, QueueAnswers]]
) -> None:
    """For everyone whose share, in any dimension, meets the rule's condition."""
    for dimension, read in by_dimension:
        found = shares(read.answers, Collector(rule.collector), rule.window)
        for annotator_id, share in zip(read.annotator_ids, found, strict=True):
            if not meets(rule, share):
                continue
            is_new = raise_alert(
                session, rule.queue_id, annotator_id, f"{dimension}: {rule.collector}", share, rule.id
            )
            if is_new and rule.action == RuleAction.PAUSE:
                reason = reason_of(rule, share)
                if pause_member(session, rule.queue_id, annotator_id, reason):
                    note_pause(session, rule, annotator_id)


def meets(rule: QualityRule, share: dict[str, float]) -> bool:
    """Without outcomes nothing is met, however few the rule asks for."""
    if share["n"] < max(rule.min_n, 1):
        return False
    compared = share[Bound(rule.bound)]
    return compared < rule.threshold if rule.is_below else compared > rule.threshold


def reason_of(rule: QualityRule, share: dict[str, float]) -> str:
    """For the annotator and the audit log."""
    sentence = "{good:.0f} of the last {n:.0f} ({what}); the rule asks for {bound} {than} {threshold:.0%}"
    return sentence.format(
        good=share["n_good"],
        n=share["n"],
        what=rule.collector.replace("_", " "),
        bound={"figure": "a share", "lower": "a lower bound", "upper": "an upper bound"}[rule.bound],
        than="of at least" if rule.is_below else "of at most",
        threshold=rule.threshold,
    )


def note_pause(session: Session, rule: QualityRule, annotator_id: int) -> None:
    session.execute(
        update(Alert)
        .where(
            Alert.queue_id == rule.queue_id,
            Alert.annotator_id == annotator_id,
            Alert.rule_id == rule.id,
            Alert.resolved_at.is_(None),
        )
        .values(has_paused=True)
    )


def raise_alert(
    session: Session,
    queue_id: int,
    annotator_id: int,
    finding: str,
    figure: dict[str, Any],
    rule_id: int | None = None,
) -> bool:
    """False where one of its kind is open already, or was resolved with all these answers seen."""
    if is_known(session, queue_id, annotator_id, finding, rule_id, n_behind(figure)):
        return False
    made = session.scalar(
        insert(Alert)
        .values(queue_id=queue_id, annotator_id=annotator_id, finding=finding, rule_id=rule_id, figure=figure)
        .on_conflict_do_nothing()
        .returning(Alert.id)
    )
    return made is not None


def is_known(
    session: Session, queue_id: int, annotator_id: int, finding: str, rule_id: int | None, n: int
) -> bool:
    """What an admin has resolved is not raised again by the very same answers."""
    last = session.scalar(
        select(Alert)
        .where(
            Alert.queue_id == queue_id,
            Alert.annotator_id == annotator_id,
            Alert.finding == finding,
            Alert.rule_id.is_not_distinct_from(rule_id),
        )
        .order_by(Alert.id.desc())
        .limit(1)
    )
    return last is not None and (last.resolved_at is None or n_behind(last.figure) >= n)


def n_behind(figure: dict[str, Any]) -> int:
    """How many outcomes there were; a rule's window holds the newest of them alone."""
    return int(figure.get("n_ever", figure["n"]))


def resolve_alert(session: Session, alert: Alert, reason: str, admin_id: int, *, resumes: bool) -> None:
    """With a reason; `resumes`: the annotator may go on. Raises AlreadyResolved."""
    resolved = session.scalar(
        update(Alert)
        .where(Alert.id == alert.id, Alert.resolved_at.is_(None))
        .values(resolved_at=now(), resolved_by=admin_id, resolution=reason)
        .returning(Alert.id)
    )
    if resolved is None:
        raise AlreadyResolved(_("This alert was resolved already."))
    record(
        session,
        Action.DECIDED,
        "alert",
        queue_id=alert.queue_id,
        user_id=alert.annotator_id,
        reason=reason,
        after={"finding": alert.finding},
    )
    if resumes:
        resume_member(session, alert.queue_id, alert.annotator_id, reason)


def pause_member(session: Session, queue_id: int, annotator_id: int, reason: str) -> bool:
    """Nothing new is handed to them in this queue; what they hold they may still submit. False where they are
    paused already."""
    paused = session.scalar(
        update(QueueMember)
        .where(
            QueueMember.queue_id == queue_id,
            QueueMember.annotator_id == annotator_id,
            QueueMember.pause_reason.is_(None),
        )
        .values(pause_reason=reason, paused_at=now())
        .returning(QueueMember.annotator_id)
    )
    if paused is None:
        return False
    record(session, Action.PAUSED, "queue member", queue_id=queue_id, user_id=annotator_id, reason=reason)
    return True


def resume_member(session: Session, queue_id: int, annotator_id: int, reason: str) -> bool:
    """False where they are not paused."""
    resumed = session.scalar(
        update(QueueMember)
        .where(
            QueueMember.queue_id == queue_id,
            QueueMember.annotator_id == annotator_id,
            QueueMember.pause_reason.is_not(None),
        )
        .values(pause_reason=None, paused_at=None)
        .returning(QueueMember.annotator_id)
    )
    if resumed is None:
        return False
    record(session, Action.RESUMED, "queue member", queue_id=queue_id, user_id=annotator_id, reason=reason)
    return True


def add_rule(session: Session, queue_id: int, new: NewRule, admin_id: int) -> None:
    session.add(QualityRule(queue_id=queue_id, created_by=admin_id, **new.model_dump()))
    session.flush()
    record(session, Action.CREATED, "quality rule", queue_id=queue_id, after=new.model_dump(mode="json"))


def switch_rule(session: Session, rule: QualityRule, *, is_on: bool) -> None:
    """Twice is the same as once."""
    if rule.is_on == is_on:
        return
    rule.is_on = is_on
    session.flush()
    record(
        session,
        Action.CHANGED,
        "quality rule",
        queue_id=rule.queue_id,
        before={"rule": rule.id, "is_on": not is_on},
        after={"rule": rule.id, "is_on": is_on},
    )
