"""Why each finished item of a queue needs adjudicators."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.adjudication.answers import SEVERE, labels_lack_majority, orders_lack_majority
from app.adjudication.models import CaseReason
from app.agreement.actions import follow_answers
from app.agreement.queries import certainty_by_item, counts_in, finished_items, safety_vote
from app.annotations.models import Annotation
from app.annotations.patterns import item_patterns
from app.assignments.models import Assignment, AssignmentStatus
from app.flags.models import LabelFlag
from app.gold.models import GoldItem, GoldState
from app.items.models import ItemResponse
from app.projects.queries import taxonomy_of
from app.projects.taxonomy import Taxonomy
from app.queues.models import Dimension, Queue, QueueItem

Found = dict[int, set[CaseReason]]


def reasons_by_item(session: Session, queue: Queue) -> tuple[Found, set[int]]:
    """The reasons that the queue's settings ask for, of each item that has any; and the items that have an
    answer of severity 3, whatever the settings."""
    wanted = {CaseReason(name) for name in queue.adjudicates}
    finished = {item.item_id for item in finished_items(session, queue.id)}
    found: Found = defaultdict(set)
    severe: set[int] = set()
    taxonomy = taxonomy_of(session, queue.project_id)
    for dimension in queue.steps if wanted else ():
        lacking, bad = looked_through(session, queue.id, taxonomy, dimension, finished)
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
    session: Session, queue_id: int, taxonomy: Taxonomy, dimension: Dimension, finished: set[int]
) -> tuple[set[int], set[int]]:
    """Of the finished items those without a majority, and those that someone called severe.

    Few answers an item make few distinct patterns, and each is judged once.
    """
    patterns: dict[str, set[int]] = defaultdict(set)
    answers_of: dict[str, list[list[int]]] = {}
    for item_id, answers in item_patterns(session, queue_id, dimension):
        if item_id in finished:
            patterns[str(answers)].add(item_id)
            answers_of[str(answers)] = answers
    if dimension is not Dimension.SAFETY:
        # An item whose annotators could all judge nothing has no pattern.
        lacking = finished - set().union(*patterns.values())
        for pattern, item_ids in patterns.items():
            if orders_lack_majority(answers_of[pattern]):
                lacking |= item_ids
        return lacking, set()
    lacking, severe = set[int](), set[int]()
    for pattern, item_ids in patterns.items():
        votes = [safety_vote(severity, taxonomy.names_in(mask)) for severity, mask in answers_of[pattern]]
        if labels_lack_majority(votes):
            lacking |= item_ids
        if any(vote.severity == SEVERE for vote in votes):
            severe |= item_ids
    return lacking, severe


def others(session: Session, queue: Queue, wanted: set[CaseReason]) -> Iterator[tuple[CaseReason, set[int]]]:
    """Each reason that needs a look of its own, where it is asked for."""
    if CaseReason.UNCERTAIN in wanted and queue.adjudicates_below is not None:
        follow_answers(session, queue.id)
        certainty = certainty_by_item(session, queue.id)
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
