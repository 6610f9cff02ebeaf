"""How tests sit an exam, by the site's own requests."""

from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Qualification, User
from app.assignments.queries import open_assignment_id
from app.gold.models import ExamAttempt
from app.queues.models import Queue
from tests.browse import post

RIGHT: dict[str, Any] = {"is_safe": "true"}
WRONG: dict[str, Any] = {"is_safe": "false", "harm_categories": "Violence", "severity": "1"}


def begin(client: TestClient, queue: Queue) -> int:
    return post(client, f"/annotate/queues/{queue.id}/attempt").status_code


def go_on(client: TestClient, queue: Queue) -> int:
    return post(client, f"/annotate/queues/{queue.id}/next").status_code


def held_by(session: Session, queue: Queue, annotator: User) -> int:
    held = open_assignment_id(session, queue.id, annotator.id)
    assert held is not None
    return held


def answer(
    client: TestClient, session: Session, queue: Queue, annotator: User, *labels: dict[str, Any]
) -> None:
    for label in labels:
        held = held_by(session, queue, annotator)
        assert post(client, f"/annotate/assignments/{held}/safety-label", **label).status_code == 303


def skip(client: TestClient, session: Session, queue: Queue, annotator: User, reason: str) -> None:
    held = held_by(session, queue, annotator)
    assert post(client, f"/annotate/assignments/{held}/skip", reason=reason).status_code == 303


def sit(client: TestClient, session: Session, queue: Queue, annotator: User, *labels: dict[str, Any]) -> None:
    """A whole attempt."""
    assert begin(client, queue) == 303
    answer(client, session, queue, annotator, *labels)


def attempts_of(session: Session, queue: Queue) -> list[ExamAttempt]:
    return list(
        session.scalars(
            select(ExamAttempt).where(ExamAttempt.queue_id == queue.id).order_by(ExamAttempt.number)
        )
    )


def qualification(session: Session, annotator: User) -> Qualification | None:
    return session.get(Qualification, (annotator.id, "Kind"), populate_existing=True)


def let_hours_pass(session: Session, queue: Queue, hours: int) -> None:
    """Since the attempts ended."""
    earlier = ExamAttempt.ended_at - timedelta(hours=hours)
    session.execute(update(ExamAttempt).where(ExamAttempt.queue_id == queue.id).values(ended_at=earlier))
    session.expire_all()


def let_qualifications_end(session: Session) -> None:
    session.execute(update(Qualification).values(expires_at=func.now() - timedelta(days=1)))
    session.expire_all()
