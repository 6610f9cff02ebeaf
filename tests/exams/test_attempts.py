"""Attempts at an exam: passing, failing, the limits between two, and what they leave alone."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actions import grant_qualification
from app.accounts.forms import Grant
from app.accounts.models import Role, User
from app.agreement.loading import safety_labels
from app.assignments.actions import claim_ahead, lock_member
from app.assignments.check import check_queue
from app.assignments.models import Assignment
from app.audit.models import AuditEntry
from app.db import now
from app.gold.exams import has_passed, n_right_needed
from app.gold.models import GoldResult
from app.projects.models import Project
from app.queues.models import Queue, QueueItem, QueueState
from tests import make
from tests.browse import enter, post
from tests.exams import sitting
from tests.exams.sitting import RIGHT, WRONG


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    """Signed in."""
    person = make.user(session)
    enter(client, session, person)
    return person


def exam(
    session: Session,
    project: Project,
    annotator: User,
    *,
    n_items: int = 2,
    pool: int = 2,
    **settings: Any,
) -> Queue:
    return make.exam(session, project, n_items=pool, n_exam_items=n_items, members=(annotator,), **settings)


def page(client: TestClient, queue: Queue) -> str:
    return client.get(f"/annotate/queues/{queue.id}/attempt").text


@pytest.mark.parametrize(
    ("n_items", "pass_mark", "needed"), [(10, 0.7, 7), (3, 0.8, 3), (2, None, 0), (7, 1.0, 7)]
)
def test_a_mark_says_how_many_must_be_right(n_items: int, pass_mark: float | None, needed: int) -> None:
    assert n_right_needed(n_items, pass_mark) == needed
    assert has_passed(needed, n_items, pass_mark)
    assert not needed or not has_passed(needed - 1, n_items, pass_mark)


def test_who_passes_gets_the_qualification(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, pass_mark=0.5, valid_days=30)
    sitting.sit(client, session, queue, annotator, RIGHT, WRONG)
    attempt = sitting.attempts_of(session, queue)[0]
    assert (attempt.n_right, attempt.n_items, attempt.is_passed) == (1, 2, True)
    granted = sitting.qualification(session, annotator)
    assert granted is not None
    assert granted.reason == f"Passed {queue.name} with 1 of 2"
    assert granted.expires_at is not None
    assert granted.expires_at.date() == now().date() + timedelta(days=30)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == "exam attempt")).one()
    assert (entry.queue_id, entry.user_id, entry.actor_id) == (queue.id, annotator.id, annotator.id)
    assert "Passed." in page(client, queue)


def test_who_fails_gets_nothing(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    sitting.sit(client, session, queue, annotator, RIGHT, WRONG)
    assert sitting.attempts_of(session, queue)[0].is_passed is False
    assert sitting.qualification(session, annotator) is None
    assert "Not passed." in page(client, queue)


def test_what_is_held_for_longer_stays(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, valid_days=30)
    assert sitting.begin(client, queue) == 303
    grant_qualification(session, annotator.id, Grant(name="Kind", reason="A doctor"))
    sitting.answer(client, session, queue, annotator, RIGHT, RIGHT)
    held = sitting.qualification(session, annotator)
    assert held is not None
    assert (held.reason, held.expires_at) == ("A doctor", None)
    assert sitting.begin(client, queue) == 409


def test_nothing_is_asked_before_an_attempt_begins(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    answered = post(client, f"/annotate/queues/{queue.id}/next")
    assert answered.headers["location"] == f"/annotate/queues/{queue.id}/attempt"
    assert make.claim(session, queue, annotator) is None


def test_an_attempt_ends_with_its_items_and_a_retry_has_others(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, pool=5)
    for _ in range(2):
        sitting.sit(client, session, queue, annotator, RIGHT, WRONG)
        assert make.claim(session, queue, annotator) is None
    asked = session.scalars(select(Assignment.item_id).where(Assignment.queue_id == queue.id)).all()
    assert len(asked) == len(set(asked)) == 4
    assert [attempt.number for attempt in sitting.attempts_of(session, queue)] == [1, 2]
    assert "too few items left" in page(client, queue)
    assert sitting.begin(client, queue) == 409


def test_begun_twice_it_is_one_attempt(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    assert sitting.begin(client, queue) == 303
    held = sitting.held_by(session, queue, annotator)
    assert sitting.begin(client, queue) == 303
    assert sitting.held_by(session, queue, annotator) == held
    assert len(sitting.attempts_of(session, queue)) == 1
    assert "Go on" in page(client, queue)


def test_an_answer_sent_twice_counts_once(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    sitting.begin(client, queue)
    path = f"/annotate/assignments/{sitting.held_by(session, queue, annotator)}/safety-label"
    assert post(client, path, **RIGHT, submission_key="once").status_code == 303
    assert post(client, path, **RIGHT, submission_key="once").status_code == 303
    assert post(client, path, **WRONG, submission_key="other tab").status_code == 409
    assert session.scalar(select(func.count()).select_from(GoldResult)) == 1
    assert sitting.attempts_of(session, queue)[0].ended_at is None


def test_an_answer_can_not_be_changed(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    sitting.begin(client, queue)
    held = sitting.held_by(session, queue, annotator)
    sent = post(client, f"/annotate/assignments/{held}/safety-label", htmx=True, **WRONG)
    assert "Undo" not in client.get(f"/annotate/queues/{queue.id}", headers={"hx-request": "true"}).text
    assert sent.status_code == 200
    assert "Undo" not in sent.text
    assert client.get(f"/annotate/assignments/{held}/answers/safety").status_code == 409
    assert post(client, f"/annotate/assignments/{held}/answers/safety", **RIGHT).status_code == 409


def test_there_is_nothing_ahead(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    sitting.begin(client, queue)
    assert claim_ahead(session, lock_member(session, queue.id, annotator.id)) is None


def test_hours_must_pass_before_the_next(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, pool=4, cooldown_hours=24)
    sitting.sit(client, session, queue, annotator, WRONG, WRONG)
    assert sitting.begin(client, queue) == 409
    assert "The next attempt can begin from" in page(client, queue)
    sitting.let_hours_pass(session, queue, 25)
    assert "Try again" in page(client, queue)
    assert sitting.begin(client, queue) == 303


def test_attempts_come_to_an_end(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, pool=6, max_attempts=2)
    for _ in range(2):
        sitting.sit(client, session, queue, annotator, WRONG, WRONG)
    assert sitting.begin(client, queue) == 409
    assert "You have no attempt left" in page(client, queue)


def test_a_qualification_that_has_ended_can_be_won_again(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, pool=4, max_attempts=1, cooldown_hours=99, valid_days=1)
    sitting.sit(client, session, queue, annotator, RIGHT, RIGHT)
    sitting.let_qualifications_end(session)
    assert "has ended" in page(client, queue)
    sitting.sit(client, session, queue, annotator, RIGHT, RIGHT)
    renewed = sitting.qualification(session, annotator)
    assert renewed is not None
    assert renewed.expires_at is not None
    assert renewed.expires_at > now()


def test_what_one_can_not_judge_is_wrong(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    sitting.begin(client, queue)
    sitting.skip(client, session, queue, annotator, "cannot_judge")
    sitting.answer(client, session, queue, annotator, RIGHT)
    attempt = sitting.attempts_of(session, queue)[0]
    assert (attempt.n_right, attempt.is_passed) == (1, False)
    assert "skipped" in page(client, queue)


def test_what_distresses_is_replaced(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, pool=3)
    sitting.begin(client, queue)
    sitting.skip(client, session, queue, annotator, "distress")
    sitting.answer(client, session, queue, annotator, RIGHT, RIGHT)
    assert sitting.attempts_of(session, queue)[0].is_passed


def test_where_nothing_can_replace_it_the_attempt_ends(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    sitting.begin(client, queue)
    sitting.skip(client, session, queue, annotator, "distress")
    sitting.answer(client, session, queue, annotator, RIGHT)
    attempt = sitting.attempts_of(session, queue)[0]
    assert (attempt.n_right, attempt.n_items, attempt.is_passed) == (1, 2, False)


def test_what_was_given_back_comes_again(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    sitting.begin(client, queue)
    held = sitting.held_by(session, queue, annotator)
    post(client, f"/annotate/assignments/{held}/release")
    assert sitting.go_on(client, queue) == 303
    assert sitting.held_by(session, queue, annotator) == held


def test_a_paused_queue_begins_nothing(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, state=QueueState.PAUSED)
    assert "This queue is paused" in page(client, queue)
    assert "This queue is paused" in post(client, f"/annotate/queues/{queue.id}/attempt").text
    assert sitting.attempts_of(session, queue) == []


def test_a_cap_on_severe_items_does_not_end_an_attempt(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator, max_severe_a_day=1, blur_from=None)
    session.execute(update(QueueItem).values(severity_prior=3))
    sitting.begin(client, queue)
    held = sitting.held_by(session, queue, annotator)
    sent = post(client, f"/annotate/assignments/{held}/safety-label", **RIGHT)
    assert "Enough for today" in sent.text
    assert sitting.attempts_of(session, queue)[0].ended_at is None


def test_answers_of_an_exam_count_for_nothing_else(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = exam(session, project, annotator)
    sitting.sit(client, session, queue, annotator, RIGHT, RIGHT)
    taken = session.scalars(select(Assignment.takes_place).where(Assignment.queue_id == queue.id)).all()
    assert taken == [False, False]
    assert safety_labels(session, queue.id).severity.size == 0
    assert check_queue(session, queue.id) == []


def test_only_members_may(client: TestClient, session: Session, project: Project, annotator: User) -> None:
    queue = make.exam(session, project, n_items=1)
    assert client.get(f"/annotate/queues/{queue.id}/attempt").status_code == 403
    assert sitting.begin(client, queue) == 403


def test_a_queue_for_labels_has_no_attempts(
    client: TestClient, session: Session, project: Project, annotator: User
) -> None:
    queue = make.queue(session, project, members=(annotator,))
    assert client.get(f"/annotate/queues/{queue.id}/attempt").status_code == 404
    assert sitting.begin(client, queue) == 404
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get(f"/admin/queues/{queue.id}/attempts").status_code == 404
