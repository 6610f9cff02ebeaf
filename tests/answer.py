"""How tests answer items, without the pages."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.actions import displayed_order, submit_ranking, submit_safety_label
from app.annotations.forms import Ranking, SafetyLabel
from app.assignments.actions import lock_member_of, skip_assignment
from app.assignments.eligibility import Membership
from app.assignments.models import Assignment, SkipReason
from app.assignments.queries import n_responses
from app.queues.models import Dimension, Queue
from app.wellbeing.actions import uncover
from tests import make

SAFE = SafetyLabel(is_safe=True)


def harmful(*harm_categories: str, severity: int = 2) -> SafetyLabel:
    return SafetyLabel(is_safe=False, harm_categories=list(harm_categories), severity=severity)


def safety(session: Session, assignment: Assignment, label: SafetyLabel = SAFE) -> None:
    uncover_all(session, assignment)
    submit_safety_label(session, member_of(session, assignment), assignment.id, label)


def ranking(session: Session, assignment: Assignment, dimension: Dimension, ranks: list[int]) -> None:
    """`ranks`: in the item's order, whatever the page's."""
    uncover_all(session, assignment)
    order = displayed_order(assignment.id, dimension, len(ranks))
    on_page = Ranking(ranks=[ranks[position] for position in order])
    submit_ranking(session, member_of(session, assignment), assignment.id, dimension, on_page)


def uncover_all(session: Session, assignment: Assignment) -> None:
    """Whatever is covered of it."""
    if member_of(session, assignment).is_covered:
        for position in range(n_responses(session, assignment.id)):
            uncover(session, assignment.id, position)


def all_safety(session: Session, queue: Queue, annotator: User, labels: dict[int, SafetyLabel]) -> None:
    """The annotator's whole queue; `labels`: by item id."""
    for _ in labels:
        assignment = make.assignment(session, queue, annotator)
        safety(session, assignment, labels[assignment.item_id])


def skip(session: Session, assignment: Assignment, reason: SkipReason = SkipReason.DISTRESS) -> None:
    skip_assignment(session, member_of(session, assignment), assignment.id, reason)


def member_of(session: Session, assignment: Assignment) -> Membership:
    return lock_member_of(session, assignment.id, assignment.annotator_id)
