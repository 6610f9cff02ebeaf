"""Too large a request is refused before it is read."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.settings import settings
from app.web.security import CSRF_FIELD, FORM_LIMIT_MB
from tests import make
from tests.browse import enter, token

MEGABYTE = 1024 * 1024


@pytest.fixture
def small_uploads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EVENHAND_UPLOAD_LIMIT_MB", "1")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_a_form_has_a_limit(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"username": "x" * (FORM_LIMIT_MB * MEGABYTE)})
    assert answer.status_code == 413
    assert f"larger than {FORM_LIMIT_MB} MB" in answer.text


@pytest.mark.usefixtures("small_uploads")
def test_an_upload_has_a_limit_of_its_own(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    project = make.project(session)
    answer = client.post(
        f"/admin/projects/{project.id}/imports",
        params={CSRF_FIELD: token(client)},
        files={"file": ("items.jsonl", b"x" * MEGABYTE)},
    )
    assert answer.status_code == 413
    assert "Use the command line for large files" in answer.text


def test_a_request_of_unknown_length_is_refused(client: TestClient) -> None:
    answer = client.post("/sign-in", content=iter([b"username=", b"x"]))
    assert answer.status_code == 411


def test_a_file_is_taken_where_files_are_asked_for_alone(client: TestClient) -> None:
    files = {"file": ("items.jsonl", b"x" * (FORM_LIMIT_MB * MEGABYTE))}
    assert client.post("/sign-in", files=files).status_code == 413


def test_the_file_of_someone_not_signed_in_is_not_read(client: TestClient) -> None:
    path, limit = "/admin/projects/1/imports", FORM_LIMIT_MB * MEGABYTE
    files = {"file": ("items.jsonl", b"x" * (limit + 1))}
    assert client.post(path, files=files).status_code == 403
    signed = client.post(path, params={CSRF_FIELD: token(client)}, files=files, follow_redirects=False)
    assert signed.headers["location"] == "/sign-in"
