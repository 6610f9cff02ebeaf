"""How answers to an item were judged: as gold, by adjudicators, by inspectors."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.adjudication.models import AdjudicationCase, Decision
from app.assignments.models import Assignment
from app.gold.models import GoldResult
from app.history.events import LETTERS, Event
from app.i18n import gettext as _
from app.inspections.models import InspectedAnswer, InspectionBatch
from app.projects.taxonomy import SEVERITY_LEVELS
from app.queues.models import Queue


def gold_result_events(session: Session, item_id: int) -> Iterator[Event]:
    """With what became of each: disputed, and decided."""
    decider = aliased(User)
    rows = session.execute(
        select(GoldResult, User.username, decider.username.label("decided_by"), Queue.name)
        .join(User, User.id == GoldResult.annotator_id)
        .join(Queue, Queue.id == GoldResult.queue_id)
        .outerjoin(decider, decider.id == GoldResult.decided_by)
        .where(GoldResult.item_id == item_id)
        .order_by(GoldResult.scored_at)
    )
    for result, who, decided_by, queue in rows:
        said = _("right") if result.is_right else _("wrong")
        what = _("As gold, the answer was %(verdict)s") % {"verdict": said}
        yield Event(result.scored_at, what, who, queue)
        if result.disputed_at is not None:
            yield Event(
                result.disputed_at, _("Disputed the gold result"), who, queue, words=result.dispute_reason
            )
        if result.decided_at is not None and result.dispute_state is not None:
            what = _("Dispute of %(person)s: %(outcome)s") % {
                "person": who,
                "outcome": _(result.dispute_state),
            }
            yield Event(result.decided_at, what, decided_by, queue, words=result.decision_reason)


def case_events(session: Session, item_id: int) -> Iterator[Event]:
    rows = session.execute(
        select(AdjudicationCase, Queue.name)
        .join(Queue, Queue.id == AdjudicationCase.queue_id)
        .where(AdjudicationCase.item_id == item_id)
        .order_by(AdjudicationCase.id)
    )
    for case, queue in rows:
        reasons = _(", ").join(_(reason.replace("_", " ")) for reason in case.reasons)
        yield Event(
            case.opened_at, _("Went to adjudicators: %(reasons)s") % {"reasons": reasons}, queue=queue
        )
        if case.withdrawn_at is not None:
            what = _("Was withdrawn from adjudicators: it lacked answers again")
            yield Event(case.withdrawn_at, what, queue=queue)
        if case.decided_at is not None:
            what = _("Settled: %(outcome)s") % {"outcome": in_words(case.outcome)}
            yield Event(case.decided_at, what, queue=queue)


def decision_events(session: Session, item_id: int) -> Iterator[Event]:
    """Each version of each decision."""
    rows = session.execute(
        select(Decision, User.username, Queue.name)
        .join(AdjudicationCase, AdjudicationCase.id == Decision.case_id)
        .join(User, User.id == Decision.adjudicator_id)
        .join(Queue, Queue.id == AdjudicationCase.queue_id)
        .where(AdjudicationCase.item_id == item_id)
        .order_by(Decision.id)
    )
    seen = set()
    for decision, who, queue in rows:
        voice = (decision.case_id, decision.adjudicator_id)
        sentence = _("Changed the decision: %(answers)s") if voice in seen else _("Decided: %(answers)s")
        seen.add(voice)
        what = sentence % {"answers": in_words(decision.answers)}
        yield Event(decision.created_at, what, who, queue, words=decision.note or None)


def in_words(answers: dict[str, dict[str, Any]] | None) -> str:
    """Answers by dimension, as gold items and decisions keep them."""
    found = []
    for dimension, answer in (answers or {}).items():
        if answer.get("is_safe"):
            said = _("safe")
        elif "is_safe" in answer:
            said = _(", ").join(_(name) for name in answer.get("harm_categories", []))
            severity = answer.get("severity")
            said += f" · {_(SEVERITY_LEVELS[severity - 1].name)}" if severity else ""
        else:
            ranks = enumerate(answer.get("ranks") or [])
            said = _(", ").join(f"{LETTERS[position]} {rank}" for position, rank in ranks)
        found.append(f"{_(dimension)}: {said}")
    return "; ".join(found)


def verdict_events(session: Session, item_id: int) -> Iterator[Event]:
    inspector = aliased(User)
    rows = session.execute(
        select(InspectedAnswer, User.username, inspector.username.label("inspector"), Queue.name)
        .add_columns(InspectionBatch.created_at)
        .join(InspectionBatch, InspectionBatch.id == InspectedAnswer.batch_id)
        .join(Assignment, Assignment.id == InspectedAnswer.assignment_id)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .outerjoin(inspector, inspector.id == InspectedAnswer.inspected_by)
        .where(Assignment.item_id == item_id)
        .order_by(InspectedAnswer.assignment_id)
    )
    for inspected, whose, who, queue, batched_at in rows:
        values = {"person": whose, "n": inspected.batch_id}
        yield Event(
            batched_at, _("The answer of %(person)s came into inspection batch %(n)s") % values, queue=queue
        )
        if inspected.inspected_at is not None:
            sentence = _("Inspected: the answer of %(person)s is right")
            if not inspected.is_right:
                sentence = _("Inspected: the answer of %(person)s is wrong")
            yield Event(inspected.inspected_at, sentence % values, who, queue, words=inspected.comment)
