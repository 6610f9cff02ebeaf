"""Annotators are told once beside the task what changed in the harm categories."""

from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.queues.models import Queue
from tests import make
from tests.browse import enter, post

NEWS = "The harm categories have changed"


def changed(client: TestClient, session: Session, queue: Queue, based_on: int, note: str) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    fields: dict[str, Any] = {"based_on": based_on, "note": note, "definition_5": f"Force, {note}."}
    assert post(client, f"/admin/projects/{queue.project_id}/taxonomy", **fields).status_code == 303


def test_what_changed_stands_beside_the_task_until_it_is_noted(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    make.assignment(session, queue, annotator)
    page, noted = f"/annotate/queues/{queue.id}", f"/annotate/projects/{project.id}/taxonomy/read"

    enter(client, session, annotator)
    assert NEWS not in client.get(page).text
    changed(client, session, queue, 1, "since riots were missed")
    enter(client, session, annotator)
    seen = client.get(page).text
    assert NEWS in seen
    assert "since riots were missed" in seen
    for _ in range(2):
        back = post(client, noted, version=2, queue_id=queue.id)
        assert (back.status_code, back.headers["location"]) == (303, page)
    assert NEWS not in client.get(page).text

    changed(client, session, queue, 2, "once more")
    enter(client, session, annotator)
    seen = client.get(page).text
    assert "once more" in seen
    assert "since riots were missed" not in seen


def test_only_a_version_there_is_of_ones_own_project_is_noted(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.queue(session, project, members=(annotator,))
    enter(client, session, annotator)
    path = f"/annotate/projects/{project.id}/taxonomy/read"
    assert post(client, path, version=2).status_code == 404
    assert post(client, path, version="the newest").status_code == 422
    elsewhere = make.project(session)
    assert post(client, f"/annotate/projects/{elsewhere.id}/taxonomy/read", version=1).status_code == 403
