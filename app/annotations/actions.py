"""Storing answers."""

import hashlib

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.annotations.forms import Ranking, SafetyLabel
from app.annotations.models import Annotation
from app.annotations.queries import dimensions_answered
from app.assignments.actions import assignment_closed, close_assignment, renew_lease
from app.assignments.models import Assignment, AssignmentStatus
from app.errors import Conflict
from app.queues.models import Dimension


class WrongStep(Conflict):
    pass


def submit_safety_label(session: Session, assignment: Assignment, label: SafetyLabel) -> None:
    """Raises AssignmentClosed where it was answered before, WrongStep where the queue asks something else."""
    if assignment.queue.steps != (Dimension.SAFETY,):
        raise WrongStep("This queue does not ask for a safety label.")
    close_assignment(session, assignment.id, assignment.annotator_id)
    session.execute(
        insert(Annotation).values(
            assignment_id=assignment.id,
            dimension=Dimension.SAFETY,
            is_safe=label.is_safe,
            harm_categories=label.harm_categories,
            severity=label.severity,
            taxonomy_version=assignment.queue.project.taxonomy_version,
        )
    )


def submit_ranking(session: Session, assignment: Assignment, dimension: Dimension, ranking: Ranking) -> None:
    """Store one step's order; after the last step the assignment is submitted.

    `ranking` speaks of places on the page; what is stored speaks of the item's responses.
    Raises AssignmentClosed, or WrongStep for a step that is not the next one.
    """
    if next_step(session, assignment) is not dimension:
        raise WrongStep("This step was already answered. Reload the page to go on.")
    if assignment.queue.steps[-1] is dimension:
        close_assignment(session, assignment.id, assignment.annotator_id)
    else:
        # Or the answer to this step would be lost with a lease that ends before the next.
        renew_lease(session, assignment.id, assignment.annotator_id, assignment.queue.lease_minutes)
    order = displayed_order(assignment.id, dimension, len(ranking.ranks))
    rank_of = dict(zip(order, ranking.ranks, strict=True))
    stored = session.scalar(
        postgresql.insert(Annotation)
        .values(
            assignment_id=assignment.id,
            dimension=dimension,
            ranks=[rank_of[position] for position in range(len(order))],
            displayed_order=order,
            taxonomy_version=assignment.queue.project.taxonomy_version,
        )
        .on_conflict_do_nothing(index_elements=["assignment_id", "dimension"])
        .returning(Annotation.id)
    )
    if stored is None:
        raise WrongStep("This step was already answered. Reload the page to go on.")


def next_step(session: Session, assignment: Assignment) -> Dimension:
    """The judgement to ask for now. Raises AssignmentClosed where there is none."""
    if assignment.status != AssignmentStatus.OPEN:
        raise assignment_closed(session, assignment.id)
    steps = assignment.queue.steps
    answered = dimensions_answered(session, assignment.id) if len(steps) > 1 else set()
    return next(step for step in steps if step not in answered)


def displayed_order(assignment_id: int, dimension: Dimension, n_responses: int) -> list[int]:
    """Which response of the item stands in each place of the page: shuffled anew for every assignment and
    dimension, and the same however often the page is loaded."""

    def shuffled(position: int) -> bytes:
        return hashlib.sha256(f"{assignment_id}:{dimension}:{position}".encode()).digest()

    return sorted(range(n_responses), key=shuffled)
