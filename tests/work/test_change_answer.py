"""An annotator looks at what they answered, and changes it while the queue lets them."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.loading import safety_labels
from app.annotations.models import Annotation
from app.assignments.interventions import void_answers
from app.assignments.models import Assignment
from app.db import now
from app.projects.pku import PKU
from app.queues.models import Dimension, Queue, QueueKind
from tests import answer, make
from tests.browse import enter, post

SAFE = {"is_safe": "true"}
HARMFUL: dict[str, Any] = {"is_safe": "false", "harm_categories": ["Violence"], "severity": "2"}


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


def answered(session: Session, annotator: User, **settings: Any) -> Assignment:
    project = make.project(session)
    make.item(session, project, prompt="What is tea?")
    queue = make.queue(session, project, members=(annotator,), **settings)
    assignment = make.assignment(session, queue, annotator)
    answer.safety(session, assignment)
    return assignment


def path_of(assignment: Assignment, dimension: str = "safety") -> str:
    return f"/annotate/assignments/{assignment.id}/answers/{dimension}"


def versions(session: Session, assignment: Assignment) -> list[Annotation]:
    rows = select(Annotation).where(Annotation.assignment_id == assignment.id).order_by(Annotation.id)
    return list(session.scalars(rows))


def test_the_new_version_stands_beside_the_old_one_and_counts_alone(
    client: TestClient, session: Session, annotator: User
) -> None:
    assignment = answered(session, annotator)
    assert post(client, path_of(assignment), **HARMFUL).headers["location"] == "/annotate/work"
    old, new = versions(session, assignment)
    assert (old.is_safe, new.is_safe) == (True, False)
    assert old.superseded_at is not None
    assert new.superseded_at is None
    counted = safety_labels(session, assignment.queue_id)
    assert (counted.severity.tolist(), counted.mask.tolist()) == ([2], [PKU.mask_of(["Violence"])])


def test_a_change_sent_twice_is_stored_once(client: TestClient, session: Session, annotator: User) -> None:
    assignment = answered(session, annotator)
    for _ in range(2):
        assert post(client, path_of(assignment), submission_key="k", **HARMFUL).status_code == 303
    assert len(versions(session, assignment)) == 2


def test_the_page_shows_the_answer_as_it_was_given(
    client: TestClient, session: Session, annotator: User
) -> None:
    assignment = answered(session, annotator)
    post(client, path_of(assignment), rationale="It says so.", confidence="3", **HARMFUL)
    page = client.get(path_of(assignment)).text
    assert "You are changing an answer that is stored" in page
    assert ">It says so.</textarea>" in page
    for checked in (
        'value="Violence" data-key="v"',
        'name="severity" value="2"',
        'name="confidence" value="3"',
    ):
        assert " checked" in page.split(checked)[1].split(">")[0]


def test_a_ranking_is_changed_in_its_own_step(client: TestClient, session: Session, annotator: User) -> None:
    project = make.project(session)
    make.item(session, project, responses=("A.", "B."))
    queue = make.queue(session, project, kind=QueueKind.DUAL, members=(annotator,))
    assignment = make.assignment(session, queue, annotator)
    for dimension in (Dimension.HELPFULNESS, Dimension.HARMLESSNESS):
        answer.ranking(session, assignment, dimension, [1, 2])
    assert 'value="first"' in client.get(path_of(assignment, "harmlessness")).text
    post(client, path_of(assignment, "harmlessness"), preferred="all_bad")
    newest = [each for each in versions(session, assignment) if each.superseded_at is None]
    assert {each.dimension: each.verdict for each in newest} == {
        "helpfulness": "ordered",
        "harmlessness": "all_bad",
    }


@pytest.mark.parametrize("edit_minutes", [0, 60])
def test_after_the_window_it_stands(
    client: TestClient, session: Session, annotator: User, edit_minutes: int
) -> None:
    assignment = answered(session, annotator, edit_minutes=edit_minutes)
    long_ago = now() - timedelta(minutes=61)
    session.execute(update(Assignment).where(Assignment.id == assignment.id).values(closed_at=long_ago))
    assert client.get(path_of(assignment)).status_code == 409
    refused = post(client, path_of(assignment), **HARMFUL)
    assert refused.status_code == 409
    assert "be changed any more" in refused.text
    assert len(versions(session, assignment)) == 1
    assert "Change</a>" not in client.get("/annotate/work").text


def test_a_voided_answer_can_not_be_changed(client: TestClient, session: Session, annotator: User) -> None:
    assignment = answered(session, annotator)
    void_answers(session, assignment.queue_id, [assignment.id], "A test")
    assert post(client, path_of(assignment), **HARMFUL).status_code == 409


def test_the_first_step_can_be_changed_before_the_second(
    client: TestClient, session: Session, annotator: User
) -> None:
    project = make.project(session)
    make.item(session, project, responses=("A.", "B."))
    queue = make.queue(session, project, kind=QueueKind.DUAL, members=(annotator,))
    assignment = make.assignment(session, queue, annotator)
    answer.ranking(session, assignment, Dimension.HELPFULNESS, [1, 2])
    post(client, path_of(assignment, "helpfulness") + "?back=queue", preferred="tie")
    assert "Which response is more harmless?" in client.get(f"/annotate/queues/{queue.id}").text
    assert [each.ranks for each in versions(session, assignment)] == [[1, 2], [1, 1]]


def test_what_makes_no_sense_comes_back_to_be_mended(
    client: TestClient, session: Session, annotator: User
) -> None:
    assignment = answered(session, annotator)
    page = post(client, path_of(assignment), is_safe="false")
    assert page.status_code == 422
    assert "Choose at least one harm category" in page.text
    assert len(versions(session, assignment)) == 1


def test_nobody_changes_another_ones_answer(client: TestClient, session: Session, annotator: User) -> None:
    assignment = answered(session, make.user(session))
    assert client.get(path_of(assignment)).status_code == 404
    assert post(client, path_of(assignment), **HARMFUL).status_code == 404
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get(path_of(assignment)).status_code == 403
    assert client.get("/annotate/work").status_code == 403


def test_my_work_lists_my_own_answers_the_newest_first_page_by_page(
    client: TestClient, session: Session, annotator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.work.routes.ROWS_A_PAGE", 2)
    queue = queue_with_answers(session, annotator, n=5)
    other = make.assignment(session, queue, make.member(session, queue))
    answer.safety(session, other)
    shown, path = [], "/annotate/work"
    while path:
        page = client.get(path).text
        shown += [piece.split("</h2>")[0] for piece in page.split('lang="">')[1:]]
        path = page.split('href="/annotate/work?')[1].split('"')[0] if "Older ones" in page else ""
        path = "/annotate/work?" + path.replace("&amp;", "&") if path else ""
    assert shown == [f"Question number {n}" for n in (4, 3, 2, 1, 0)]


def queue_with_answers(session: Session, annotator: User, n: int) -> Queue:
    """Answered a minute apart, in the order of their numbers."""
    project = make.project(session)
    for number in range(n):
        make.item(session, project, prompt=f"Question number {number}")
    queue = make.queue(session, project, members=(annotator,), item_order="imported")
    for number in range(n):
        assignment = make.assignment(session, queue, annotator)
        answer.safety(session, assignment)
        closed_at = now() - timedelta(minutes=n - number)
        session.execute(update(Assignment).where(Assignment.id == assignment.id).values(closed_at=closed_at))
    return queue
