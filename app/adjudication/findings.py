"""Why each finished item of a queue needs adjudicators."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.adjudication.answers import SEVERE, labels_lack_majority, orders_lack_majority
from app.adjudication.models import CaseReason
from app.agreement.actions import certainty_by_item
from app.agreement.queries import counts_in, finished_items, ranking_answers, safety_answers, safety_vote
from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus
from app.flags.models import LabelFlag
from app.gold.models import GoldItem, GoldState
from app.items.models import ItemResponse
from app.queues.models import Dimension, Queue, QueueItem

Found = dict[int, set[CaseReason]]


def reasons_by_item(session: Session, queue: Queue) -> tuple[Found, set[int]]:
    """The reasons that the queue's settings ask for, of each item that has any; and the items that have an
    answer of severity 3, whatever the settings."""
    wanted = {CaseReason(name) for name in queue.adjudicates}
    finished = {item.item_id for item in finished_items(session, queue.id)}
    found: Found = defaultdict(set)
    severe: set[int] = set()
    for dimension in queue.steps if wanted else ():
        lacking, bad = looked_through(session, queue.id, dimension, finished)
        severe |= bad
        for reason, item_ids in ((CaseReason.NO_MAJORITY, lacking), (CaseReason.SEVERE, bad)):
            add(found, reason, item_ids)
    for reason, item_ids in others(session, queue, wanted):
        add(found, reason, item_ids & finished)
    if CaseReason.SUSPENDED_GOLD in wanted:
        # Gold wants no answers, so it is never finished.
        add(found, CaseReason.SUSPENDED_GOLD, suspended_gold(session, queue.id))
    asked_for = {item_id: reasons & wanted for item_id, reasons in found.items()}
    return {item_id: reasons for item_id, reasons in asked_for.items() if reasons}, severe


def add(found: Found, reason: CaseReason, item_ids: set[int]) -> None:
    for item_id in item_ids:
        found[item_id].add(reason)


def looked_through(
    session: Session, queue_id: int, dimension: Dimension, finished: set[int]
) -> tuple[set[int], set[int]]:
    """Of the finished items those without a majority, and those that someone called severe."""
    if dimension is Dimension.SAFETY:
        lacking, severe = set(), set()
        for item_id, labels in groupby(safety_answers(session, queue_id), lambda label: label.item_id):
            votes = [safety_vote(label.severity, label.harm_categories) for label in labels]
            if labels_lack_majority(votes):
                lacking.add(item_id)
            if any(vote.severity == SEVERE for vote in votes):
                severe.add(item_id)
        return lacking & finished, severe & finished
    rankings = groupby(ranking_answers(session, queue_id, dimension), lambda row: row.item_id)
    orders = {item_id: [row.ranks for row in rows] for item_id, rows in rankings}
    return {item_id for item_id in finished if orders_lack_majority(orders.get(item_id, []))}, set()


def others(session: Session, queue: Queue, wanted: set[CaseReason]) -> Iterator[tuple[CaseReason, set[int]]]:
    """Each reason that needs a look of its own, where it is asked for."""
    if CaseReason.UNCERTAIN in wanted and queue.adjudicates_below is not None:
        certainty = certainty_by_item(session, queue)
        below = queue.adjudicates_below
        yield CaseReason.UNCERTAIN, {item_id for item_id, sure in certainty.items() if sure < below}
    if CaseReason.CONTRADICTION in wanted:
        yield CaseReason.CONTRADICTION, contradicting(session, queue)
    if CaseReason.FLAG in wanted and Dimension.SAFETY in queue.steps:
        yield CaseReason.FLAG, flagged(session, queue.id)


def contradicting(session: Session, queue: Queue) -> set[int]:
    found: set[int] = set()
    for dimension in queue.steps:
        contradictions = (
            select(Assignment.item_id)
            .join(Annotation, Annotation.assignment_id == Assignment.id)
            .where(counts_in(queue.id, dimension), Annotation.contradicts_labels)
        )
        found |= set(session.scalars(contradictions))
    return found


def flagged(session: Session, queue_id: int) -> set[int]:
    """QA pairs of this queue whose label someone flagged who ranked their response."""
    of_pair = aliased(ItemResponse)
    flags = (
        select(QueueItem.item_id)
        .join(of_pair, of_pair.item_id == QueueItem.item_id)
        .join(ItemResponse, ItemResponse.response_id == of_pair.response_id)
        .join(Assignment, Assignment.item_id == ItemResponse.item_id)
        .join(
            LabelFlag,
            (LabelFlag.assignment_id == Assignment.id) & (LabelFlag.position == ItemResponse.position),
        )
        .where(QueueItem.queue_id == queue_id, Assignment.status != AssignmentStatus.VOIDED)
    )
    return set(session.scalars(flags))


def suspended_gold(session: Session, queue_id: int) -> set[int]:
    return set(
        session.scalars(
            select(GoldItem.item_id).where(
                GoldItem.queue_id == queue_id, GoldItem.state == GoldState.SUSPENDED
            )
        )
    )
