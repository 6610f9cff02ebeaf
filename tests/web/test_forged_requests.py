"""Only our own pages can change anything in the name of a signed-in person."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.projects.models import Project
from app.web.security import CSRF_FIELD, CSRF_HEADER
from tests import make
from tests.browse import enter, sign_in, token


@pytest.fixture
def admin(client: TestClient, session: Session) -> TestClient:
    enter(client, session, make.user(session, role=Role.ADMIN))
    return client


def create_project(client: TestClient, csrf_token: str | None, **headers: str) -> Response:
    fields = {"name": "Forged"} | ({CSRF_FIELD: csrf_token} if csrf_token is not None else {})
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/admin/projects", data=fields, headers=sent, follow_redirects=False)


def is_made(session: Session) -> bool:
    return session.scalar(select(Project.id).where(Project.name == "Forged")) is not None


@pytest.mark.parametrize("sent", [None, "", "0" * 64, "not hexadecimal, not even ASCII: é"])
def test_a_missing_or_wrong_token_is_refused(admin: TestClient, session: Session, sent: str | None) -> None:
    assert create_project(admin, sent).status_code == 403
    assert not is_made(session)


def test_another_browsers_token_is_refused(admin: TestClient, session: Session) -> None:
    mine = admin.cookies["evenhand"]
    admin.cookies.clear()
    theirs = token(admin)
    admin.cookies.clear()
    admin.cookies.set("evenhand", mine)
    assert create_project(admin, theirs).status_code == 403
    assert not is_made(session)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_request_from_another_site_is_refused_even_with_the_token(
    admin: TestClient, session: Session, site: str
) -> None:
    assert create_project(admin, token(admin), sec_fetch_site=site).status_code == 403
    assert not is_made(session)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_an_older_browser_is_refused_by_its_origin(admin: TestClient, session: Session, origin: str) -> None:
    assert create_project(admin, token(admin), origin=origin).status_code == 403
    assert not is_made(session)


def test_our_own_page_may(admin: TestClient, session: Session) -> None:
    answer = create_project(admin, token(admin), sec_fetch_site="same-origin", origin="http://testserver")
    assert answer.status_code == 303
    assert is_made(session)


def test_the_token_may_come_in_a_header(admin: TestClient, session: Session) -> None:
    assert create_project(admin, None, **{CSRF_HEADER: token(admin)}).status_code == 303
    assert is_made(session)


def test_the_token_of_a_visitor_is_worthless_after_sign_in(client: TestClient, session: Session) -> None:
    before = token(client)
    sign_in(client, make.user(session, role=Role.ADMIN))
    assert create_project(client, before).status_code == 403
