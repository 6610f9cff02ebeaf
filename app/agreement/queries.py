"""The answers that agreement and consensus are computed from, and the reports made so far."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.agreement.consensus.majority import SafetyVote
from app.agreement.models import AgreementReport, ItemConsensus, OverlapReport
from app.annotations.models import Annotation, pattern_change
from app.assignments.models import Assignment, AssignmentStatus
from app.db import LARGEST_ID
from app.queues.models import Dimension, HeldFor, Queue, QueueItem, QueueState

ROWS_AT_ONCE = 5000
EVEN = 0.5

# Never NULL in an answer of their dimension: the table's checks say so.
SEVERITY = cast(InstrumentedAttribute[int], Annotation.severity)
HARM_CATEGORIES = cast(InstrumentedAttribute[list[str]], Annotation.harm_categories)


class Ids(NamedTuple):
    """From the first to the last, both included."""

    first: int
    last: int


EVERY = Ids(0, LARGEST_ID)


class FinishedItem(NamedTuple):
    item_id: int
    overlap: int


def finished_items(session: Session, queue_id: int) -> list[FinishedItem]:
    """Those that have all the annotations they are to get so far, by id."""
    rows = session.execute(
        select(QueueItem.item_id, QueueItem.overlap)
        .where(
            QueueItem.queue_id == queue_id,
            QueueItem.overlap > 0,
            QueueItem.n_submitted >= QueueItem.overlap,
            QueueItem.held_for.is_(None),
        )
        .order_by(QueueItem.item_id)
    )
    return [FinishedItem(*row) for row in rows]


def certainty_by_item(session: Session, queue_id: int) -> dict[int, float]:
    """Of each item with answers, as it was kept last; of several dimensions that of the least certain one."""
    least = func.min(ItemConsensus.certainty).label("certainty")
    rows = session.execute(
        select(ItemConsensus.item_id, least)
        .where(ItemConsensus.queue_id == queue_id)
        .group_by(ItemConsensus.item_id)
    )
    return {row.item_id: row.certainty for row in rows}


def is_called_harmful() -> ColumnElement[bool]:
    """By the posterior of a safety label; an even chance is harmful, as in consensus/safety.py."""
    return ItemConsensus.posterior[1] >= EVEN


class Kept(NamedTuple):
    """As in `ItemConsensus`."""

    item_id: int
    n_answers: int
    posterior: list[float]


def kept_consensus(session: Session, project_id: int, dimension: Dimension, items: Ids) -> Iterator[Kept]:
    """Of each of `items` that has all its annotations; of several queues that of the most answers."""
    rows = session.execute(
        select(ItemConsensus.item_id, ItemConsensus.n_answers, ItemConsensus.posterior)
        .ext(distinct_on(ItemConsensus.item_id))
        .join(Queue, Queue.id == ItemConsensus.queue_id)
        .join(
            QueueItem,
            (QueueItem.queue_id == ItemConsensus.queue_id) & (QueueItem.item_id == ItemConsensus.item_id),
        )
        .where(
            Queue.project_id == project_id,
            ItemConsensus.dimension == dimension,
            ItemConsensus.item_id.between(*items),
            QueueItem.item_id.between(*items),
            QueueItem.overlap > 0,
            QueueItem.n_submitted >= QueueItem.overlap,
            QueueItem.held_for.is_distinct_from(HeldFor.BROKEN),
        )
        .order_by(ItemConsensus.item_id, ItemConsensus.n_answers.desc(), ItemConsensus.queue_id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    return (Kept(*row) for row in rows)


def queues_with_changes(session: Session) -> Sequence[int]:
    """Those whose live figures and posteriors are behind their answers."""
    return session.scalars(
        select(pattern_change.c.queue_id).distinct().order_by(pattern_change.c.queue_id)
    ).all()


def report_of_night(session: Session, queue_id: int, night: date) -> AgreementReport | None:
    return session.scalar(
        select(AgreementReport).where(AgreementReport.queue_id == queue_id, AgreementReport.night == night)
    )


def ids_of_adaptive_queues(session: Session) -> Sequence[int]:
    """Of running queues whose items may get more annotations than their overlap."""
    adaptive = select(Queue.id).where(Queue.state == QueueState.RUNNING, Queue.threshold.is_not(None))
    return session.scalars(adaptive.order_by(Queue.id)).all()


def latest_overlap_report(session: Session, queue_id: int) -> OverlapReport | None:
    return session.scalar(
        select(OverlapReport)
        .where(OverlapReport.queue_id == queue_id)
        .order_by(OverlapReport.id.desc())
        .limit(1)
    )


def counts_in(queue_id: int, dimension: Dimension) -> ColumnElement[bool]:
    return and_(
        Assignment.queue_id == queue_id,
        Assignment.status == AssignmentStatus.SUBMITTED,
        Assignment.takes_place,
        *is_read(dimension),
    )


def is_read(dimension: Dimension) -> tuple[ColumnElement[bool], ...]:
    """The newest versions; of rankings only those that say how the responses stand to each other."""
    says_something = [] if dimension is Dimension.SAFETY else [Annotation.ranks.is_not(None)]
    return Annotation.dimension == dimension, Annotation.superseded_at.is_(None), *says_something


def safety_vote(severity: int, harm_categories: list[str]) -> SafetyVote:
    return SafetyVote(severity == 0, frozenset(harm_categories), severity)


def finished_answers(project_id: int, dimension: Dimension, items: Ids) -> Select[int]:
    """One answer an item and annotator, the latest where two queues asked for the same; by item."""
    return (
        answers_to_finished(project_id, items)
        .where(*is_read(dimension))
        .ext(distinct_on(Assignment.item_id, Assignment.annotator_id))
        .order_by(Assignment.item_id, Assignment.annotator_id, Assignment.closed_at.desc())
    )


def answers_to_finished(project_id: int, items: Ids) -> Select[int]:
    """All versions of those that count, in all dimensions."""
    return (
        select(Assignment.item_id)
        .join(Annotation, Annotation.assignment_id == Assignment.id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .join(
            QueueItem,
            (QueueItem.queue_id == Assignment.queue_id) & (QueueItem.item_id == Assignment.item_id),
        )
        .where(
            Queue.project_id == project_id,
            Assignment.item_id.between(*items),
            # Said once more: not knowing it, PostgreSQL reads all items of all queues for a few of them.
            QueueItem.item_id.between(*items),
            Assignment.status == AssignmentStatus.SUBMITTED,
            QueueItem.n_submitted >= QueueItem.overlap,
            QueueItem.held_for.is_distinct_from(HeldFor.BROKEN),
            Assignment.takes_place,
        )
    )


def latest_report(session: Session, queue_id: int) -> AgreementReport | None:
    return session.scalar(
        select(AgreementReport)
        .where(AgreementReport.queue_id == queue_id)
        .order_by(AgreementReport.id.desc())
        .limit(1)
    )
