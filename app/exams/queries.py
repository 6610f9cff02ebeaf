"""Reads about trainings and exams: one annotator's attempts, what was right in them, and everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.queries import qualification_of
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.assignments.queries import n_gold_left
from app.errors import Forbidden, NotFound
from app.exams.rules import Candidate
from app.gold.models import ExamAttempt, GoldItem, GoldResult
from app.i18n import gettext as _
from app.items.models import Item, Prompt
from app.queues.models import Queue
from app.queues.queries import member_of


@dataclass(frozen=True, slots=True)
class Asked:
    """One item of an attempt. `prompt`: its first 160 characters."""

    assignment_id: int
    prompt: str
    is_right: bool
    is_skipped: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One judgement of an item whose answer is known. `given`: None where the item was skipped; `scores`: by
    part, 0 to 1."""

    dimension: str
    expected: dict[str, Any]
    given: Annotation | None
    scores: dict[str, float]
    is_right: bool


@dataclass(frozen=True, slots=True)
class Feedback:
    assignment_id: int
    queue_id: int
    attempt: ExamAttempt
    explanation: str
    steps: list[Step]

    @property
    def is_right(self) -> bool:
        return all(step.is_right for step in self.steps)


def candidate(session: Session, queue: Queue, annotator_id: int) -> Candidate:
    member = member_of(session, queue.id, annotator_id)
    attempts = session.scalars(
        select(ExamAttempt)
        .where(ExamAttempt.queue_id == queue.id, ExamAttempt.annotator_id == annotator_id)
        .order_by(ExamAttempt.number)
        .execution_options(populate_existing=True)
    ).all()
    held = qualification_of(session, annotator_id, queue.grants) if queue.grants else None
    return Candidate(queue, attempts, held, n_gold_left(session, member))


def asked_in(session: Session, attempt_id: int) -> list[Asked]:
    """In the order they were answered."""
    rows = session.execute(
        select(
            Assignment.id,
            func.left(Prompt.text, 160),
            func.bool_and(GoldResult.is_right),
            Assignment.skip_reason.is_not(None),
        )
        .join(GoldResult, GoldResult.assignment_id == Assignment.id)
        .join(Item, Item.id == Assignment.item_id)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .where(GoldResult.attempt_id == attempt_id)
        .group_by(Assignment.id, Prompt.text)
        .order_by(func.max(GoldResult.scored_at), Assignment.id)
    )
    return [Asked(*row) for row in rows]


def feedback_of(session: Session, annotator_id: int, assignment_id: int) -> Feedback:
    """Raises NotFound for someone else's, and for what was not asked in a training or an exam."""
    rows = session.execute(
        select(GoldResult, Annotation, GoldItem.explanation)
        .join(GoldItem, (GoldItem.queue_id == GoldResult.queue_id) & (GoldItem.item_id == GoldResult.item_id))
        .outerjoin(
            Annotation,
            (Annotation.assignment_id == GoldResult.assignment_id)
            & (Annotation.dimension == GoldResult.dimension)
            & Annotation.superseded_at.is_(None),
        )
        .where(
            GoldResult.assignment_id == assignment_id,
            GoldResult.annotator_id == annotator_id,
            GoldResult.attempt_id.is_not(None),
        )
        .order_by(GoldResult.scored_at, GoldResult.dimension)
    ).all()
    if not rows:
        raise NotFound(_("There is no such answer of yours in a training or an exam."))
    first = rows[0].GoldResult
    steps = [
        Step(
            row.GoldResult.dimension,
            row.GoldResult.expected,
            row.Annotation,
            row.GoldResult.scores,
            row.GoldResult.is_right,
        )
        for row in rows
    ]
    attempt = session.get_one(ExamAttempt, first.attempt_id)
    return Feedback(assignment_id, first.queue_id, attempt, rows[0].explanation, steps)


def refuse_too_early(someone: Candidate) -> None:
    """Raises Forbidden where the answers of an exam are not to be seen yet."""
    if not someone.shows_answers:
        raise Forbidden(_("The answers are shown once you have passed, or have no attempt left."))


def attempts_of_queue(session: Session, queue_id: int, limit: int) -> Sequence[tuple[ExamAttempt, str]]:
    """With the annotator's name, the newest first."""
    rows = session.execute(
        select(ExamAttempt, User.username)
        .join(User, User.id == ExamAttempt.annotator_id)
        .where(ExamAttempt.queue_id == queue_id)
        .order_by(ExamAttempt.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [(row.ExamAttempt, row.username) for row in rows]
