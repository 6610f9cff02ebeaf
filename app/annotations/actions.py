"""Storing answers."""

import hashlib

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.annotations.forms import Ranking, SafetyLabel
from app.annotations.models import Annotation, Verdict
from app.annotations.queries import dimensions_answered, is_stored
from app.annotations.shown import ShownAssignment
from app.assignments.actions import AssignmentClosed, assignment_closed, close_assignment, renew_lease
from app.assignments.eligibility import Membership
from app.assignments.models import AssignmentStatus
from app.assignments.queries import status_of
from app.errors import Conflict
from app.queues.models import Dimension
from app.wellbeing.actions import refuse_covered

ANSWERABLE = {AssignmentStatus.OPEN, AssignmentStatus.EXPIRED, AssignmentStatus.RELEASED}


class WrongStep(Conflict):
    pass


def submit_safety_label(
    session: Session, member: Membership, assignment_id: int, label: SafetyLabel, key: str | None = None
) -> None:
    """Sent again with the same `key` it is stored once, and all is well.

    Raises AssignmentClosed where it was answered before, WrongStep where the queue asks something else, and
    StillCovered for a text that was not looked at.
    """
    if member.steps != (Dimension.SAFETY,):
        raise WrongStep("This queue does not ask for a safety label.")
    if member.is_covered:
        refuse_covered(session, assignment_id)
    try:
        close_assignment(session, member, assignment_id)
    except AssignmentClosed:
        if is_stored(session, assignment_id, Dimension.SAFETY, key):
            return
        raise
    session.execute(
        insert(Annotation).values(
            assignment_id=assignment_id,
            dimension=Dimension.SAFETY,
            is_safe=label.is_safe,
            harm_categories=label.harm_categories,
            severity=label.severity,
            taxonomy_version=member.taxonomy_version,
            submission_key=key,
        )
    )


def submit_ranking(
    session: Session,
    member: Membership,
    assignment_id: int,
    dimension: Dimension,
    ranking: Ranking,
    key: str | None = None,
) -> None:
    """Store one step's order; after the last step the assignment is submitted.

    `ranking` speaks of places on the page; what is stored speaks of the item's responses. Sent again with the
    same `key` it is stored once. Raises AssignmentClosed, StillCovered, or WrongStep for a step that is not
    the next one.
    """
    if member.is_covered:
        refuse_covered(session, assignment_id)
    try:
        end_step(session, member, assignment_id, dimension)
    except (AssignmentClosed, WrongStep):
        if is_stored(session, assignment_id, dimension, key):
            return
        raise
    order = displayed_order(assignment_id, dimension, len(ranking.ranks))
    rank_of = dict(zip(order, ranking.ranks, strict=True))
    session.execute(
        insert(Annotation).values(
            assignment_id=assignment_id,
            dimension=dimension,
            ranks=[rank_of[position] for position in range(len(order))],
            displayed_order=order,
            verdict=Verdict.ORDERED,
            taxonomy_version=member.taxonomy_version,
            submission_key=key,
        )
    )


def end_step(session: Session, member: Membership, assignment_id: int, dimension: Dimension) -> None:
    """Raises AssignmentClosed, or WrongStep."""
    steps = member.steps
    answered = dimensions_answered(session, assignment_id) if len(steps) > 1 else set()
    left = [step for step in steps if step not in answered]
    if left and left[0] is not dimension:
        raise WrongStep("This step was already answered. Reload the page to go on.")
    if len(left) < 2:
        close_assignment(session, member, assignment_id)
        return
    try:
        renew_lease(session, assignment_id, member)
    except AssignmentClosed:
        # The first step's answer is kept where the lease alone is gone: a place may come free again.
        if status_of(session, assignment_id) not in ANSWERABLE:
            raise


def next_step(session: Session, assignment: ShownAssignment) -> Dimension:
    """The judgement to ask for now. Raises AssignmentClosed where there is none."""
    if assignment.status not in ANSWERABLE:
        raise assignment_closed(session, assignment.id)
    steps = assignment.steps
    answered = dimensions_answered(session, assignment.id) if len(steps) > 1 else set()
    return next(step for step in steps if step not in answered)


def displayed_order(assignment_id: int, dimension: Dimension, n_responses: int) -> list[int]:
    """Which response of the item stands in each place of the page: shuffled anew for every assignment and
    dimension, and the same however often the page is loaded."""

    def shuffled(position: int) -> bytes:
        return hashlib.sha256(f"{assignment_id}:{dimension}:{position}".encode()).digest()

    return sorted(range(n_responses), key=shuffled)
