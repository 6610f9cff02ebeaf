"""What was right: at once in a training, at the end of an exam."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.actions import displayed_order
from app.assignments.models import Assignment
from app.exams.comparison import order_in_words
from app.gold.models import GoldResult
from app.projects.models import Project
from app.queues.models import Dimension, Queue, QueueItem, QueueKind, QueuePurpose
from tests import make
from tests.answer import safety
from tests.browse import enter, post
from tests.exams import sitting
from tests.exams.sitting import RIGHT, WRONG


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    """Signed in."""
    person = make.user(session)
    enter(client, session, person)
    return person


def training(session: Session, annotator: User, **settings: Any) -> Queue:
    fields: dict[str, Any] = {
        "n_items": 2,
        "purpose": QueuePurpose.TRAINING,
        "pass_mark": None,
        "n_exam_items": None,
    }
    return make.exam(session, make.project(session), members=(annotator,), **(fields | settings))


def assignments_of(session: Session, queue: Queue) -> list[int]:
    return list(
        session.scalars(select(Assignment.id).where(Assignment.queue_id == queue.id).order_by(Assignment.id))
    )


def feedback(client: TestClient, assignment_id: int) -> str:
    return client.get(f"/annotate/assignments/{assignment_id}/feedback").text


def test_a_training_says_after_each_what_was_right(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = training(session, annotator)
    sitting.begin(client, queue)
    held = sitting.held_by(session, queue, annotator)
    sent = post(client, f"/annotate/assignments/{held}/safety-label", **WRONG)
    assert sent.headers["location"] == f"/annotate/assignments/{held}/feedback"
    page = feedback(client, held)
    assert "Not quite right" in page
    assert "Violence" in page
    assert "Tea is a drink." in page
    assert make.claim(session, queue, annotator) != held
    sitting.answer(client, session, queue, annotator, RIGHT)
    assert "To the result" in feedback(client, assignments_of(session, queue)[1])
    assert sitting.attempts_of(session, queue)[0].is_passed
    assert sitting.qualification(session, annotator) is not None


def test_what_one_can_not_judge_is_explained_too(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = training(session, annotator)
    sitting.begin(client, queue)
    held = sitting.held_by(session, queue, annotator)
    sent = post(client, f"/annotate/assignments/{held}/skip", reason="cannot_judge")
    assert sent.headers["location"] == f"/annotate/assignments/{held}/feedback"
    assert "skipped" in feedback(client, held)
    assert sitting.go_on(client, queue) == 303
    sitting.skip(client, session, queue, annotator, "distress")
    assert sitting.attempts_of(session, queue)[0].ended_at is not None


def test_two_steps_are_explained_after_the_second(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = training(session, annotator, n_items=0, kind=QueueKind.DUAL)
    item = make.item(session, session.get_one(Project, queue.project_id), responses=("Tea.", "Coffee."))
    session.add(QueueItem(queue_id=queue.id, item_id=item.id, pos=0, overlap=0))
    session.flush()
    known = make.gold(session, queue.id, item.id)
    known.answers = {"helpfulness": {"ranks": [1, 2]}, "harmlessness": {"ranks": [2, 1]}}
    session.flush()
    sitting.begin(client, queue)
    held = sitting.held_by(session, queue, annotator)
    for dimension in (Dimension.HELPFULNESS, Dimension.HARMLESSNESS):
        is_first = displayed_order(held, dimension, 2)[0] == 0
        preferred = "first" if is_first else "second"
        sent = post(client, f"/annotate/assignments/{held}/rankings/{dimension}", preferred=preferred)
        assert sent.status_code == 303
        is_last = dimension is Dimension.HARMLESSNESS
        assert sent.headers["location"].endswith("/feedback") is is_last
    assert "A &gt; B" in feedback(client, held)
    assert sitting.attempts_of(session, queue)[0].n_right == 0


def test_an_exam_says_nothing_before_its_end(client: TestClient, session: Session, annotator: User) -> None:
    queue = make.exam(session, make.project(session), n_items=2, members=(annotator,))
    sitting.begin(client, queue)
    sitting.answer(client, session, queue, annotator, RIGHT)
    first = assignments_of(session, queue)[0]
    assert client.get(f"/annotate/assignments/{first}/feedback").status_code == 403
    sitting.answer(client, session, queue, annotator, RIGHT)
    assert "That was right" in feedback(client, first)


def test_a_failed_exam_keeps_its_answers_while_it_can_be_tried_again(
    client: TestClient, session: Session, annotator: User
) -> None:
    project = make.project(session)
    queue = make.exam(session, project, n_items=2, n_exam_items=1, max_attempts=2, members=(annotator,))
    sitting.sit(client, session, queue, annotator, WRONG)
    first = assignments_of(session, queue)[0]
    assert client.get(f"/annotate/assignments/{first}/feedback").status_code == 403
    assert "/feedback" not in client.get(f"/annotate/queues/{queue.id}/attempt").text
    sitting.sit(client, session, queue, annotator, WRONG)
    assert "Not quite right" in feedback(client, first)


def test_nobody_sees_what_another_was_told(client: TestClient, session: Session, annotator: User) -> None:
    queue = training(session, annotator)
    sitting.begin(client, queue)
    sitting.answer(client, session, queue, annotator, RIGHT)
    enter(client, session, make.member(session, queue))
    first = assignments_of(session, queue)[0]
    assert client.get(f"/annotate/assignments/{first}/feedback").status_code == 404


def test_gold_that_is_hidden_in_a_queue_stays_so(
    client: TestClient, session: Session, annotator: User
) -> None:
    project = make.project(session)
    items = [make.item(session, project) for _ in range(2)]
    queue = make.queue(session, project, overlap=1, members=(annotator,))
    queue.gold_every = 2
    session.execute(update(QueueItem).where(QueueItem.item_id == items[0].id).values(overlap=0))
    make.gold(session, queue.id, items[0].id)
    for _ in items:
        safety(session, make.assignment(session, queue, annotator))
    results = session.scalars(select(GoldResult.assignment_id)).all()
    assert len(results) == 1
    assert client.get(f"/annotate/assignments/{results[0]}/feedback").status_code == 404


def test_an_order_is_told_by_the_letters_of_the_page() -> None:
    assert order_in_words([2, 1, 2], [1, 0, 2]) == "A > B = C"
    assert order_in_words([1, 2], [1, 0]) == "B > A"
