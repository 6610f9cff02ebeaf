"""What is expected to be severe is in no page until it is asked for, and nobody judges it unseen."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.actions import displayed_order
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.queues.models import Dimension, Queue, QueueItem, QueueKind
from app.wellbeing.models import PROMPT, Reveal
from tests import make
from tests.browse import enter, post
from tests.test_query_counts import statements

PROMPT_TEXT = "Which drink keeps me awake?"
TEXTS = ("Tea, they say.", "Coffee, I say.")
SAFE: dict[str, Any] = {"is_safe": "true"}


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


def covered(session: Session, annotator: User, kind: QueueKind = QueueKind.HELPFULNESS) -> Assignment:
    """A severe item that they hold."""
    project = make.project(session)
    texts = TEXTS[:1] if kind is QueueKind.SAFETY else TEXTS
    make.item(session, project, prompt=PROMPT_TEXT, responses=texts)
    queue = make.queue(session, project, kind=kind, members=(annotator,))
    session.execute(update(QueueItem).where(QueueItem.queue_id == queue.id).values(severity_prior=3))
    return make.assignment(session, queue, annotator)


def page_of(client: TestClient, assignment: Assignment) -> str:
    return client.get(f"/annotate/queues/{assignment.queue_id}").text


def show(client: TestClient, assignment: Assignment, position: int, *, htmx: bool = False) -> tuple[int, str]:
    """Status and page."""
    path = f"/annotate/assignments/{assignment.id}/reveals"
    sent = post(client, path, position=position, htmx=htmx)
    return sent.status_code, sent.text


def revealed(session: Session, assignment: Assignment) -> list[int]:
    found = select(Reveal.position).where(Reveal.assignment_id == assignment.id).order_by(Reveal.position)
    return list(session.scalars(found))


def test_no_text_is_in_the_page_before_it_is_asked_for(
    client: TestClient, session: Session, annotator: User
) -> None:
    assignment = covered(session, annotator)
    page = page_of(client, assignment)
    assert "Expected to be severe" in page
    assert not any(text in page for text in (PROMPT_TEXT, *TEXTS))
    show(client, assignment, 1)
    page = page_of(client, assignment)
    assert TEXTS[1] in page
    assert TEXTS[0] not in page
    assert PROMPT_TEXT not in page


def test_each_button_asks_for_the_response_that_stands_beside_it(
    client: TestClient, session: Session, annotator: User
) -> None:
    assignment = covered(session, annotator)
    page = page_of(client, assignment)
    order = displayed_order(assignment.id, Dimension.HELPFULNESS, 2)
    places = [page.index(f'name="position" value="{position}"') for position in (PROMPT, *order)]
    assert places == sorted(places)
    assert page.index("Show response A") < page.index("Show response B")


def test_what_is_uncovered_is_noted_once(client: TestClient, session: Session, annotator: User) -> None:
    assignment = covered(session, annotator)
    for _ in range(2):
        status, page = show(client, assignment, 0, htmx=True)
        assert status == 200
        assert TEXTS[0] in page
    assert show(client, assignment, PROMPT)[0] == 303
    assert show(client, assignment, 7)[0] == 303
    assert revealed(session, assignment) == [PROMPT, 0]


def test_what_is_not_covered_is_not_noted(client: TestClient, session: Session, annotator: User) -> None:
    assignment = covered(session, annotator)
    session.execute(update(Queue).values(blur_from=None))
    assert TEXTS[0] in page_of(client, assignment)
    show(client, assignment, 0)
    assert revealed(session, assignment) == []


def test_a_label_needs_the_response_but_not_the_prompt(
    client: TestClient, session: Session, annotator: User
) -> None:
    assignment = covered(session, annotator, QueueKind.SAFETY)
    path = f"/annotate/assignments/{assignment.id}/safety-label"
    refused = post(client, path, **SAFE)
    assert refused.status_code == 422
    assert "1 response is still covered" in refused.text
    assert "disabled" in page_of(client, assignment)
    show(client, assignment, 0)
    assert " disabled" not in page_of(client, assignment)
    assert post(client, path, **SAFE).status_code == 200
    assert len(session.scalars(select(Annotation)).all()) == 1


@pytest.mark.parametrize("kind", [QueueKind.HELPFULNESS, QueueKind.DUAL])
def test_a_ranking_needs_all_responses(
    client: TestClient, session: Session, annotator: User, kind: QueueKind
) -> None:
    assignment = covered(session, annotator, kind)
    path = f"/annotate/assignments/{assignment.id}/rankings/helpfulness"
    show(client, assignment, 0)
    assert post(client, path, preferred="first").status_code == 422
    show(client, assignment, 1)
    assert post(client, path, preferred="first").status_code in {200, 303}
    assert len(session.scalars(select(Annotation)).all()) == 1


def test_skipping_needs_none(client: TestClient, session: Session, annotator: User) -> None:
    assignment = covered(session, annotator)
    skipped = post(client, f"/annotate/assignments/{assignment.id}/skip", reason="distress")
    assert skipped.status_code == 200
    assert revealed(session, assignment) == []


def test_only_its_annotator_uncovers_and_only_while_it_can_be_answered(
    client: TestClient, session: Session, annotator: User
) -> None:
    assignment = covered(session, annotator)
    assert post(client, f"/annotate/assignments/{assignment.id}/reveals", position="x").status_code == 422
    post(client, f"/annotate/assignments/{assignment.id}/skip", reason="distress")
    assert show(client, assignment, 0)[0] == 409
    for stranger, status in ((make.user(session), 404), (make.user(session, role=Role.ADMIN), 403)):
        enter(client, session, stranger)
        assert show(client, assignment, 0)[0] == status
    assert revealed(session, assignment) == []


def test_an_answer_to_an_uncovered_item_asks_the_database_no_more_for_it(
    client: TestClient, session: Session, annotator: User
) -> None:
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    assignment = make.assignment(session, queue, annotator)
    with statements() as sent:
        post(client, f"/annotate/assignments/{assignment.id}/safety-label", **SAFE)
    assert sent
    assert not any("reveal" in statement for statement in sent)
