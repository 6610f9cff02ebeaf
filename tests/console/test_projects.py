"""The admin's pages over all projects, and over one."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.items.actions import start_import
from app.projects.models import Project
from app.projects.pku import PKU
from app.projects.queries import taxonomy_of
from app.releases.actions import request_release
from tests import answer, make
from tests.browse import enter, post


@pytest.fixture
def admin(client: TestClient, session: Session) -> TestClient:
    enter(client, session, make.user(session, role=Role.ADMIN))
    return client


def n_projects(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Project)) or 0


def test_a_project_is_made_and_listed(admin: TestClient, session: Session) -> None:
    made = post(admin, "/admin/projects", name="  Spring campaign ")
    project = session.scalars(select(Project)).one()
    assert made.headers["location"] == f"/admin/projects/{project.id}"
    assert (project.name, taxonomy_of(session, project.id).version) == ("Spring campaign", PKU.version)
    assert "Spring campaign" in admin.get("/admin").text
    assert "Four steps to the first answer" in admin.get(made.headers["location"]).text


def test_sent_twice_it_is_made_once(admin: TestClient, session: Session) -> None:
    answers = [post(admin, "/admin/projects", name="Spring") for _ in range(2)]
    assert [sent.status_code for sent in answers] == [303, 422]
    assert "already a project named Spring" in answers[1].text
    assert 'value="Spring"' in answers[1].text
    assert n_projects(session) == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_is_needed_and_has_an_end(admin: TestClient, session: Session, name: str) -> None:
    answer_ = post(admin, "/admin/projects", name=name)
    assert answer_.status_code == 422
    assert 'id="name-error"' in answer_.text
    assert n_projects(session) == 0


def test_a_name_is_shown_as_text(admin: TestClient, session: Session) -> None:
    project = make.project(session, name="<b>Bold</b>")
    for path in ("/admin", f"/admin/projects/{project.id}"):
        assert "&lt;b&gt;Bold&lt;/b&gt;" in admin.get(path).text


def test_an_unknown_project_is_not_found(admin: TestClient) -> None:
    for path in ("/admin/projects/999999", "/admin/projects/999999/queues/new"):
        assert admin.get(path).status_code == 404


def test_the_pages_of_one_project_show_its_items_queues_imports_and_releases(
    admin: TestClient, session: Session
) -> None:
    project = make.project(session)
    for _ in range(2):
        make.item(session, project)
    make.item(session, project, responses=("A.", "B."))
    annotator = make.user(session)
    queue = make.queue(session, project, overlap=1, members=(annotator,))
    answer.safety(session, make.assignment(session, queue, annotator))
    start_import(session, project.id, "more.jsonl", 10)
    request_release(session, project.id)
    other = make.queue(session, make.project(session))
    path = f"/admin/projects/{project.id}"
    assert "2 QA pairs and 1 response set" in admin.get(path).text
    queues = admin.get(f"{path}/queues").text
    assert "1 of 2 items finished" in queues
    assert '<progress value="1" max="2"' in queues
    assert queue.name in queues
    assert f'href="/admin/queues/{other.id}"' not in queues
    assert "more.jsonl" in admin.get(f"{path}/imports").text
    assert "Release 1" in admin.get(f"{path}/releases").text
