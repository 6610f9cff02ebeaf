"""An admin answers what annotators ask."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.models import Assignment
from app.comments.actions import answer_thread
from app.comments.models import Comment
from app.comments.queries import threads_of_project
from app.projects.models import Project
from tests import answer, make
from tests.browse import enter, post

PROMPT = "What is tea? " * 50


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN)
    enter(client, session, made)
    return made


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


@pytest.fixture
def asked(session: Session, project: Project, admin: User) -> Assignment:
    """One that its annotator has asked about."""
    annotator = make.user(session)
    made = assignment_of(session, project, annotator, PROMPT)
    make.comment(session, made, annotator, "Is iced tea tea?")
    return made


def assignment_of(
    session: Session, project: Project, annotator: User, prompt: str | None = None
) -> Assignment:
    make.item(session, project, prompt=prompt)
    return make.assignment(session, make.queue(session, project, members=(annotator,)), annotator)


def path_of(project: Project) -> str:
    return f"/admin/projects/{project.id}/comments"


def said(session: Session) -> list[tuple[str, bool]]:
    rows = session.execute(select(Comment.text, Comment.read_at).order_by(Comment.id))
    return [(text, read_at is not None) for text, read_at in rows]


def test_a_question_is_shown_with_its_item_and_who_asked(
    client: TestClient, session: Session, project: Project, asked: Assignment
) -> None:
    page = client.get(path_of(project)).text
    assert "Is iced tea tea?" in page
    assert session.get_one(User, asked.annotator_id).username in page
    assert PROMPT[:200] in page
    assert PROMPT[:201] not in page
    assert "1 unanswered" in page
    assert "1 question is unanswered" in client.get(f"/admin/projects/{project.id}").text


def test_an_answer_sent_twice_is_stored_once_and_settles_the_question(
    client: TestClient, session: Session, project: Project, asked: Assignment
) -> None:
    for _ in range(2):
        stored = post(client, f"{path_of(project)}/{asked.id}", comment="It is.")
        assert (stored.status_code, stored.headers["location"]) == (303, path_of(project))
    assert said(session) == [("Is iced tea tea?", True), ("It is.", False)]
    assert "0 unanswered" in client.get(path_of(project)).text
    assert "unanswered" not in client.get(f"/admin/projects/{project.id}").text


def test_a_question_may_need_no_answer(
    client: TestClient, session: Session, project: Project, asked: Assignment
) -> None:
    for _ in range(2):
        assert post(client, f"{path_of(project)}/{asked.id}/read").status_code == 303
    assert said(session) == [("Is iced tea tea?", True)]


def test_an_empty_answer_is_to_be_corrected_at_its_question(
    client: TestClient, session: Session, project: Project, asked: Assignment
) -> None:
    other = make.user(session)
    make.comment(session, assignment_of(session, project, other), other)
    stored = post(client, f"{path_of(project)}/{asked.id}", comment=" ")
    assert stored.status_code == 422
    assert stored.text.count("field-error") == 1
    assert len(said(session)) == 2


def test_the_unanswered_come_first(
    client: TestClient, session: Session, project: Project, asked: Assignment, admin: User
) -> None:
    other = make.user(session)
    settled = assignment_of(session, project, other)
    make.comment(session, settled, admin, "A newer answer")
    page = client.get(path_of(project)).text
    assert page.index("Is iced tea tea?") < page.index("A newer answer")


def test_old_questions_stand_before_newer_threads_and_those_by_the_newest_comment(
    session: Session, project: Project, admin: User
) -> None:
    people = [make.user(session) for _ in range(5)]
    asked = [assignment_of(session, project, person) for person in people]
    for place, (assignment, person) in enumerate(zip(asked, people, strict=True)):
        make.comment(session, assignment, person, "Why?")
        if place > 1:
            answer_thread(session, project.id, assignment.id, admin.id, "So.")
    # Of the answered ones the oldest has the newest comment.
    answer_thread(session, project.id, asked[2].id, admin.id, "And so.")
    elsewhere = make.user(session)
    make.comment(session, assignment_of(session, make.project(session), elsewhere), elsewhere, "Here?")
    order = [asked[place].id for place in (1, 0, 2, 4, 3)]
    for limit in range(1, 7):
        shown = [thread.assignment_id for thread in threads_of_project(session, project.id, limit)]
        assert shown == order[:limit]


def test_only_threads_of_the_project_can_be_answered(
    client: TestClient, session: Session, project: Project, asked: Assignment
) -> None:
    annotator = make.user(session)
    unasked = assignment_of(session, project, annotator)
    elsewhere = make.project(session)
    for path in (
        f"{path_of(project)}/{unasked.id}",
        f"{path_of(elsewhere)}/{asked.id}",
        f"{path_of(project)}/0",
    ):
        assert post(client, path, comment="It is.").status_code == 404
        assert post(client, f"{path}/read").status_code == 404
    assert "Is iced tea tea?" not in client.get(path_of(elsewhere)).text
    assert client.get("/admin/projects/0/comments").status_code == 404
    assert said(session) == [("Is iced tea tea?", False)]


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ADJUDICATOR])
def test_others_may_not(
    client: TestClient, session: Session, project: Project, asked: Assignment, role: Role
) -> None:
    enter(client, session, make.user(session, role=role))
    assert client.get(path_of(project)).status_code == 403
    assert post(client, f"{path_of(project)}/{asked.id}", comment="It is.").status_code == 403
    assert post(client, f"{path_of(project)}/{asked.id}/read").status_code == 403


def test_the_answer_finds_its_way_back(
    client: TestClient, session: Session, project: Project, asked: Assignment
) -> None:
    post(client, f"{path_of(project)}/{asked.id}", comment="It is.")
    enter(client, session, session.get_one(User, asked.annotator_id))
    assert "1 answer to what you asked" in client.get("/annotate").text
    assert "It is." in client.get("/annotate/comments").text
    answer.safety(session, asked)
    assert "It is." in client.get(f"/annotate/assignments/{asked.id}/comments").text
