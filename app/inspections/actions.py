"""Making a batch, judging its sample, and ending it. Admins make and end batches; adjudicators and admins
inspect."""

import secrets

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.assignments.models import Assignment
from app.audit.actions import record
from app.audit.models import Action
from app.errors import Conflict, Forbidden, NotFound, Refused
from app.i18n import gettext as _
from app.inspections.forms import BatchPlan, InspectorVerdict
from app.inspections.models import BatchState, InspectedAnswer, InspectionBatch
from app.inspections.plan import fewest_right, sample_size, sampled
from app.inspections.queries import counts_of, ids_in_batch, ids_to_batch
from app.queues.models import Queue
from app.voids.actions import void

SUBJECT = "inspection batch"


class AlreadyInspected(Conflict):
    pass


class BatchEnded(Conflict):
    pass


def make_batch(
    session: Session, queue_id: int, planned: BatchPlan, admin_id: int, seed: int | None = None
) -> int:
    """The batch's id. Raises Refused where no such answer waits for inspection."""
    # Of two at once the second sees what the first has taken.
    session.execute(select(Queue.id).where(Queue.id == queue_id).with_for_update(key_share=True))
    ids = ids_to_batch(session, queue_id, planned.annotator_id, planned)
    if not ids:
        raise Refused(_("There are no such answers that are in no batch yet."))
    batch = InspectionBatch(
        queue_id=queue_id,
        annotator_id=planned.annotator_id,
        n_answers=len(ids),
        n_sampled=sample_size(len(ids), planned.sample_share),
        min_right=planned.min_right,
        seed=secrets.randbits(62) if seed is None else seed,
        created_by=admin_id,
    )
    session.add(batch)
    session.flush()
    sample = sampled(ids, batch.n_sampled, batch.seed)
    rows = [{"assignment_id": id_, "batch_id": batch.id, "is_sampled": id_ in sample} for id_ in ids]
    session.execute(insert(InspectedAnswer), rows)
    after = {"batch": batch.id, "n_answers": batch.n_answers, "n_sampled": batch.n_sampled}
    record(
        session,
        Action.CREATED,
        SUBJECT,
        queue_id=queue_id,
        user_id=planned.annotator_id,
        after=after | {"min_right": batch.min_right, "seed": batch.seed},
    )
    return batch.id


def judge_answer(
    session: Session, batch_id: int, assignment_id: int, inspector_id: int, verdict: InspectorVerdict
) -> None:
    """Until the batch ends, an inspector may change their own verdict; said again, it changes nothing.

    Raises NotFound for what is not sampled, Forbidden for one's own answer, BatchEnded, or AlreadyInspected
    where someone else has judged it.
    """
    # Whoever ends the batch waits for this verdict, or it comes too late; other verdicts do not wait.
    batch = open_batch(session, batch_id, is_shared=True)
    row = session.execute(
        select(InspectedAnswer, Assignment.item_id, Assignment.annotator_id)
        .join(Assignment, Assignment.id == InspectedAnswer.assignment_id)
        .where(InspectedAnswer.assignment_id == assignment_id, InspectedAnswer.batch_id == batch_id)
        .where(InspectedAnswer.is_sampled)
        .with_for_update(of=InspectedAnswer)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(_("There is no such answer in the sample of this batch."))
    inspected, item_id, annotator_id = row
    if annotator_id == inspector_id:
        raise Forbidden(_("This is your own answer: someone else inspects it."))
    if inspected.inspected_by not in {None, inspector_id}:
        raise AlreadyInspected(_("Someone else has just judged this answer."))
    before = {"is_right": inspected.is_right, "comment": inspected.comment}
    if before == verdict.model_dump():
        return
    inspected.is_right, inspected.comment = verdict.is_right, verdict.comment
    inspected.inspected_by, inspected.inspected_at = inspector_id, func.now()
    session.flush()
    record(
        session,
        Action.DECIDED,
        "inspected answer",
        queue_id=batch.queue_id,
        item_id=item_id,
        user_id=annotator_id,
        reason=verdict.comment,
        before={"batch": batch_id, "is_right": before["is_right"]},
        after={"batch": batch_id, "is_right": verdict.is_right},
    )


def end_batch(session: Session, batch_id: int, admin_id: int) -> BatchState:
    """Accepted where enough of the sample is right; else all its answers are voided, to be given anew.

    Raises BatchEnded, or Refused while sampled answers have no verdict.
    """
    batch = open_batch(session, batch_id)
    n_judged, n_right = counts_of(session, batch_id)
    if n_judged < batch.n_sampled:
        raise Refused(_("%(n)s sampled answers have no verdict yet.") % {"n": batch.n_sampled - n_judged})
    is_good = n_right >= fewest_right(batch.n_sampled, batch.min_right)
    state = BatchState.ACCEPTED if is_good else BatchState.REFUSED
    session.execute(
        update(InspectionBatch)
        .where(InspectionBatch.id == batch_id)
        .values(state=state, decided_by=admin_id, decided_at=func.now())
    )
    # Kept with each answer, in English as all that is stored.
    reason = f"Inspection batch {batch_id} was {state}: {n_right} of {batch.n_sampled} right"
    record(
        session,
        Action.DECIDED,
        SUBJECT,
        queue_id=batch.queue_id,
        user_id=batch.annotator_id,
        reason=reason,
        before={"batch": batch_id, "state": BatchState.OPEN},
        after={"batch": batch_id, "state": state, "n_right": n_right, "n_sampled": batch.n_sampled},
    )
    if state is BatchState.REFUSED:
        ids = ids_in_batch(session, batch_id)
        void(session, batch.queue_id, ids, reason, annotator_id=batch.annotator_id)
    return state


def open_batch(session: Session, batch_id: int, *, is_shared: bool = False) -> InspectionBatch:
    """Locked. Raises NotFound, or BatchEnded."""
    batch = session.scalar(
        select(InspectionBatch)
        .where(InspectionBatch.id == batch_id)
        .with_for_update(read=is_shared)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise NotFound(_("There is no such batch."))
    if batch.state != BatchState.OPEN:
        raise BatchEnded(_("This batch has ended already."))
    return batch
