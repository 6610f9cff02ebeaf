"""Reads about batches: what could be in one, how far they are, and which answer is inspected next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.assignments.models import Assignment, AssignmentStatus
from app.errors import NotFound
from app.i18n import gettext as _
from app.inspections.models import BatchState, InspectedAnswer, InspectionBatch
from app.queues.models import Queue
from app.queues.queries import touches, withheld_from
from app.voids.forms import Period

IS_SAMPLED = InspectedAnswer.is_sampled
IS_JUDGED = InspectedAnswer.is_right.is_not(None)
IS_RIGHT = InspectedAnswer.is_right.is_(True)


@dataclass(frozen=True, slots=True)
class Batch:
    """`annotator`: None: everybody's answers; `n_judged`, `n_right`: of the sampled ones."""

    id: int
    queue_id: int
    queue_name: str
    annotator: str | None
    n_answers: int
    n_sampled: int
    min_right: float
    state: str
    created_at: datetime
    created_by: str | None
    decided_at: datetime | None
    decided_by: str | None
    n_judged: int
    n_right: int

    @property
    def is_open(self) -> bool:
        return self.state == BatchState.OPEN

    @property
    def is_judged(self) -> bool:
        """Has each sampled answer its verdict?"""
        return self.n_judged == self.n_sampled


@dataclass(frozen=True, slots=True)
class ToInspect:
    """One sampled answer; `is_right` and `comment`: the verdict it has, if any."""

    assignment_id: int
    item_id: int
    annotator_id: int
    username: str
    is_right: bool | None
    comment: str | None


def ids_to_batch(session: Session, queue_id: int, annotator_id: int | None, period: Period) -> Sequence[int]:
    """Of answers that count and are in no batch yet."""
    answers = select(Assignment.id).where(can_be_batched(queue_id))
    if annotator_id is not None:
        answers = answers.where(Assignment.annotator_id == annotator_id)
    if period.since is not None:
        answers = answers.where(Assignment.closed_at >= period.since)
    if period.until is not None:
        answers = answers.where(Assignment.closed_at < period.until)
    return session.scalars(answers.order_by(Assignment.id)).all()


def n_to_batch(session: Session, queue_id: int, most: int) -> int:
    """`most` where there are as many or more."""
    some = select(Assignment.id).where(can_be_batched(queue_id)).limit(most).subquery()
    return session.scalars(select(func.count()).select_from(some)).one()


def can_be_batched(queue_id: int) -> ColumnElement[bool]:
    """Gold items are judged by their known answer."""
    is_batched = select(InspectedAnswer.assignment_id).where(InspectedAnswer.assignment_id == Assignment.id)
    return and_(
        Assignment.queue_id == queue_id,
        Assignment.status == AssignmentStatus.SUBMITTED,
        Assignment.takes_place,
        ~is_batched.exists(),
    )


def ids_in_batch(session: Session, batch_id: int) -> Sequence[int]:
    ids = select(InspectedAnswer.assignment_id).where(InspectedAnswer.batch_id == batch_id)
    return session.scalars(ids.order_by(InspectedAnswer.assignment_id)).all()


def counts_of(session: Session, batch_id: int) -> tuple[int, int]:
    """How many sampled answers have a verdict, and of how many it is right."""
    counts = select(func.count().filter(IS_JUDGED), func.count().filter(IS_RIGHT)).where(
        InspectedAnswer.batch_id == batch_id, IS_SAMPLED
    )
    n_judged, n_right = session.execute(counts).one()
    return n_judged, n_right


def batches_of_queue(session: Session, queue_id: int, limit: int) -> list[Batch]:
    """The open ones first, then the newest."""
    return batches(session, InspectionBatch.queue_id == queue_id, limit)


def open_batches(session: Session, limit: int) -> list[Batch]:
    """The newest first."""
    return batches(session, InspectionBatch.state == BatchState.OPEN, limit)


def batch_of(session: Session, batch_id: int) -> Batch:
    """Raises NotFound."""
    found = batches(session, InspectionBatch.id == batch_id, 1)
    if not found:
        raise NotFound(_("There is no such batch."))
    return found[0]


def batches(session: Session, which: ColumnElement[bool], limit: int) -> list[Batch]:
    whose, maker, decider = aliased(User), aliased(User), aliased(User)
    n_judged = func.count().filter(IS_SAMPLED, IS_JUDGED)
    n_right = func.count().filter(IS_SAMPLED, IS_RIGHT)
    rows = session.execute(
        select(InspectionBatch.id, InspectionBatch.queue_id, Queue.name, whose.username)
        .add_columns(InspectionBatch.n_answers, InspectionBatch.n_sampled, InspectionBatch.min_right)
        .add_columns(InspectionBatch.state, InspectionBatch.created_at, maker.username)
        .add_columns(InspectionBatch.decided_at, decider.username.label("decided_by"), n_judged, n_right)
        .join(Queue, Queue.id == InspectionBatch.queue_id)
        .join(InspectedAnswer, InspectedAnswer.batch_id == InspectionBatch.id)
        .outerjoin(whose, whose.id == InspectionBatch.annotator_id)
        .outerjoin(maker, maker.id == InspectionBatch.created_by)
        .outerjoin(decider, decider.id == InspectionBatch.decided_by)
        .where(which)
        .group_by(InspectionBatch.id, Queue.id, whose.id, maker.id, decider.id)
        .order_by((InspectionBatch.state != BatchState.OPEN), InspectionBatch.id.desc())
        .limit(limit)
    )
    return [Batch(*row) for row in rows]


def next_to_inspect(session: Session, batch: Batch, inspector: User) -> ToInspect | None:
    """A sampled answer without a verdict that is not the inspector's own, of an item that they may be shown;
    None where there is none."""
    withheld = withheld_from(session, inspector, batch.queue_id)
    waiting = ~IS_JUDGED & (Assignment.annotator_id != inspector.id) & ~touches(Assignment.item_id, withheld)
    return first_to_inspect(session, batch.id, waiting)


def inspected_answer_of(session: Session, batch_id: int, assignment_id: int, inspector_id: int) -> ToInspect:
    """One whose verdict is to be changed. Raises NotFound for one that this inspector did not judge."""
    mine = (InspectedAnswer.assignment_id == assignment_id) & (InspectedAnswer.inspected_by == inspector_id)
    found = first_to_inspect(session, batch_id, mine)
    if found is None:
        raise NotFound(_("You have given no verdict on such an answer."))
    return found


def first_to_inspect(session: Session, batch_id: int, which: ColumnElement[bool]) -> ToInspect | None:
    row = session.execute(
        select(Assignment.id, Assignment.item_id, Assignment.annotator_id, User.username)
        .add_columns(InspectedAnswer.is_right, InspectedAnswer.comment)
        .join(InspectedAnswer, InspectedAnswer.assignment_id == Assignment.id)
        .join(User, User.id == Assignment.annotator_id)
        .where(InspectedAnswer.batch_id == batch_id, IS_SAMPLED, which)
        .order_by(Assignment.id)
        .limit(1)
    ).one_or_none()
    return ToInspect(*row) if row else None


def verdicts_of(session: Session, batch_id: int, inspector_id: int) -> list[ToInspect]:
    """What this inspector has said so far."""
    rows = session.execute(
        select(Assignment.id, Assignment.item_id, Assignment.annotator_id, User.username)
        .add_columns(InspectedAnswer.is_right, InspectedAnswer.comment)
        .join(InspectedAnswer, InspectedAnswer.assignment_id == Assignment.id)
        .join(User, User.id == Assignment.annotator_id)
        .where(InspectedAnswer.batch_id == batch_id, InspectedAnswer.inspected_by == inspector_id)
        .order_by(InspectedAnswer.inspected_at.desc())
    )
    return [ToInspect(*row) for row in rows]
