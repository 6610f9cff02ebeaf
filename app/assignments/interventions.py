"""What an admin changes from outside: leases taken back or passed on, answers voided, other overlaps.

None of it lets an item pass its overlap, and no answer is ever deleted.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, any_, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assignments.actions import AssignmentClosed, bring_back, lock_member, release_assignment
from app.assignments.eligibility import Membership
from app.assignments.models import IS_OPEN, Assignment, AssignmentStatus
from app.assignments.statements import LOCK_ALL_MEMBERS
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Refused
from app.i18n import gettext as _
from app.queues.models import HeldFor, Queue, QueueItem

BATCH = 5_000


class CannotTake(Refused):
    """A member, a lease that is passed on."""


# Of items in `item_ids`: which of their places and answers are too many for the new overlap. Answers stay
# before leases, older before newer.
TOO_MANY = """
    WITH ranked AS (
        SELECT assignment.id, status, wanted.overlap, row_number() OVER (
            PARTITION BY assignment.item_id ORDER BY status = 'open', closed_at, assignment.id) AS turn
        FROM assignment
        JOIN queue_item USING (queue_id, item_id)
        CROSS JOIN LATERAL (
            SELECT least(greatest(queue_item.overlap, :overlap), :max_overlap) AS overlap) AS wanted
        WHERE queue_id = :queue_id AND item_id = ANY(:item_ids) AND status IN ('open', 'submitted')
          AND takes_place AND n_assigned > wanted.overlap
    )
"""
WITHDRAW = text(f"""
    {TOO_MANY}, withdrawn AS (
        UPDATE assignment SET
            status = CASE assignment.status WHEN 'open' THEN 'released' ELSE 'surplus' END,
            closed_at = coalesce(assignment.closed_at, now())
        FROM ranked WHERE assignment.id = ranked.id AND turn > ranked.overlap
        RETURNING item_id, assignment.status
    ), fewer AS (
        SELECT item_id, count(*) AS n, count(*) FILTER (WHERE status = 'surplus') AS n_surplus
        FROM withdrawn GROUP BY item_id
    )
    UPDATE queue_item SET n_assigned = n_assigned - n, n_submitted = n_submitted - fewer.n_surplus,
        n_surplus = queue_item.n_surplus + fewer.n_surplus
    FROM fewer WHERE queue_id = :queue_id AND queue_item.item_id = fewer.item_id
""")

# Of the answers with these ids. All their members first: who holds an item's row never waits for a member's.
# Said to be bigints: an array of smaller ones, as a driver sends it, is looked through each time.
LOCK_MEMBERS_OF = text("""
    SELECT FROM queue_member WHERE queue_id = :queue_id AND annotator_id IN (
        SELECT annotator_id FROM assignment WHERE id = ANY(CAST(:assignment_ids AS bigint[])))
    ORDER BY annotator_id FOR NO KEY UPDATE
""")
LOCK_ITEMS_OF = text("""
    SELECT FROM queue_item JOIN assignment USING (queue_id, item_id)
    WHERE queue_id = :queue_id AND assignment.id = ANY(CAST(:assignment_ids AS bigint[]))
    ORDER BY item_id FOR NO KEY UPDATE OF queue_item
""")
VOID = text("""
    WITH answers AS (
        SELECT id, item_id, status = 'surplus' AS was_surplus,
               status = 'submitted' AND takes_place AS had_place
        FROM assignment
        WHERE queue_id = :queue_id AND id = ANY(CAST(:assignment_ids AS bigint[]))
          AND status IN ('submitted', 'surplus')
    ), voided AS (
        UPDATE assignment SET status = 'voided', void_reason = :reason, voided_at = now() FROM answers
        WHERE assignment.id = answers.id
    ), fewer AS (
        SELECT item_id, count(*) FILTER (WHERE had_place) AS n,
               count(*) FILTER (WHERE was_surplus) AS n_surplus
        FROM answers GROUP BY item_id
    ), counted AS (
        UPDATE queue_item SET n_assigned = n_assigned - n, n_submitted = n_submitted - n,
            n_surplus = queue_item.n_surplus - fewer.n_surplus
        FROM fewer WHERE queue_id = :queue_id AND queue_item.item_id = fewer.item_id
    )
    SELECT item_id, had_place AS has_freed_place FROM answers ORDER BY item_id
""")

READY = text("""
    SELECT item_id FROM queue_item AS waiting
    WHERE queue_id = :queue_id AND held_for = 'safety' AND NOT EXISTS (
        SELECT FROM item_response AS member WHERE member.item_id = waiting.item_id AND NOT EXISTS (
            SELECT FROM item_response AS of_pair
            JOIN queue_item AS labelled ON labelled.item_id = of_pair.item_id
            JOIN queue ON queue.id = labelled.queue_id AND queue.kind = 'safety'
            WHERE of_pair.response_id = member.response_id
              AND labelled.overlap > 0 AND labelled.n_submitted >= labelled.overlap))
    ORDER BY pos
""")


def release_lease(session: Session, queue_id: int, assignment_id: int) -> None:
    """Take an annotator's lease back; they may still submit late. Raises AssignmentClosed."""
    assignment = live_assignment(session, queue_id, assignment_id)
    release_assignment(session, lock_member(session, queue_id, assignment.annotator_id), assignment_id)
    record(
        session,
        Action.RELEASED,
        "lease",
        queue_id=queue_id,
        item_id=assignment.item_id,
        user_id=assignment.annotator_id,
    )


def reassign(session: Session, queue_id: int, assignment_id: int, annotator_id: int) -> None:
    """Pass a lease on to another member, with its place. Raises AssignmentClosed, or CannotTake for someone
    who had the item, holds another lease in the queue, is no member, or may not sign in."""
    assignment = live_assignment(session, queue_id, assignment_id)
    people = sorted({assignment.annotator_id, annotator_id})
    members = {person: lock_member(session, queue_id, person) for person in people}
    if not can_take(session, assignment, members[annotator_id]):
        raise CannotTake(
            _(
                "This person can't take the item: they hold another, had it before, are no member, may not"
                " sign in, lack the qualification, or opted out of what it touches."
            )
        )
    lock_items(session, queue_id, [assignment.item_id])
    ended = session.scalar(
        update(Assignment)
        .where(Assignment.id == assignment_id, Assignment.status == AssignmentStatus.OPEN)
        .values(status=AssignmentStatus.RELEASED, closed_at=func.now())
        .returning(Assignment.id)
    )
    if ended is None:
        raise AssignmentClosed(_("This lease has just ended."))
    session.add(
        Assignment(
            queue_id=queue_id,
            item_id=assignment.item_id,
            annotator_id=annotator_id,
            takes_place=assignment.takes_place,
            expires_at=func.now() + func.make_interval(0, 0, 0, 0, 0, members[annotator_id].lease_minutes),
        )
    )
    session.flush()
    record(
        session,
        Action.REASSIGNED,
        "lease",
        queue_id=queue_id,
        item_id=assignment.item_id,
        user_id=annotator_id,
        before={"annotator_id": assignment.annotator_id},
        after={"annotator_id": annotator_id},
    )
    # Where the item has another open place, it may come back to the one who gave this one up.
    bring_back(session, queue_id, [assignment.item_id])


def live_assignment(session: Session, queue_id: int, assignment_id: int) -> Assignment:
    """Raises AssignmentClosed."""
    assignment = session.scalar(
        select(Assignment).where(
            Assignment.id == assignment_id,
            Assignment.queue_id == queue_id,
            Assignment.status == AssignmentStatus.OPEN,
        )
    )
    if assignment is None:
        raise AssignmentClosed(_("This lease has just ended."))
    return assignment


def can_take(session: Session, assignment: Assignment, member: Membership) -> bool:
    if not member.is_active or not member.is_qualified:
        return False
    in_the_way = select(Assignment.id).where(
        Assignment.annotator_id == member.annotator_id,
        Assignment.queue_id == assignment.queue_id,
        (Assignment.item_id == assignment.item_id) | IS_OPEN,
    )
    avoided = select(QueueItem.item_id).where(
        QueueItem.queue_id == assignment.queue_id,
        QueueItem.item_id == assignment.item_id,
        QueueItem.harm_mask.bitwise_and(member.avoided) != 0,
    )
    may_sign_in = select(User.is_active).where(User.id == member.annotator_id)
    return (
        session.scalar(in_the_way.limit(1)) is None
        and session.scalar(avoided) is None
        and session.scalars(may_sign_in).one()
    )


def void_answers(session: Session, queue_id: int, assignment_ids: Sequence[int], reason: str) -> int:
    """Take these answers back, so that others are asked. Those that do not stand any more are left alone.

    Nothing is deleted, and the items never return to their annotators. Returns how many answers.
    """
    values = {"queue_id": queue_id, "assignment_ids": list(assignment_ids), "reason": reason}
    session.execute(LOCK_MEMBERS_OF, values)
    session.execute(LOCK_ITEMS_OF, values)
    voided = session.execute(VOID, values).all()
    bring_back(session, queue_id, sorted({row.item_id for row in voided if row.has_freed_place}))
    return len(voided)


def lock_items(session: Session, queue_id: int, item_ids: Sequence[int]) -> None:
    session.execute(
        select(QueueItem.item_id)
        .where(QueueItem.queue_id == queue_id, among(item_ids))
        .order_by(QueueItem.item_id)
        .with_for_update(key_share=True)
    )


def among(item_ids: Sequence[int]) -> ColumnElement[bool]:
    """As one array: a long list of single parameters would pass what a statement may have."""
    return QueueItem.item_id == any_(literal(list(item_ids), ARRAY(BigInteger)))


def apply_overlap(session: Session, queue_id: int, after_item_id: int = 0, limit: int = BATCH) -> int | None:
    """Bring the next items to the overlap that the queue asks for now; the last one's id, None after all.

    Where fewer are wanted than an item has, the newest leases are taken back, then the newest answers become
    surplus; where more are wanted, surplus counts again. Everyone's requests wait for one such batch.
    """
    session.execute(LOCK_ALL_MEMBERS, {"queue_id": queue_id})
    queue = session.scalars(
        select(Queue).where(Queue.id == queue_id).execution_options(populate_existing=True)
    ).one()
    item_ids = session.scalars(
        select(QueueItem.item_id)
        .where(QueueItem.queue_id == queue_id, QueueItem.item_id > after_item_id)
        .order_by(QueueItem.item_id)
        .limit(limit)
        .with_for_update(key_share=True)
    ).all()
    if not item_ids:
        return None
    values = {"queue_id": queue_id, "overlap": queue.overlap, "max_overlap": queue.max_overlap}
    session.execute(WITHDRAW, {**values, "item_ids": item_ids})
    clamped = func.least(func.greatest(QueueItem.overlap, queue.overlap), queue.max_overlap)
    is_gold = QueueItem.overlap == 0
    reopened = session.scalars(
        update(QueueItem)
        .where(
            QueueItem.queue_id == queue_id,
            among(item_ids),
            QueueItem.overlap != clamped,
            ~is_gold,
        )
        .values(overlap=clamped)
        .returning(QueueItem.item_id)
    ).all()
    bring_back(session, queue_id, sorted(reopened))
    return item_ids[-1]


def add_places(session: Session, queue_id: int, item_ids: Sequence[int]) -> int:
    """One more place for each of these items that has all its answers and is below the queue's most.

    Handed out in the order given, before new items where the queue says `uncertain_first`. Returns how many.
    """
    queue = session.scalars(select(Queue).where(Queue.id == queue_id)).one()
    lock_items(session, queue_id, item_ids)
    added = set(
        session.scalars(
            update(QueueItem)
            .where(
                QueueItem.queue_id == queue_id,
                among(item_ids),
                QueueItem.n_submitted == QueueItem.overlap,
                QueueItem.overlap.between(1, queue.max_overlap - 1),
            )
            .values(overlap=QueueItem.overlap + 1)
            .returning(QueueItem.item_id)
        )
    )
    raised = [item_id for item_id in item_ids if item_id in added]
    bring_back(session, queue_id, raised, is_first=queue.uncertain_first)
    return len(raised)


def hand_out_again(session: Session, queue_id: int, item_ids: Sequence[int], held_for: HeldFor) -> int:
    """Let go of items that were held; return how many."""
    lock_items(session, queue_id, item_ids)
    freed = session.scalars(
        update(QueueItem)
        .where(QueueItem.queue_id == queue_id, among(item_ids), QueueItem.held_for == held_for)
        .values(held_for=None)
        .returning(QueueItem.item_id)
    ).all()
    # What waited for the stage before it comes in its lane's order; a mended item goes in front.
    bring_back(session, queue_id, sorted(freed), is_first=held_for is HeldFor.BROKEN)
    if held_for is HeldFor.BROKEN:
        for item_id in freed:
            record(session, Action.RELEASED, "broken item", queue_id=queue_id, item_id=item_id)
    return len(freed)


def open_ready_sets(session: Session, queue_id: int) -> int:
    """Hand out the response sets whose QA pairs all have their safety labels now; return how many."""
    ready = session.scalars(READY, {"queue_id": queue_id}).all()
    return hand_out_again(session, queue_id, ready, HeldFor.SAFETY)
