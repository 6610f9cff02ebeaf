"""Which answers a voiding concerns, what it would change, and what was voided before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.agreement.queries import safety_vote
from app.annotations.models import Annotation
from app.assignments.models import ANSWERED, IS_ANSWERED, Assignment, AssignmentStatus
from app.audit.models import Action, AuditEntry
from app.gold.models import DisputeState, GoldResult
from app.queues.models import QueueItem, QueueMember
from app.queues.queries import queues_of_project, taxonomy_of_queue
from app.voids.consequences import Answer, Change, Kind, changes
from app.voids.forms import Period

ANSWERS = "answers"
"""The subject of a voiding in the audit log."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Of one queue. `n_places`: reopen, once `n_promoted` kept answers have taken theirs; `n_unanswered`:
    items that lose their last answer; `n_gold`: results on gold items that then tell of nobody."""

    queue_id: int
    n_answers: int
    n_places: int
    n_promoted: int
    n_unanswered: int
    n_gold: int
    changes: list[Change]

    @property
    def n_by_kind(self) -> dict[Kind, int]:
        found = Counter(kind for change in self.changes for kind in change.kinds)
        return {kind: found[kind] for kind in Kind if found[kind]}


@dataclass(frozen=True, slots=True)
class PastVoiding:
    """`by`: None for the system; `whose`: None where they were of several people. `n_before`, `n_after`:
    answers that counted in the queue."""

    at: datetime
    by: str | None
    whose: str | None
    reason: str | None
    n_voided: int
    n_before: int
    n_after: int


def ids_of_answers(session: Session, queue_id: int, annotator_id: int, period: Period) -> Sequence[int]:
    """Of those that stand."""
    answers = select(Assignment.id).where(
        Assignment.queue_id == queue_id,
        Assignment.annotator_id == annotator_id,
        IS_ANSWERED,
    )
    if period.since is not None:
        answers = answers.where(Assignment.closed_at >= period.since)
    if period.until is not None:
        answers = answers.where(Assignment.closed_at < period.until)
    return session.scalars(answers.order_by(Assignment.id)).all()


def ids_of_answers_to(
    session: Session, queue_id: int, item_ids: Sequence[int], annotator_id: int | None = None
) -> Sequence[int]:
    """Of those that stand, to these items; one annotator's, or everybody's."""
    answers = select(Assignment.id).where(
        Assignment.queue_id == queue_id, Assignment.item_id == among(item_ids), IS_ANSWERED
    )
    if annotator_id is not None:
        answers = answers.where(Assignment.annotator_id == annotator_id)
    return session.scalars(answers.order_by(Assignment.id)).all()


def queues_concerned(
    session: Session, queue_id: int, project_id: int, annotator_id: int, *, is_everywhere: bool
) -> list[int]:
    """The queue; or each of the project that this person is or was a member of, in the order of locks."""
    if not is_everywhere:
        return [queue_id]
    ids = [queue.id for queue in queues_of_project(session, project_id)]
    memberships = select(QueueMember.queue_id).where(
        QueueMember.annotator_id == annotator_id, QueueMember.queue_id.in_(ids)
    )
    return sorted(session.scalars(memberships))


def preview_of(session: Session, queue_id: int, assignment_ids: Sequence[int]) -> Preview:
    """What voiding these answers would change."""
    voided = set(assignment_ids)
    standing = list(answers_beside(session, queue_id, assignment_ids))
    has_place = {answer.assignment_id: answer.item_id for answer in standing if not answer.is_surplus}
    n_freed = Counter(item_id for id_, item_id in has_place.items() if id_ in voided)
    n_left = Counter(dict.fromkeys(n_freed, 0))
    n_left.update(item_id for id_, item_id in has_place.items() if id_ not in voided)
    kept = {answer.assignment_id: answer.item_id for answer in standing if answer.is_surplus}
    n_kept = Counter(item_id for id_, item_id in kept.items() if id_ not in voided)
    n_promoted = {item_id: min(n, n_kept[item_id]) for item_id, n in n_freed.items()}
    return Preview(
        queue_id=queue_id,
        n_answers=len(voided),
        n_places=n_freed.total() - sum(n_promoted.values()),
        n_promoted=sum(n_promoted.values()),
        n_unanswered=sum(n_left[item_id] + n_promoted[item_id] == 0 for item_id in n_freed),
        n_gold=n_gold_results(session, assignment_ids),
        changes=changes(standing, voided, n_promoted, taxonomy_of_queue(session, queue_id).category_names),
    )


def answers_beside(session: Session, queue_id: int, assignment_ids: Sequence[int]) -> list[Answer]:
    """All that stand on the items of these assignments, by the time they came; gold is not among them."""
    concerned = aliased(Assignment)
    items = select(concerned.item_id).where(concerned.id == among(assignment_ids))
    rows = session.execute(
        select(Assignment.id, Assignment.item_id, Assignment.status, Annotation)
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .where(
            Assignment.queue_id == queue_id,
            Assignment.item_id.in_(items),
            Assignment.status.in_(ANSWERED),
            Assignment.takes_place,
            Annotation.superseded_at.is_(None),
        )
        .order_by(Assignment.closed_at, Assignment.id, Annotation.id)
    )
    return [
        Answer(row.id, row.item_id, said.dimension, row.status == AssignmentStatus.SURPLUS, meaning(said))
        for row in rows
        for said in (row.Annotation,)
    ]


def meaning(said: Annotation) -> Any:
    """A vote, or ranks."""
    if said.severity is None or said.harm_categories is None:
        return said.ranks
    return safety_vote(said.severity, said.harm_categories)


def n_gold_results(session: Session, assignment_ids: Sequence[int]) -> int:
    """Those that count: a result whose dispute was upheld does not."""
    counting = (
        select(func.count())
        .select_from(GoldResult)
        .where(
            GoldResult.assignment_id == among(assignment_ids),
            GoldResult.dispute_state.is_distinct_from(DisputeState.UPHELD),
        )
    )
    return session.scalar(counting) or 0


def n_places_submitted(session: Session, queue_id: int) -> int:
    counts = select(func.sum(QueueItem.n_submitted)).where(QueueItem.queue_id == queue_id)
    return session.scalar(counts) or 0


def past_voidings(session: Session, queue_id: int, limit: int) -> list[PastVoiding]:
    """The newest first."""
    actor, whose = aliased(User), aliased(User)
    rows = session.execute(
        select(AuditEntry.at, actor.username, whose.username, AuditEntry.reason)
        .add_columns(
            AuditEntry.after["n_voided"].as_integer(),
            AuditEntry.before["n_submitted"].as_integer(),
            AuditEntry.after["n_submitted"].as_integer(),
        )
        .outerjoin(actor, actor.id == AuditEntry.actor_id)
        .outerjoin(whose, whose.id == AuditEntry.user_id)
        .where(
            AuditEntry.queue_id == queue_id,
            AuditEntry.action == Action.VOIDED,
            AuditEntry.subject == ANSWERS,
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [PastVoiding(*row) for row in rows]


def among(ids: Sequence[int]) -> Any:
    """As one array, for what may be long."""
    return any_(literal(list(ids), ARRAY(BigInteger)))
