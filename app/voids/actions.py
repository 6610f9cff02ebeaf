"""Taking answers back, with a reason. They are kept; gold results on them are read no more."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.assignments.actions import lock_member
from app.assignments.interventions import void_answers
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Conflict
from app.i18n import ngettext
from app.queues.models import Queue
from app.voids.forms import Period, PreviewedVoiding
from app.voids.queries import ANSWERS, ids_of_answers, n_places_submitted, queues_concerned


class VoidingOutdated(Conflict):
    """`n_now`: how many answers it would be by now."""

    def __init__(self, n_now: int) -> None:
        message = ngettext(
            "It would be %(n)s answer by now, another number than you have seen: look at the preview"
            " again. Nothing was voided.",
            "It would be %(n)s answers by now, another number than you have seen: look at the preview"
            " again. Nothing was voided.",
            n_now,
        )
        super().__init__(message % {"n": f"{n_now:,}"})


def void_as_previewed(session: Session, queue: Queue, voiding: PreviewedVoiding) -> None:
    """Raises VoidingOutdated where it would be other answers by now; nothing is voided then."""
    n_voided = 0
    for queue_id in queues_concerned(
        session, queue.id, queue.project_id, voiding.annotator_id, is_everywhere=voiding.is_everywhere
    ):
        n_voided += void_period(session, queue_id, voiding.annotator_id, voiding.reason, voiding)
    if n_voided != voiding.n_answers:
        raise VoidingOutdated(n_voided)


def void_period(session: Session, queue_id: int, annotator_id: int, reason: str, period: Period) -> int:
    """What one annotator answered in a queue in that time; return how many answers."""
    lock_member(session, queue_id, annotator_id)
    ids = ids_of_answers(session, queue_id, annotator_id, period)
    return void(session, queue_id, ids, reason, annotator_id=annotator_id, period=period)


def void(
    session: Session,
    queue_id: int,
    assignment_ids: Sequence[int],
    reason: str,
    *,
    annotator_id: int | None = None,
    period: Period | None = None,
) -> int:
    """These answers, with the entry in the audit log. `annotator_id`: None where several people's."""
    n_before = n_places_submitted(session, queue_id)
    n_voided = void_answers(session, queue_id, assignment_ids, reason)
    if n_voided:
        n_after = n_places_submitted(session, queue_id)
        bounds = period.model_dump(mode="json", include={"since", "until"}) if period else {}
        record(
            session,
            Action.VOIDED,
            ANSWERS,
            queue_id=queue_id,
            user_id=annotator_id,
            reason=reason,
            before={"n_submitted": n_before},
            after={"n_submitted": n_after, "n_voided": n_voided, **bounds},
        )
    return n_voided
