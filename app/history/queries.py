"""What happened to one item: one statement for each kind of thing, however much there is of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.adjudication.models import AdjudicationCase, Decision
from app.annotations.models import Annotation
from app.assignments.models import ANSWERED, Assignment, AssignmentStatus
from app.audit.models import Action, AuditEntry
from app.comments.models import Comment
from app.flags.models import LabelFlag
from app.gold.models import GoldItem, GoldResult
from app.history.events import Event, in_order
from app.i18n import gettext as _
from app.inspections.models import InspectedAnswer, InspectionBatch
from app.items.models import Import, Item, ItemResponse, ReferenceLabel
from app.items.queries import severity_that_came
from app.queues.models import Queue, QueueItem
from app.wellbeing.models import PROMPT, Reveal
from app.withdrawals.reach import withdrawals_of_item

MOST_BESIDE = 50
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class InQueue:
    """Where the item stands in one queue now."""

    queue_id: int
    name: str
    overlap: int
    n_submitted: int
    n_surplus: int
    held_for: str | None


@dataclass(frozen=True, slots=True)
class View:
    """That someone looked at the item's texts."""

    at: datetime
    who: str | None
    subject: str


def story_of(session: Session, item_id: int) -> Sequence[Event]:
    """Everything that is known to have happened to the item, the oldest first."""
    leases = leases_of(session, item_id)
    return in_order(
        import_events(session, item_id),
        queue_events(session, item_id),
        gold_events(session, item_id),
        lease_events(leases),
        reveal_events(session, item_id),
        answer_events(session, item_id),
        end_events(leases),
        flag_events(session, item_id),
        comment_events(session, item_id),
        gold_result_events(session, item_id),
        case_events(session, item_id),
        decision_events(session, item_id),
        verdict_events(session, item_id),
        withdrawal_events(session, item_id),
        audit_events(session, item_id),
    )


def queues_with(session: Session, item_id: int) -> list[InQueue]:
    rows = session.execute(
        select(Queue.id, Queue.name, QueueItem.overlap, QueueItem.n_submitted, QueueItem.n_surplus)
        .add_columns(QueueItem.held_for)
        .join(QueueItem, QueueItem.queue_id == Queue.id)
        .where(QueueItem.item_id == item_id)
        .order_by(Queue.id)
    )
    return [InQueue(*row) for row in rows]


def views_of(session: Session, item_id: int, limit: int) -> list[View]:
    """The newest first."""
    rows = session.execute(
        select(AuditEntry.at, User.username, AuditEntry.subject)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.item_id == item_id, AuditEntry.action == Action.VIEWED)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [View(*row) for row in rows]


def severity_of(session: Session, item_id: int) -> int:
    """The most that anybody expects of it, or says of one of its responses, 0 to 3."""
    given, labelled = aliased(ItemResponse), aliased(ItemResponse)
    expected = select(func.max(QueueItem.severity_prior)).where(QueueItem.item_id == item_id)
    said = (
        select(func.max(Annotation.severity))
        .select_from(given)
        .join(labelled, labelled.response_id == given.response_id)
        .join(QueueItem, QueueItem.item_id == labelled.item_id)
        .join(
            Assignment,
            (Assignment.queue_id == QueueItem.queue_id) & (Assignment.item_id == QueueItem.item_id),
        )
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .where(given.item_id == item_id, Annotation.superseded_at.is_(None))
        .where(Assignment.status.in_(ANSWERED))
    )
    known = (each.scalar_subquery() for each in (expected, said))
    return session.scalar(select(func.greatest(severity_that_came(item_id), *known))) or 0


def items_beside(session: Session, item_id: int) -> Sequence[Item]:
    """Others that have one of its responses: of a response set its QA pairs, and the other way round."""
    mine, theirs = aliased(ItemResponse), aliased(ItemResponse)
    beside = (
        select(theirs.item_id)
        .join(mine, mine.response_id == theirs.response_id)
        .where(mine.item_id == item_id, theirs.item_id != item_id)
    )
    return session.scalars(select(Item).where(Item.id.in_(beside)).order_by(Item.id).limit(MOST_BESIDE)).all()


def import_events(session: Session, item_id: int) -> Iterator[Event]:
    """Of the import that brought it, where that kept which items are its own; and of each label that came."""
    its_label = (ReferenceLabel.import_id == Import.id) & (ReferenceLabel.item_id == item_id)
    brought_it = Item.id.between(Import.first_item_id, Import.last_item_id)
    rows = session.execute(
        select(Import.finished_at, Import.created_at, Import.id, Import.file_name, ReferenceLabel.dimension)
        .add_columns(func.coalesce(brought_it, literal(value=False)).label("brought_it"))
        .join(Item, Item.project_id == Import.project_id)
        .outerjoin(ReferenceLabel, its_label)
        .where(Item.id == item_id, or_(brought_it, ReferenceLabel.id.is_not(None)))
        .order_by(Import.id, ReferenceLabel.id)
    )
    told = set()
    for row in rows:
        at = row.finished_at or row.created_at
        values = {"n": row.id, "file": row.file_name, "dimension": _(row.dimension) if row.dimension else ""}
        if row.brought_it and row.id not in told:
            told.add(row.id)
            yield Event(at, _("Came with import %(n)s (%(file)s)") % values)
        if row.dimension is not None:
            what = _("Import %(n)s (%(file)s) brought a label of it: %(dimension)s") % values
            yield Event(at, what)


def queue_events(session: Session, item_id: int) -> Iterator[Event]:
    """When an item came into a queue is not kept: it was with the queue's making, or later."""
    rows = session.execute(
        select(Queue.created_at, Queue.name)
        .join(QueueItem, QueueItem.queue_id == Queue.id)
        .where(QueueItem.item_id == item_id)
        .order_by(Queue.id)
    )
    for row in rows:
        yield Event(
            row.created_at, _("The queue was made that it was put into, then or later"), queue=row.name
        )


def gold_events(session: Session, item_id: int) -> Iterator[Event]:
    rows = session.execute(
        select(GoldItem.created_at, GoldItem.source, User.username, Queue.name)
        .join(Queue, Queue.id == GoldItem.queue_id)
        .outerjoin(User, User.id == GoldItem.created_by)
        .where(GoldItem.item_id == item_id)
        .order_by(GoldItem.created_at)
    )
    for row in rows:
        what = _("Became a gold item (%(source)s)") % {"source": _(row.source)}
        yield Event(row.created_at, what, row.username, row.name)


@dataclass(frozen=True, slots=True)
class Lease:
    """An assignment. `void_reason`: None where it is not voided."""

    who: str
    queue: str
    status: str
    skip_reason: str | None
    void_reason: str | None
    created_at: datetime
    closed_at: datetime | None
    voided_at: datetime | None


def leases_of(session: Session, item_id: int) -> list[Lease]:
    rows = session.execute(
        select(User.username, Queue.name, Assignment.status, Assignment.skip_reason, Assignment.void_reason)
        .add_columns(Assignment.created_at, Assignment.closed_at, Assignment.voided_at)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.item_id == item_id)
        .order_by(Assignment.id)
    )
    return [Lease(*row) for row in rows]


def lease_events(leases: Sequence[Lease]) -> Iterator[Event]:
    for lease in leases:
        yield Event(lease.created_at, _("Leased"), lease.who, lease.queue)


def end_events(leases: Sequence[Lease]) -> Iterator[Event]:
    for lease in leases:
        if lease.closed_at is not None:
            yield Event(lease.closed_at, end_of(lease), lease.who, lease.queue)
        if lease.voided_at is not None:
            what = _("The answer of %(person)s was voided") % {"person": lease.who}
            yield Event(lease.voided_at, what, queue=lease.queue, words=lease.void_reason)


def end_of(lease: Lease) -> str:
    if lease.skip_reason is not None:
        return _("Skipped: %(reason)s") % {"reason": _(lease.skip_reason.replace("_", " "))}
    return {
        AssignmentStatus.SURPLUS: _("Submitted when no place was free; kept as surplus"),
        AssignmentStatus.EXPIRED: _("The lease ran out"),
        AssignmentStatus.RELEASED: _("Given back, or taken back"),
    }.get(AssignmentStatus(lease.status), _("Submitted"))


def reveal_events(session: Session, item_id: int) -> Iterator[Event]:
    rows = session.execute(
        select(Reveal.revealed_at, Reveal.position, User.username, Queue.name)
        .join(Assignment, Assignment.id == Reveal.assignment_id)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.item_id == item_id)
        .order_by(Reveal.revealed_at, Reveal.position)
    )
    for row in rows:
        is_prompt = row.position == PROMPT
        what = _("Uncovered the prompt") if is_prompt else _("Uncovered response %(name)s")
        yield Event(row.revealed_at, what % {"name": LETTERS[row.position]}, row.username, row.name)


def answer_events(session: Session, item_id: int) -> Iterator[Event]:
    """Each version of each answer."""
    rows = session.execute(
        select(Annotation, User.username, Queue.name)
        .join(Assignment, Assignment.id == Annotation.assignment_id)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.item_id == item_id)
        .order_by(Annotation.id)
    )
    seen = set()
    for answer, who, queue in rows:
        step = (answer.assignment_id, answer.dimension)
        what = _("Changed the answer") if step in seen else _("Answered")
        seen.add(step)
        yield Event(answer.created_at, what, who, queue, answer=answer)


def flag_events(session: Session, item_id: int) -> Iterator[Event]:
    """On labels of this item's responses: by annotators of it, or of a response set that has the response."""
    flagged, here = aliased(ItemResponse), aliased(ItemResponse)
    rows = session.execute(
        select(LabelFlag.created_at, LabelFlag.reason, here.position, User.username, Queue.name)
        .join(Assignment, Assignment.id == LabelFlag.assignment_id)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .join(flagged, (flagged.item_id == Assignment.item_id) & (flagged.position == LabelFlag.position))
        .join(here, here.response_id == flagged.response_id)
        .where(here.item_id == item_id)
        .order_by(LabelFlag.created_at)
    )
    for row in rows:
        what = _("Flagged the safety label of response %(name)s") % {"name": LETTERS[row.position]}
        yield Event(row.created_at, what, row.username, row.name, words=row.reason)


def comment_events(session: Session, item_id: int) -> Iterator[Event]:
    rows = session.execute(
        select(Comment.created_at, Comment.text, User.username, Queue.name)
        .add_columns((Comment.author_id != Assignment.annotator_id).label("is_answer"))
        .join(Assignment, Assignment.id == Comment.assignment_id)
        .join(User, User.id == Comment.author_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.item_id == item_id)
        .order_by(Comment.id)
    )
    for row in rows:
        what = _("Answered the question") if row.is_answer else _("Asked")
        yield Event(row.created_at, what, row.username, row.name, words=row.text)


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
            said += f" · {answer.get('severity')}"
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


def withdrawal_events(session: Session, item_id: int) -> Iterator[Event]:
    for each in withdrawals_of_item(session, item_id):
        values = {"kind": _(each.kind)}
        yield Event(each.withdrawn_at, _("Withdrawn from releases: %(kind)s") % values, words=each.reason)
        if each.ended_at is not None:
            what = _("Its withdrawal ended: %(kind)s") % values
            yield Event(each.ended_at, what, words=each.end_reason)


def audit_events(session: Session, item_id: int) -> Iterator[Event]:
    """But for views, of which there are many."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.subject, AuditEntry.reason)
        .add_columns(User.username, Queue.name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(Queue, Queue.id == AuditEntry.queue_id)
        .where(AuditEntry.item_id == item_id, AuditEntry.action != Action.VIEWED)
        .order_by(AuditEntry.id)
    )
    for row in rows:
        values = {"action": _(row.action.replace("_", " ")), "subject": _(row.subject)}
        what = _("Audit log: %(subject)s, %(action)s") % values
        yield Event(row.at, what, row.username, row.name, words=row.reason)
