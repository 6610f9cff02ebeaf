"""What annotators of a project are told, and where they find help, is the admin's to say."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.projects.models import Project
from tests import make
from tests.browse import enter, post

FIELDS: dict[str, Any] = {
    "content_warning": "Rude words.\r\n\r\nAnd **loud** ones.",
    "support_text": "Ask for Kim",
    "support_url": "https://example.org/help",
    "break_minutes": "30",
    "text_format": "markdown",
    "consensus_rule": "posterior",
    "quorum": "2",
}


@pytest.fixture
def project(client: TestClient, session: Session) -> Project:
    enter(client, session, make.user(session, role=Role.ADMIN))
    return make.project(session)


def path_of(project: Project) -> str:
    return f"/admin/projects/{project.id}/settings"


def test_settings_are_stored_and_shown_again(client: TestClient, session: Session, project: Project) -> None:
    for _ in range(2):
        saved = post(client, path_of(project), **FIELDS)
        assert (saved.status_code, saved.headers["location"]) == (303, f"/admin/projects/{project.id}")
    session.refresh(project)
    assert project.content_warning == "Rude words.\n\nAnd **loud** ones."
    assert (project.support_text, project.support_url) == ("Ask for Kim", "https://example.org/help")
    assert (project.break_minutes, project.text_format) == (30, "markdown")
    assert (project.consensus_rule, project.quorum) == ("posterior", 2)
    page = client.get(path_of(project)).text
    assert 'value="https://example.org/help"' in page
    assert "And **loud** ones.</textarea>" in page
    assert path_of(project) in client.get(f"/admin/projects/{project.id}").text


@pytest.mark.parametrize("address", ["", "http://example.org", "mailto:kim@example.org", "tel:+4930"])
def test_addresses_of_pages_mailboxes_and_telephones_are_taken(
    client: TestClient, project: Project, address: str
) -> None:
    assert post(client, path_of(project), **FIELDS | {"support_url": address}).status_code == 303


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "example.org", "https:///", "mailto:", "https://[", "a b"],
)
def test_others_come_back_to_be_corrected(
    client: TestClient, session: Session, project: Project, address: str
) -> None:
    sent = post(client, path_of(project), **FIELDS | {"support_url": address})
    assert sent.status_code == 422
    assert 'id="support_url-error"' in sent.text
    session.refresh(project)
    assert project.support_url == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("break_minutes", "-1"),
        ("break_minutes", "481"),
        ("text_format", "html"),
        ("consensus_rule", "chance"),
        ("quorum", "0"),
        ("quorum", "51"),
        ("content_warning", "x" * 10_001),
    ],
)
def test_what_cannot_be_is_refused(client: TestClient, project: Project, field: str, value: str) -> None:
    sent = post(client, path_of(project), **FIELDS | {field: value})
    assert sent.status_code == 422
    assert f'id="{field}-error"' in sent.text


def test_only_an_admin_may_and_only_where_there_is_a_project(
    client: TestClient, session: Session, project: Project
) -> None:
    assert post(client, "/admin/projects/999999/settings", **FIELDS).status_code == 404
    assert client.get("/admin/projects/999999/settings").status_code == 404
    enter(client, session, make.user(session))
    assert client.get(path_of(project)).status_code == 403
    assert post(client, path_of(project), **FIELDS).status_code == 403
