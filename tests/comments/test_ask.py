"""An annotator asks about an item, and reads what is answered."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.models import Assignment
from app.comments.forms import LONGEST_COMMENT
from app.comments.models import Comment
from tests import answer, make
from tests.browse import enter, post


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


@pytest.fixture
def assignment(session: Session, annotator: User) -> Assignment:
    project = make.project(session)
    make.item(session, project, prompt="What is tea?")
    return make.assignment(session, make.queue(session, project, members=(annotator,)), annotator)


def path_of(assignment: Assignment) -> str:
    return f"/annotate/assignments/{assignment.id}/comments"


def said(session: Session) -> list[tuple[str, bool]]:
    """Each text, and whether the other side has read it."""
    rows = session.execute(select(Comment.text, Comment.read_at).order_by(Comment.id))
    return [(text, read_at is not None) for text, read_at in rows]


def test_a_question_is_stored_and_stands_in_the_thread(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    stored = post(client, path_of(assignment), comment="Is iced\r\ntea <b>tea</b>? ")
    assert (stored.status_code, stored.headers["location"]) == (303, path_of(assignment))
    assert said(session) == [("Is iced\ntea <b>tea</b>?", False)]
    page = client.get(path_of(assignment)).text
    assert "What is tea?" in page
    assert "tea &lt;b&gt;tea&lt;/b&gt;?" in page


def test_with_htmx_the_thread_comes_back_in_place_and_says_that_it_was_sent(
    client: TestClient, assignment: Assignment
) -> None:
    stored = post(client, path_of(assignment), htmx=True, comment="Is iced tea tea?")
    assert stored.status_code == 200
    assert stored.text.startswith('<div id="thread"')
    assert "Is iced tea tea?" in stored.text
    assert 'role="status" hx-swap-oob="innerHTML">Sent.</p>' in stored.text
    fetched = client.get(path_of(assignment), headers={"hx-request": "true"}).text
    assert fetched.startswith('  <div id="comments"')
    assert "<textarea" not in fetched, "what is being typed would be lost"


def test_sent_twice_it_is_stored_once(client: TestClient, session: Session, assignment: Assignment) -> None:
    for _ in range(2):
        assert post(client, path_of(assignment), comment="Is iced tea tea?").status_code == 303
    assert len(said(session)) == 1


@pytest.mark.parametrize(
    ("comment", "status"),
    [("", 422), (" \n", 422), ("x" * LONGEST_COMMENT, 303), ("x" * (LONGEST_COMMENT + 1), 422)],
)
def test_it_has_a_length(
    client: TestClient, session: Session, assignment: Assignment, comment: str, status: int
) -> None:
    stored = post(client, path_of(assignment), comment=comment)
    assert stored.status_code == status
    assert len(said(session)) == (status == 303)
    if status == 422:
        assert "field-error" in stored.text


def test_a_character_that_can_not_be_stored_is_refused(client: TestClient, assignment: Assignment) -> None:
    assert post(client, path_of(assignment), comment="a\0b").status_code == 422


def test_it_can_be_asked_after_the_answer_too(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    answer.safety(session, assignment)
    assert post(client, path_of(assignment), comment="Was I right?").status_code == 303


def test_nobody_else_may_read_or_write(client: TestClient, session: Session, assignment: Assignment) -> None:
    make.comment(session, assignment, session.get_one(User, assignment.annotator_id))
    for other, status in ((make.user(session), 404), (make.user(session, role=Role.ADMIN), 403)):
        enter(client, session, other)
        assert client.get(path_of(assignment)).status_code == status
        assert post(client, path_of(assignment), comment="Mine?").status_code == status
        assert post(client, f"{path_of(assignment)}/read").status_code == status
    assert len(said(session)) == 1
    assert client.get("/annotate/assignments/0/comments").status_code == 403


def test_an_answer_is_counted_until_it_is_known(
    client: TestClient, session: Session, assignment: Assignment, annotator: User
) -> None:
    admin = make.user(session, role=Role.ADMIN)
    make.comment(session, assignment, annotator, "Is iced tea tea?")
    for path in ("/annotate", "/annotate/comments/unread"):
        assert "to what you asked" not in client.get(path).text
    make.comment(session, assignment, admin, "It is.")
    for path in ("/annotate", "/annotate/comments/unread"):
        assert "1 answer to what you asked" in client.get(path).text
    for _ in range(2):
        assert post(client, f"{path_of(assignment)}/read").headers["location"] == "/annotate/comments"
    assert client.get("/annotate/comments/unread").text == ""
    assert said(session) == [("Is iced tea tea?", False), ("It is.", True)]


def test_whoever_goes_on_asking_has_read_the_answer(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    make.comment(session, assignment, make.user(session, role=Role.ADMIN), "It is.")
    post(client, path_of(assignment), comment="And cold coffee?")
    assert said(session) == [("It is.", True), ("And cold coffee?", False)]


def test_reading_a_page_marks_nothing(client: TestClient, session: Session, assignment: Assignment) -> None:
    make.comment(session, assignment, make.user(session, role=Role.ADMIN), "It is.")
    for path in (path_of(assignment), "/annotate/comments"):
        assert "It is." in client.get(path).text
    assert said(session) == [("It is.", False)]


def test_my_threads_have_the_unread_answers_first(
    client: TestClient, session: Session, annotator: User
) -> None:
    project, admin = make.project(session), make.user(session, role=Role.ADMIN)
    for prompt in ("Old?", "New?", "Asked by another?"):
        make.item(session, project, prompt=prompt)
    other = make.user(session)
    queue = make.queue(session, project, members=(annotator, other))
    first = make.assignment(session, queue, annotator)
    answer.safety(session, first)
    second = make.assignment(session, queue, annotator)
    make.comment(session, make.assignment(session, queue, other), other, "Not mine")
    make.comment(session, first, admin, "The answer")
    make.comment(session, second, annotator, "The newest question")
    page = client.get("/annotate/comments").text
    assert page.index("The answer") < page.index("The newest question")
    assert "Not mine" not in page
    assert page.count("Got it") == 1
