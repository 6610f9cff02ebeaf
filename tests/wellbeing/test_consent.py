"""Nobody is shown an item of a project before they have agreed to its content warning, as it reads now."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.projects.models import Project
from app.queues.members import set_members
from app.queues.models import Queue
from app.wellbeing.models import Consent, warning_version
from tests import make
from tests.browse import enter, post

WARNING = "Some texts are **rude**. [More](https://example.org/rude) <script>alert(1)</script>"


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


@pytest.fixture
def project(session: Session) -> Project:
    made = make.project(session)
    make.item(session, made, prompt="What is tea?")
    return made


@pytest.fixture
def queue(session: Session, project: Project, annotator: User) -> Queue:
    """Its member has not agreed to anything."""
    made = make.queue(session, project)
    set_members(session, made.id, [annotator.id])
    return made


def warn(session: Session, project: Project, words: str) -> None:
    session.execute(update(Project).where(Project.id == project.id).values(content_warning=words))
    session.expire_all()


def agree(client: TestClient, queue: Queue, version: str) -> tuple[int, str]:
    """Status, and where it leads to."""
    path = f"/annotate/projects/{queue.project_id}/consent"
    sent = post(client, path, queue_id=queue.id, warning_version=version)
    return sent.status_code, sent.headers.get("location", "")


def agreed(session: Session, annotator: User) -> list[str]:
    given = select(Consent.content_warning).where(Consent.user_id == annotator.id)
    return list(session.scalars(given))


def test_the_page_comes_before_the_first_item_and_once(
    client: TestClient, session: Session, annotator: User, queue: Queue
) -> None:
    enter(client, session, annotator)
    for page in (
        client.get(f"/annotate/queues/{queue.id}").text,
        post(client, f"/annotate/queues/{queue.id}/next", htmx=True).text,
    ):
        assert "I have read this and agree" in page
        assert "What is tea?" not in page
        assert 'href="/annotate/topics"' in page
    version = re.search(r'name="warning_version" value="(\w+)"', page)
    assert version
    for _ in range(2):
        assert agree(client, queue, version[1]) == (303, f"/annotate/queues/{queue.id}")
    assert agreed(session, annotator) == [""]
    assert "What is tea?" in post(client, f"/annotate/queues/{queue.id}/next", htmx=True).text


def test_the_projects_own_warning_is_shown_as_harmless_markdown_with_the_help_there_is(
    client: TestClient, session: Session, annotator: User, project: Project, queue: Queue
) -> None:
    warn(session, project, WARNING)
    help_ = {"support_text": "Ask for Kim, any time.", "support_url": "tel:+49301234"}
    session.execute(update(Project).values(**help_))
    enter(client, session, annotator)
    page = client.get(f"/annotate/queues/{queue.id}").text
    assert "<strong>rude</strong>" in page
    assert "<script>alert" not in page
    assert "Ask for Kim" in page
    assert 'href="tel:+49301234"' in page


def test_a_changed_warning_asks_anew(
    client: TestClient, session: Session, annotator: User, project: Project, queue: Queue
) -> None:
    enter(client, session, annotator)
    make.consent(session, project, annotator)
    assert "Start" in client.get(f"/annotate/queues/{queue.id}").text
    warn(session, project, WARNING)
    assert "I have read this and agree" in client.get(f"/annotate/queues/{queue.id}").text
    assert agree(client, queue, warning_version(WARNING))[0] == 303
    assert agreed(session, annotator) == [WARNING]


def test_nobody_agrees_to_a_text_that_changed_meanwhile(
    client: TestClient, session: Session, annotator: User, project: Project, queue: Queue
) -> None:
    enter(client, session, annotator)
    shown = warning_version("")
    warn(session, project, WARNING)
    path = f"/annotate/projects/{project.id}/consent"
    again = post(client, path, queue_id=queue.id, warning_version=shown)
    assert again.status_code == 409
    assert "has changed" in again.text
    assert "<strong>rude</strong>" in again.text
    assert agreed(session, annotator) == []


def test_only_members_agree_and_only_in_the_queues_own_project(
    client: TestClient, session: Session, annotator: User, queue: Queue
) -> None:
    enter(client, session, make.user(session))
    assert agree(client, queue, warning_version(""))[0] == 403
    enter(client, session, annotator)
    path = f"/annotate/projects/{make.project(session).id}/consent"
    assert post(client, path, queue_id=queue.id, warning_version=warning_version("")).status_code == 404
    assert post(client, path).status_code == 422
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert agree(client, queue, warning_version(""))[0] == 403
    assert session.scalars(select(Consent)).all() == []
