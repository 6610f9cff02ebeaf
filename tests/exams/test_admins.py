"""What admins do about trainings and exams: making one, resetting an attempt, and what its gate says."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.models import Annotation
from app.audit.models import Action, AuditEntry
from app.gold.models import ExamAttempt
from app.queues.models import Queue, QueueItem
from tests import make
from tests.browse import enter, post
from tests.exams import sitting
from tests.exams.sitting import RIGHT, WRONG

EXAM: dict[str, Any] = {
    "name": "Kindness", "kind": "safety", "purpose": "exam", "grants": "Kind", "pass_mark": "0.8",
    "n_exam_items": "10", "max_attempts": "2", "cooldown_hours": "24", "valid_days": "90",
}  # fmt: skip


@pytest.fixture
def admin(session: Session) -> User:
    return make.user(session, role=Role.ADMIN)


def test_an_exam_is_made_empty(client: TestClient, session: Session, admin: User) -> None:
    project = make.project(session)
    make.item(session, project)
    enter(client, session, admin)
    assert post(client, f"/admin/projects/{project.id}/queues", **EXAM).status_code == 303
    queue = session.scalars(select(Queue)).one()
    assert (queue.purpose, queue.grants, queue.pass_mark, queue.n_exam_items) == ("exam", "Kind", 0.8, 10)
    assert (queue.max_attempts, queue.cooldown_hours, queue.valid_days) == (2, 24, 90)
    assert post(client, f"/admin/queues/{queue.id}/items", priority="3").status_code == 303
    assert session.scalar(select(func.count()).select_from(QueueItem)) == 0
    assert "Too few items" in client.get(f"/admin/queues/{queue.id}/settings").text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"grants": ""}, "An exam needs"),
        ({"pass_mark": ""}, "An exam needs"),
        ({"n_exam_items": ""}, "An exam needs"),
        ({"purpose": "production"}, "Only a training or an exam"),
        ({"qualification": "Kind"}, "Nobody could begin"),
        ({"pass_mark": "1.5"}, "Enter 1 or less"),
    ],
)
def test_an_exam_that_can_not_work_is_not_made(
    client: TestClient, session: Session, admin: User, changed: dict[str, str], sentence: str
) -> None:
    project = make.project(session)
    enter(client, session, admin)
    refused = post(client, f"/admin/projects/{project.id}/queues", **(EXAM | changed))
    assert refused.status_code == 422
    assert sentence in refused.text


def test_a_training_needs_nothing_more(client: TestClient, session: Session, admin: User) -> None:
    project = make.project(session)
    enter(client, session, admin)
    training: dict[str, Any] = {"name": "First steps", "kind": "safety", "purpose": "training"}
    assert post(client, f"/admin/projects/{project.id}/queues", **training).status_code == 303


def test_an_exam_stays_whole_when_it_is_changed(client: TestClient, session: Session, admin: User) -> None:
    queue = make.exam(session, make.project(session), n_items=1)
    enter(client, session, admin)
    path = f"/admin/queues/{queue.id}/settings"
    refused = post(client, path, name="Kindness", grants="", pass_mark="0.5", n_exam_items="1")
    assert refused.status_code == 422
    assert "An exam needs" in refused.text
    assert (
        post(client, path, name="Kindness", grants="Calm", pass_mark="0.5", n_exam_items="1").status_code
        == 303
    )
    session.refresh(queue)
    assert queue.grants == "Calm"


def failed(client: TestClient, session: Session) -> tuple[User, ExamAttempt, Queue]:
    annotator = make.user(session)
    settings: dict[str, Any] = {"n_exam_items": 1, "max_attempts": 1, "cooldown_hours": 24}
    queue = make.exam(session, make.project(session), n_items=2, members=(annotator,), **settings)
    enter(client, session, annotator)
    sitting.sit(client, session, queue, annotator, WRONG)
    return annotator, sitting.attempts_of(session, queue)[0], queue


def test_an_attempt_that_was_reset_counts_no_more(client: TestClient, session: Session, admin: User) -> None:
    annotator, attempt, queue = failed(client, session)
    assert sitting.begin(client, queue) == 409
    enter(client, session, admin)
    page = f"/admin/queues/{queue.id}/attempts"
    assert annotator.username in client.get(page).text
    path = f"{page}/{attempt.id}/reset"
    assert post(client, path, reason="The item was wrong.").status_code == 303
    assert post(client, path, reason="Once more.").status_code == 303
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.RESET)).all()
    assert [(entry.actor_id, entry.user_id, entry.reason) for entry in entries] == [
        (admin.id, annotator.id, "The item was wrong.")
    ]
    assert "The item was wrong." in client.get(page).text
    assert session.scalar(select(func.count()).select_from(Annotation)) == 1
    enter(client, session, annotator)
    sitting.sit(client, session, queue, annotator, RIGHT)
    assert [each.number for each in sitting.attempts_of(session, queue)] == [1, 2]
    assert sitting.qualification(session, annotator) is not None


def test_a_reset_needs_a_reason_and_the_right_queue(
    client: TestClient, session: Session, admin: User
) -> None:
    _, attempt, queue = failed(client, session)
    other = make.exam(session, make.project(session), n_items=1)
    enter(client, session, admin)
    assert (
        post(client, f"/admin/queues/{queue.id}/attempts/{attempt.id}/reset", reason=" ").status_code == 422
    )
    path = f"/admin/queues/{other.id}/attempts/{attempt.id}/reset"
    assert post(client, path, reason="Why not.").status_code == 404


def test_what_was_passed_is_not_reset(client: TestClient, session: Session, admin: User) -> None:
    annotator = make.user(session)
    queue = make.exam(session, make.project(session), n_items=1, members=(annotator,))
    enter(client, session, annotator)
    sitting.sit(client, session, queue, annotator, RIGHT)
    attempt = sitting.attempts_of(session, queue)[0]
    enter(client, session, admin)
    path = f"/admin/queues/{queue.id}/attempts/{attempt.id}/reset"
    assert post(client, path, reason="Why not.").status_code == 409


def test_a_queue_that_asks_for_it_shows_the_way(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project)
    exam = make.exam(session, project, n_items=1, valid_days=5, members=(annotator,))
    make.exam(session, project, n_items=1)
    queue = make.queue(session, project, members=(annotator,), qualification="Kind")
    enter(client, session, annotator)
    refused = post(client, f"/annotate/queues/{queue.id}/next").text
    assert "You need a qualification" in refused
    assert refused.count("To the exam") == 1
    assert f"/annotate/queues/{exam.id}" in refused
    sitting.sit(client, session, exam, annotator, RIGHT)
    assert post(client, f"/annotate/queues/{queue.id}/next").status_code == 303
    post(client, f"/annotate/assignments/{sitting.held_by(session, queue, annotator)}/release")
    sitting.let_qualifications_end(session)
    ended = post(client, f"/annotate/queues/{queue.id}/next").text
    assert "has ended" in ended
    assert f"/annotate/queues/{exam.id}" in ended
