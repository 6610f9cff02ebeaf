"""Storing answers."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.annotations.forms import Grounds, Ranking, SafetyLabel
from app.annotations.models import Annotation, Verdict
from app.annotations.queries import (
    dimensions_answered,
    is_stored,
    own_safety_labels,
    response_lengths,
)
from app.annotations.shown import ShownAssignment
from app.assignments.actions import AssignmentClosed, assignment_closed, close_assignment, renew_lease
from app.assignments.eligibility import Membership
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.queries import is_queue_closed, status_of
from app.drafts.actions import end_draft, save_draft
from app.errors import Conflict, NotFound, Refused
from app.gold.actions import score_gold
from app.gold.exams import end_attempt_if_done
from app.i18n import gettext as _
from app.queues.models import Dimension, Queue, QueueKind, QueuePurpose
from app.wellbeing.actions import refuse_covered

ANSWERABLE = {AssignmentStatus.OPEN, AssignmentStatus.EXPIRED, AssignmentStatus.RELEASED}


class WrongStep(Conflict):
    pass


class ContradictsLabels(Conflict):
    """The order and the annotator's own safety labels can't both be right; nothing was stored."""


def submit_safety_label(
    session: Session,
    member: Membership,
    assignment_id: int,
    label: SafetyLabel,
    key: str | None = None,
    draft_version: int | None = None,
) -> None:
    """Sent again with the same `key` it is stored once, and all is well.

    Raises AssignmentClosed where it was answered before, WrongStep where the queue asks something else,
    StillCovered for a text that was not looked at, NewerDraft where another page has written since the
    draft's version that this one knows.
    """
    if member.steps != (Dimension.SAFETY,):
        raise WrongStep(_("This queue does not ask for a safety label."))
    if member.is_covered:
        refuse_covered(session, assignment_id)
    try:
        close_assignment(session, member, assignment_id)
    except AssignmentClosed:
        if is_stored(session, assignment_id, Dimension.SAFETY, key):
            return
        raise
    values = safety_values(session, member, assignment_id, label)
    store(session, member, assignment_id, Dimension.SAFETY, values, key)
    end_draft(session, assignment_id, Dimension.SAFETY, key, draft_version)


def submit_ranking(
    session: Session,
    member: Membership,
    assignment_id: int,
    dimension: Dimension,
    ranking: Ranking,
    key: str | None = None,
    draft_version: int | None = None,
    *,
    keeps_contradiction: bool = False,
) -> None:
    """Store one step's order; after the last step the assignment is submitted.

    `ranking` speaks of places on the page; what is stored speaks of the item's responses. Sent again with the
    same `key` it is stored once. Raises AssignmentClosed, WrongStep for a step that is not the next one,
    StillCovered, NewerDraft, and before anything is changed ContradictsLabels, unless `keeps_contradiction`.
    """
    if member.is_covered:
        refuse_covered(session, assignment_id)
    values = ranking_values(
        session, member, assignment_id, dimension, ranking, keeps_contradiction=keeps_contradiction
    )
    try:
        end_step(session, member, assignment_id, dimension)
    except (AssignmentClosed, WrongStep):
        if is_stored(session, assignment_id, dimension, key):
            return
        raise
    store(session, member, assignment_id, dimension, values, key)
    end_draft(session, assignment_id, dimension, key, draft_version)


def safety_values(
    session: Session, member: Membership, assignment_id: int, label: SafetyLabel
) -> dict[str, Any]:
    return {
        "is_safe": label.is_safe,
        "harm_categories": label.harm_categories,
        "harm_mask": member.taxonomy.mask_of(label.harm_categories),
        "severity": label.severity,
        **grounds_values(session, assignment_id, label, order=[0]),
    }


def ranking_values(
    session: Session,
    member: Membership,
    assignment_id: int,
    dimension: Dimension,
    ranking: Ranking,
    *,
    keeps_contradiction: bool,
) -> dict[str, Any]:
    """Raises ContradictsLabels unless `keeps_contradiction`."""
    order = displayed_order(assignment_id, dimension, len(ranking.ranks))
    rank_of = dict(zip(order, ranking.ranks, strict=True))
    ranks = [rank_of[position] for position in range(len(order))]
    contradicts = dimension is Dimension.HARMLESSNESS and contradicts_labels(
        ranks, own_safety_labels(session, assignment_id, member.annotator_id)
    )
    if contradicts and not keeps_contradiction:
        raise ContradictsLabels(
            _(
                "You labelled a response harmful that you now rank above one that you labelled safe."
                " Change the order, or keep it: then an adjudicator looks at the item."
            )
        )
    return {
        "verdict": ranking.verdict,
        "ranks": None if ranking.verdict is Verdict.CANNOT_JUDGE else ranks,
        "strength": ranking.strength,
        "displayed_order": order,
        "contradicts_labels": contradicts,
        **grounds_values(session, assignment_id, ranking, order),
    }


def contradicts_labels(ranks: Sequence[int], is_safe: Mapping[int, bool]) -> bool:
    """Does a harmful response stand above a safe one? `is_safe`: of the positions that have a label."""
    return any(
        ranks[harmful] < ranks[safe]
        for harmful in is_safe
        for safe in is_safe
        if is_safe[safe] and not is_safe[harmful]
    )


def grounds_values(
    session: Session, assignment_id: int, grounds: Grounds, order: Sequence[int]
) -> dict[str, Any]:
    """`order`: the position in the item of the response in each place of the page.

    Raises Refused for a passage that lies outside its response.
    """
    values = grounds.model_dump(include={"confidence", "rationale", "active_ms"})
    if not grounds.evidence:
        return values
    n_characters = response_lengths(session, assignment_id)
    for span in grounds.evidence:
        if span.place >= len(order) or span.end > n_characters[order[span.place]]:
            raise Refused(_("A marked passage lies outside its response. Reload the page and mark it again."))
    return values | {
        "evidence": [
            {"position": order[span.place], "start": span.start, "end": span.end} for span in grounds.evidence
        ]
    }


def store(
    session: Session,
    member: Membership,
    assignment_id: int,
    dimension: Dimension,
    values: dict[str, Any],
    key: str | None,
) -> None:
    session.execute(
        insert(Annotation).values(
            assignment_id=assignment_id,
            dimension=dimension,
            taxonomy_version=member.taxonomy.version,
            guideline_version=member.guideline_version,
            submission_key=key,
            **values,
        )
    )
    if member.is_gold:
        score_gold(session, assignment_id, dimension, values)
    if member.purpose != QueuePurpose.PRODUCTION:
        end_attempt_if_done(session, member.queue_id, member.annotator_id)


def keep_draft(
    session: Session,
    annotator_id: int,
    assignment_id: int,
    dimension: Dimension,
    content: dict[str, Any],
    known: int,
) -> int | None:
    """The draft's version now; None where another page has written something else since version `known`.

    An answer that is being stored locks its assignment, if only as what it refers to; so this waits for it,
    and then finds it. Raises NotFound, AssignmentClosed, or WrongStep for a step that is not asked for.
    """
    locked = (
        select(Assignment.status, Queue.kind)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.id == assignment_id, Assignment.annotator_id == annotator_id)
        .with_for_update(of=Assignment)
    )
    row = session.execute(locked).one_or_none()
    if row is None:
        raise NotFound(_("There is no such assignment of yours."))
    if row.status not in ANSWERABLE:
        raise assignment_closed(session, assignment_id)
    steps = QueueKind(row.kind).steps
    answered = dimensions_answered(session, assignment_id) if len(steps) > 1 else set()
    if dimension not in steps or dimension in answered:
        raise WrongStep(_("This step was already answered. Reload the page to go on."))
    return save_draft(session, assignment_id, dimension, content, known)


def end_step(session: Session, member: Membership, assignment_id: int, dimension: Dimension) -> None:
    """Raises AssignmentClosed, or WrongStep."""
    steps = member.steps
    answered = dimensions_answered(session, assignment_id) if len(steps) > 1 else set()
    left = [step for step in steps if step not in answered]
    if left and left[0] is not dimension:
        raise WrongStep(_("This step was already answered. Reload the page to go on."))
    if len(left) < 2:
        close_assignment(session, member, assignment_id)
        return
    try:
        renew_lease(session, assignment_id, member)
    except AssignmentClosed:
        # The first step's answer is kept where the lease alone is gone: a place may come free again.
        if status_of(session, assignment_id) not in ANSWERABLE or is_queue_closed(session, assignment_id):
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
