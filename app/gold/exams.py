"""Attempts at a training or an exam: how one stands, and its end."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.accounts.actions import grant_qualification
from app.accounts.forms import Grant
from app.accounts.queries import qualification_of
from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.gold.models import ExamAttempt, GoldItem, GoldState
from app.queues.models import Queue


class Standing(NamedTuple):
    """Of an attempt that is open. `n_done`: items answered, and those skipped that count as wrong."""

    attempt_id: int
    n_items: int
    n_done: int
    n_right: int


# An item with two steps is right where both are. One that was skipped for another reason was replaced.
OPEN_ATTEMPT = text("""
    SELECT attempt.id, attempt.n_items, count(answered.is_right),
           count(answered.is_right) FILTER (WHERE answered.is_right)
    FROM exam_attempt AS attempt LEFT JOIN LATERAL (
        SELECT bool_and(result.is_right) AS is_right
        FROM gold_result AS result JOIN assignment ON assignment.id = assignment_id
        WHERE result.annotator_id = attempt.annotator_id AND result.queue_id = attempt.queue_id
          AND attempt_id = attempt.id
          AND (status IN ('submitted', 'surplus', 'voided') OR skip_reason = 'cannot_judge')
        GROUP BY assignment_id
    ) AS answered ON true
    WHERE attempt.queue_id = :queue_id AND attempt.annotator_id = :annotator_id AND ended_at IS NULL
    GROUP BY attempt.id
""")

SCORE_SKIP = text("""
    INSERT INTO gold_result (assignment_id, dimension, queue_id, item_id, annotator_id, attempt_id,
                             expected, scores, is_right)
    SELECT assignment.id, key, queue_id, item_id, annotator_id, attempt.id, value, '{}', false
    FROM assignment JOIN gold_item USING (queue_id, item_id)
    JOIN exam_attempt AS attempt USING (queue_id, annotator_id) CROSS JOIN jsonb_each(answers)
    WHERE assignment.id = :assignment_id AND ended_at IS NULL
    ON CONFLICT DO NOTHING
""")


def open_attempt(session: Session, queue_id: int, annotator_id: int) -> Standing | None:
    row = session.execute(OPEN_ATTEMPT, {"queue_id": queue_id, "annotator_id": annotator_id}).one_or_none()
    return Standing(*row) if row else None


def n_in_pool(session: Session, queue_id: int) -> int:
    """Items that a training or an exam can draw from."""
    asked = select(func.count()).where(GoldItem.queue_id == queue_id, GoldItem.state == GoldState.ACTIVE)
    return session.scalars(asked).one()


def n_right_needed(n_items: int, pass_mark: float | None) -> int:
    """The fewest right answers that reach the mark; 0 where finishing is all it takes."""
    return next(n for n in range(n_items + 1) if has_passed(n, n_items, pass_mark))


def has_passed(n_right: int, n_items: int, pass_mark: float | None) -> bool:
    return pass_mark is None or n_right / n_items >= pass_mark


def score_skip(session: Session, queue_id: int, annotator_id: int, assignment_id: int) -> None:
    """An item of an attempt that was skipped since it could not be judged counts as wrong."""
    session.execute(SCORE_SKIP, {"assignment_id": assignment_id})
    end_attempt_if_done(session, queue_id, annotator_id)


def end_attempt_if_done(session: Session, queue_id: int, annotator_id: int) -> None:
    attempt = open_attempt(session, queue_id, annotator_id)
    if attempt is not None and attempt.n_done >= attempt.n_items:
        end_attempt(session, attempt)


def end_attempt(session: Session, standing: Standing) -> None:
    """Items that were not answered count as wrong. Who passes gets what the queue grants."""
    attempt = session.get_one(ExamAttempt, standing.attempt_id)
    queue = session.get_one(Queue, attempt.queue_id)
    is_passed = has_passed(standing.n_right, standing.n_items, queue.pass_mark)
    ended = session.scalar(
        update(ExamAttempt)
        .where(ExamAttempt.id == attempt.id, ExamAttempt.ended_at.is_(None))
        .values(ended_at=func.now(), n_right=standing.n_right, is_passed=is_passed)
        .returning(ExamAttempt.id)
    )
    if ended is None:
        return
    record(
        session,
        Action.DECIDED,
        "exam attempt",
        project_id=queue.project_id,
        queue_id=queue.id,
        user_id=attempt.annotator_id,
        after={"number": attempt.number, "is_passed": is_passed, "n_right": standing.n_right},
    )
    if is_passed and queue.grants is not None:
        reason = f"Passed {queue.name} with {standing.n_right} of {standing.n_items}"
        last_day = now().date() + timedelta(days=queue.valid_days) if queue.valid_days else None
        grant_for_longer(
            session, attempt.annotator_id, Grant(name=queue.grants, reason=reason, last_day=last_day)
        )


def grant_for_longer(session: Session, annotator_id: int, grant: Grant) -> None:
    """What is held for longer already stays as it is."""
    held = qualification_of(session, annotator_id, grant.name)
    if held is None or last_day_of(held.expires_at and held.expires_at.date()) < last_day_of(grant.last_day):
        grant_qualification(session, annotator_id, grant)


def last_day_of(last_day: date | None) -> date:
    return last_day or date.max
