"""Beginning an attempt at a training or an exam, and taking one out of the count."""

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.assignments.eligibility import Membership
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Conflict, NotFound
from app.exams.queries import candidate
from app.exams.rules import Bar
from app.gold.models import ExamAttempt
from app.i18n import N_
from app.i18n import gettext as _
from app.queues.models import Queue

WHY_NOT = {
    Bar.HELD_FOR_GOOD: N_("You have this qualification already, for good."),
    Bar.NO_ATTEMPT_LEFT: N_("You have no attempt left here. An admin can reset one."),
    Bar.COOLING_DOWN: N_("It is too early for the next attempt."),
    Bar.TOO_FEW_ITEMS: N_("There are too few items left that you have not seen. An admin can add some."),
}


class CannotBegin(Conflict):
    pass


class NotToReset(Conflict):
    pass


def begin_attempt(session: Session, member: Membership, queue: Queue) -> None:
    """Under the member's lock; one that is open goes on. Raises CannotBegin."""
    someone = candidate(session, queue, member.annotator_id)
    if someone.open is not None:
        return
    if someone.bar is not None:
        raise CannotBegin(_(WHY_NOT[someone.bar]))
    session.execute(
        insert(ExamAttempt)
        .values(
            queue_id=queue.id,
            annotator_id=member.annotator_id,
            number=len(someone.attempts) + 1,
            n_items=someone.n_items,
        )
        .on_conflict_do_nothing()
    )


def reset_attempt(session: Session, queue_id: int, attempt_id: int, reason: str) -> None:
    """It counts towards neither the most attempts nor the cool-down any more; its answers stay.

    Sent again it changes nothing. Raises NotFound, or NotToReset for one that is open or was passed.
    """
    attempt = session.get(ExamAttempt, attempt_id, populate_existing=True)
    if attempt is None or attempt.queue_id != queue_id:
        raise NotFound(_("There is no such attempt in this queue."))
    if attempt.ended_at is None or attempt.is_passed:
        raise NotToReset(_("Only an attempt that was not passed can be reset."))
    changed = session.scalar(
        update(ExamAttempt)
        .where(ExamAttempt.id == attempt_id, ExamAttempt.reset_at.is_(None))
        .values(reset_at=func.now(), reset_reason=reason)
        .returning(ExamAttempt.id)
    )
    if changed is not None:
        record(
            session,
            Action.RESET,
            "exam attempt",
            queue_id=queue_id,
            user_id=attempt.annotator_id,
            reason=reason,
            before={"number": attempt.number, "n_right": attempt.n_right, "n_items": attempt.n_items},
        )
