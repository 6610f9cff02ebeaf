"""An annotator reads the guidelines beside the task, and is told once what changed."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.models import Annotation
from app.guidelines.models import GuidelineReading
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.members import set_members
from app.queues.models import Queue
from tests import answer, make
from tests.browse import enter, post
from tests.test_query_counts import statements


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


@pytest.fixture
def project(session: Session) -> Project:
    made = make.project(session)
    for _ in range(3):
        make.item(session, made)
    return made


@pytest.fixture
def queue(session: Session, project: Project, annotator: User) -> Queue:
    return make.queue(session, project, members=(annotator,))


def path_of(project: Project) -> str:
    return f"/annotate/projects/{project.id}/guidelines"


def got_it(client: TestClient, project: Project, version: int, **fields: Any) -> int:
    return post(client, f"{path_of(project)}/read", version=version, **fields).status_code


def workspace(client: TestClient, queue: Queue) -> str:
    return post(client, f"/annotate/queues/{queue.id}/next", htmx=True).text


def read_versions(session: Session) -> list[tuple[int, int]]:
    rows = session.execute(select(GuidelineReading.user_id, GuidelineReading.version))
    return [(user_id, version) for user_id, version in rows]


def test_the_newest_text_stands_with_the_taxonomy_on_a_page_or_in_a_panel(
    client: TestClient, session: Session, project: Project, queue: Queue
) -> None:
    make.guideline(session, project, text="Old")
    make.guideline(session, project, text="Be *kind*")
    page = client.get(path_of(project)).text
    panel = client.get(path_of(project), headers={"hx-request": "true"}).text
    assert "<html" in page
    assert panel.startswith('<section id="guidelines"')
    for shown in (page, panel):
        assert "Be <em>kind</em>" in shown
        assert all(name in shown for name in PKU.category_names)
        assert "moderate" in shown
        assert "Old" not in shown


def test_without_guidelines_the_taxonomy_is_there(client: TestClient, project: Project, queue: Queue) -> None:
    page = client.get(path_of(project)).text
    assert "No guidelines were written" in page
    assert PKU.category_names[0] in page
    assert 'id="news"' not in workspace(client, queue)


@pytest.mark.usefixtures("annotator")
def test_only_members_of_a_queue_may(client: TestClient, session: Session, project: Project) -> None:
    make.guideline(session, project)
    make.queue(session, project, members=(make.user(session),))
    assert client.get(path_of(project)).status_code == 403
    assert got_it(client, project, 1) == 403
    assert client.get("/annotate/projects/0/guidelines").status_code == 404
    assert read_versions(session) == []


def test_whoever_was_a_member_may_not_any_more(
    client: TestClient, session: Session, project: Project, queue: Queue
) -> None:
    set_members(session, queue.id, [])
    assert client.get(path_of(project)).status_code == 403


def test_an_admin_has_a_page_of_their_own(client: TestClient, session: Session, project: Project) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get(path_of(project)).status_code == 403
    assert got_it(client, project, 1) == 403


def test_whoever_read_none_is_told_that_there_are_some(
    client: TestClient, session: Session, project: Project, queue: Queue
) -> None:
    make.guideline(session, project, changes="First change")
    shown = workspace(client, queue)
    assert "There are guidelines" in shown
    assert "First change" not in shown


def test_the_changes_of_all_unread_versions_are_shown_until_they_are_known(
    client: TestClient, session: Session, project: Project, queue: Queue, annotator: User
) -> None:
    make.guideline(session, project)
    assert got_it(client, project, 1) == 303
    assert 'id="news"' not in workspace(client, queue)
    make.guideline(session, project, changes="Second *change*")
    make.guideline(session, project, changes="Third change")
    shown = workspace(client, queue)
    assert shown.index("Second <em>change</em>") < shown.index("Third change")
    for _ in range(2):
        assert got_it(client, project, 3) == 303
    assert 'id="news"' not in workspace(client, queue)
    assert read_versions(session) == [(annotator.id, 3)]


def test_an_older_version_takes_nothing_back(
    client: TestClient, session: Session, project: Project, queue: Queue, annotator: User
) -> None:
    for _ in range(2):
        make.guideline(session, project)
    got_it(client, project, 2)
    got_it(client, project, 1)
    assert read_versions(session) == [(annotator.id, 2)]


@pytest.mark.parametrize(
    ("version", "status"), [(2, 404), (0, 422), ("x", 422), ("", 422), (2**40, 422), (2**31 - 1, 404)]
)
def test_only_what_was_published_can_be_known(
    client: TestClient, session: Session, project: Project, queue: Queue, version: Any, status: int
) -> None:
    make.guideline(session, project)
    assert got_it(client, project, version) == status
    assert read_versions(session) == []


def test_with_htmx_it_is_noted_in_place_else_it_goes_back_to_work(
    client: TestClient, session: Session, project: Project, queue: Queue
) -> None:
    make.guideline(session, project)
    path = f"{path_of(project)}/read"
    noted = post(client, path, htmx=True, version=1)
    assert noted.status_code == 200
    assert noted.text.startswith('<p id="news"')
    back = post(client, path, version=1, queue_id=queue.id)
    assert back.headers["location"] == f"/annotate/queues/{queue.id}"
    assert post(client, path, version=1).headers["location"] == path_of(project)


def test_changes_are_asked_for_only_where_some_are_unread(
    client: TestClient, session: Session, project: Project, queue: Queue
) -> None:
    def n_asked() -> int:
        with statements() as sent:
            workspace(client, queue)
        return sum("guideline.changes" in statement for statement in sent)

    make.guideline(session, project)
    assert n_asked() == 0
    got_it(client, project, 1)
    assert n_asked() == 0
    make.guideline(session, project)
    assert n_asked() == 1


def test_an_answer_is_stored_with_the_version_that_stood_beside_it(
    session: Session, project: Project, queue: Queue, annotator: User
) -> None:
    for _ in range(3):
        answer.safety(session, make.assignment(session, queue, annotator))
        make.guideline(session, project)
        make.guideline(session, make.project(session))
    versions = session.scalars(select(Annotation.guideline_version).order_by(Annotation.id))
    assert list(versions) == [None, 1, 2]
