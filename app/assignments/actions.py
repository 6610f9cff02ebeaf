"""Handing out items, and ending leases: what an annotator's own requests do, and the sweeper.

Each of these requests first locks its member's row (`lock_member`), so two tabs of one annotator wait for
each other and no other annotator does.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, TextClause, func, select, update
from sqlalchemy.orm import Session

from app.assignments.eligibility import (
    Membership,
    is_gold_due,
    may_hold_ahead,
    refusal,
    search_values,
)
from app.assignments.models import IS_OPEN, Assignment, AssignmentStatus, SkipReason
from app.assignments.queries import is_queue_closed, n_gold_left, open_assignment_id, status_of
from app.assignments.statements import (
    ASK_GOLD,
    CLAIM,
    CLOSE,
    COUNT_SURPLUS,
    EXPIRE,
    LOCK_ITEM_OF,
    LOCK_MEMBER,
    LOCK_MEMBER_OF,
    MOVE_AHEAD,
    REOPEN,
    SUBMIT_LATE,
)
from app.db import now
from app.errors import Conflict, Forbidden, NotFound
from app.gold.exams import end_attempt, open_attempt, score_skip
from app.i18n import gettext as _
from app.projects.queries import taxonomy_with
from app.queues.models import HeldFor, Queue, QueuePurpose

# Of an item that is loaded but not shown yet: longer than the page waits between two signs of work.
AHEAD_MINUTES = 2


class AssignmentClosed(Conflict):
    pass


class TooManySkips(Conflict):
    pass


def lock_member(session: Session, queue_id: int, annotator_id: int) -> Membership:
    """What decides what this annotator may get from the queue; their other requests wait until the commit.

    Raises Forbidden for someone who never was a member.
    """
    row = session.execute(LOCK_MEMBER, {"queue_id": queue_id, "annotator_id": annotator_id}).one_or_none()
    if row is None:
        raise Forbidden(_("You are not a member of this queue. An admin can add you."))
    return membership_in(session, row)


def lock_member_of(session: Session, assignment_id: int, annotator_id: int) -> Membership:
    """The same, for the queue of an assignment. Raises NotFound for someone else's."""
    values = {"assignment_id": assignment_id, "annotator_id": annotator_id}
    row = session.execute(LOCK_MEMBER_OF, values).one_or_none()
    if row is None:
        raise NotFound(_("There is no such assignment of yours."))
    return membership_in(session, row)


def membership_in(session: Session, row: Row[*tuple[Any, ...]]) -> Membership:
    *values, taxonomy_key = row
    return Membership(*(*values, taxonomy_with(session, taxonomy_key)))


def claim_next(session: Session, member: Membership) -> int | None:
    """The id of this annotator's assignment in the queue: the one they hold, or else a new one.

    None where there is nothing for them now (`app.assignments.queries.empty_state` says why). A second tab
    gets the same assignment.
    """
    if refusal(member):
        return open_assignment_id(session, member.queue_id, member.annotator_id)
    values = search_values(member)
    if member.purpose != QueuePurpose.PRODUCTION:
        return claim_in_attempt(session, member, values)
    gold_id = ask_gold(session, member, values, member.n_submitted)
    if gold_id is not None:
        return gold_id
    assignment_id: int | None = session.scalar(CLAIM, values)
    if assignment_id is None and expire_leases(session, member.queue_id):
        assignment_id = session.scalar(CLAIM, values)
    return assignment_id


def claim_in_attempt(session: Session, member: Membership, values: Mapping[str, object]) -> int | None:
    """In a training or an exam. None where no attempt is open, or it has no item left."""
    held = open_assignment_id(session, member.queue_id, member.annotator_id)
    if held is not None:
        return held
    attempt = open_attempt(session, member.queue_id, member.annotator_id)
    if attempt is None or attempt.n_done >= attempt.n_items:
        return None
    return ask_gold(session, member, values, member.n_submitted)


def end_dry_attempt(session: Session, member: Membership) -> bool:
    """End the open attempt where its annotator has met every item there is; True where none is open now."""
    if refusal(member):
        return False
    attempt = open_attempt(session, member.queue_id, member.annotator_id)
    if attempt is None:
        return True
    if n_gold_left(session, member):
        return False
    end_attempt(session, attempt)
    return True


def claim_ahead(session: Session, member: Membership) -> int | None:
    """The item after the one that is held, under a short lease: the next `claim_next` brings it.

    None where there is none, or nothing is held.
    """
    held = open_assignment_id(session, member.queue_id, member.annotator_id)
    if held is None or not may_hold_ahead(member):
        return None
    if member.purpose != QueuePurpose.PRODUCTION:
        return None
    values = search_values(member) | {"is_ahead": True, "lease_minutes": AHEAD_MINUTES}
    gold_id = ask_gold(session, member, values, member.n_submitted + 1)
    if gold_id is not None:
        return gold_id
    assignment_id: int | None = session.scalar(CLAIM, values)
    return assignment_id


def ask_gold(
    session: Session, member: Membership, values: Mapping[str, object], n_answered: int
) -> int | None:
    """Lease a gold item where the turn after `n_answered` answers is one for it. It takes none of its places.

    None where it is not, where an item is held already, or where no gold item is left for this annotator.
    """
    if not is_gold_due(member, n_answered):
        return None
    assignment_id: int | None = session.scalar(ASK_GOLD, {**values, "seed": member.seed})
    return assignment_id


def keep_ahead(session: Session, member: Membership) -> None:
    """Begin the short lease anew: its annotator still works on the item before it."""
    session.execute(
        update(Assignment)
        .where(
            Assignment.queue_id == member.queue_id,
            Assignment.annotator_id == member.annotator_id,
            IS_OPEN,
            Assignment.is_ahead,
        )
        .values(expires_at=func.now() + timedelta(minutes=AHEAD_MINUTES))
    )


def close_assignment(session: Session, member: Membership, assignment_id: int) -> None:
    """Mark an assignment submitted. Raises AssignmentClosed.

    Of two racing submissions exactly one succeeds. A lease that has ended still counts if a place is free;
    else the answer is kept as surplus.
    """
    if end_lease(session, CLOSE, member, assignment_id, AssignmentStatus.SUBMITTED) is not None:
        return
    session.execute(LOCK_ITEM_OF, {"assignment_id": assignment_id})
    if end_lease(session, SUBMIT_LATE, member, assignment_id, AssignmentStatus.SUBMITTED) is None:
        raise assignment_closed(session, assignment_id)


def skip_assignment(session: Session, member: Membership, assignment_id: int, reason: SkipReason) -> None:
    """Give the item's place back to others; it never returns to this annotator.

    A broken item is handed to nobody until an admin has looked at it. Skips in a row are limited, but for
    distress, which never counts. In a training or an exam what one can't judge counts as wrong; for any other
    reason there is another item instead. Raises TooManySkips, or AssignmentClosed.
    """
    if reason is not SkipReason.DISTRESS and member.n_skips_in_row >= member.max_skips_in_row:
        raise TooManySkips(
            _(
                "You have skipped %(n)s items in a row, which is the most this queue allows."
                " Answer this one, or give it back and take a break. An item that distresses you can always"
                " be skipped."
            )
            % {"n": member.n_skips_in_row}
        )
    item_id = end_lease(session, CLOSE, member, assignment_id, AssignmentStatus.SKIPPED, reason)
    if item_id is None:
        raise assignment_closed(session, assignment_id)
    bring_back(session, member.queue_id, [item_id])
    if member.purpose != QueuePurpose.PRODUCTION and reason is SkipReason.CANNOT_JUDGE:
        score_skip(session, member.queue_id, member.annotator_id, assignment_id)


def release_assignment(session: Session, member: Membership, assignment_id: int) -> None:
    """Give the place back, unanswered; the item may come again. Does nothing where the lease has ended."""
    item_id = end_lease(session, CLOSE, member, assignment_id, AssignmentStatus.RELEASED)
    if item_id is not None:
        bring_back(session, member.queue_id, [item_id])


def end_lease(
    session: Session,
    statement: TextClause,
    member: Membership,
    assignment_id: int,
    status: AssignmentStatus,
    skip_reason: SkipReason | None = None,
) -> int | None:
    """The item's id; None where the assignment is not in a state that `statement` ends."""
    n_submitted = int(status is AssignmentStatus.SUBMITTED)
    n_skipped = int(skip_reason not in {None, SkipReason.DISTRESS})
    item_id: int | None = session.scalar(
        statement,
        {
            "assignment_id": assignment_id,
            "annotator_id": member.annotator_id,
            "status": status,
            "skip_reason": skip_reason,
            "held_for": HeldFor.BROKEN if skip_reason is SkipReason.BROKEN_ITEM else None,
            "n_submitted": n_submitted,
            "n_freed": 1 - n_submitted,
            "n_skipped": n_skipped,
        },
    )
    if item_id is not None:
        member.n_submitted += n_submitted
        member.n_today += n_submitted
        member.n_skips_in_row = 0 if n_submitted else member.n_skips_in_row + n_skipped
        member.severe_at = now() if member.n_severe_in_row else member.severe_at
    return item_id


def renew_lease(session: Session, assignment_id: int, member: Membership) -> None:
    """Begin an assignment's time anew; one that has ended is opened again if its place is still free.

    Raises AssignmentClosed.
    """
    renewed = session.scalar(
        update(Assignment)
        .where(
            Assignment.id == assignment_id,
            Assignment.annotator_id == member.annotator_id,
            Assignment.status == AssignmentStatus.OPEN,
        )
        .values(expires_at=func.now() + timedelta(minutes=member.lease_minutes))
        .returning(Assignment.id)
    )
    if renewed is None and not reopen(session, member, assignment_id):
        raise assignment_closed(session, assignment_id)


def reopen(session: Session, member: Membership, assignment_id: int) -> bool:
    values = {
        "assignment_id": assignment_id,
        "annotator_id": member.annotator_id,
        "lease_minutes": member.lease_minutes,
        "avoided": member.avoided,
    }
    session.execute(LOCK_ITEM_OF, {"assignment_id": assignment_id})
    return session.scalar(REOPEN, values) is not None


def shorten_lease(session: Session, assignment_id: int, annotator_id: int, seconds: int) -> None:
    """Let an open lease end soon: the page was left, but a reload comes back within seconds."""
    session.execute(
        update(Assignment)
        .where(
            Assignment.id == assignment_id,
            Assignment.annotator_id == annotator_id,
            Assignment.status == AssignmentStatus.OPEN,
        )
        .values(expires_at=func.least(Assignment.expires_at, func.now() + timedelta(seconds=seconds)))
    )


def assignment_closed(session: Session, assignment_id: int) -> AssignmentClosed:
    if is_queue_closed(session, assignment_id):
        return AssignmentClosed(
            _("An admin closed this queue: it takes no answers any more. What you had submitted is stored.")
        )
    if status_of(session, assignment_id) in {AssignmentStatus.EXPIRED, AssignmentStatus.RELEASED}:
        return AssignmentClosed(
            _(
                "Your time for this item ran out, and others have its places now. You can still submit: your"
                " answer is kept, and counts as soon as a place comes free."
            )
        )
    return AssignmentClosed(_("This assignment is already closed: your answer to it was not stored again."))


def expire_leases(session: Session, queue_id: int) -> int:
    """End the queue's leases that have run out; return how many.

    One whose annotator or item is busy at this moment waits for the next time.
    """
    item_ids = session.scalars(EXPIRE, {"queue_id": queue_id}).all()
    bring_back(session, queue_id, item_ids)
    return len(item_ids)


def bring_back(
    session: Session, queue_id: int, item_ids: Sequence[int], *, is_first: bool | None = None
) -> None:
    """Places of these items came free, and this transaction holds their locks.

    Kept surplus answers take them first. What is still open goes ahead of everyone's cursor: in front of
    the queue (`is_first`, by default as the queue says), or to the end of its lane.
    """
    if not item_ids:
        return
    values = {"queue_id": queue_id, "item_ids": list(item_ids)}
    session.execute(COUNT_SURPLUS, values)
    if is_first is None:
        is_first = session.scalars(select(Queue.returned_first).where(Queue.id == queue_id)).one()
    session.execute(MOVE_AHEAD, {**values, "is_first": is_first})
