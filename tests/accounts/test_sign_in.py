"""Signing in and out."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from tests import make
from tests.browse import post, sign_in


def test_a_right_password_leads_to_the_work(client: TestClient, session: Session) -> None:
    answer = sign_in(client, make.user(session, role=Role.ANNOTATOR))
    assert answer.status_code == 200
    assert answer.url.path == "/annotate"


def test_an_admin_begins_at_the_projects(client: TestClient, session: Session) -> None:
    assert sign_in(client, make.user(session, role=Role.ADMIN)).url.path == "/admin"


def test_a_wrong_password_and_an_unknown_name_look_alike(client: TestClient, session: Session) -> None:
    user = make.user(session)
    wrong = sign_in(client, user, password="not the password")
    unknown = post(client, "/sign-in", username="nobody", password="not the password")
    assert wrong.status_code == unknown.status_code == 422
    assert "don&#39;t belong together" in wrong.text
    assert "don&#39;t belong together" in unknown.text


def test_the_name_may_be_typed_in_capitals(client: TestClient, session: Session) -> None:
    user = make.user(session, username="annotator-x")
    assert post(client, "/sign-in", username=" Annotator-X ", password=make.PASSWORD).status_code == 303
    assert user.username == "annotator-x"


def test_someone_switched_off_can_not_sign_in(client: TestClient, session: Session) -> None:
    user = make.user(session)
    user.is_active = False
    session.flush()
    assert sign_in(client, user).status_code == 422


def test_the_cookie_changes_at_sign_in_and_is_worthless_after_sign_out(
    client: TestClient, session: Session
) -> None:
    client.get("/sign-in")
    before = client.cookies["evenhand"]
    sign_in(client, make.user(session))
    signed_in = client.cookies["evenhand"]
    assert signed_in != before
    assert post(client, "/sign-out").headers["location"] == "/sign-in"
    client.cookies.set("evenhand", signed_in)
    assert client.get("/annotate", follow_redirects=False).status_code == 303


def test_signing_in_goes_back_to_the_page_asked_for_but_never_to_another_site(
    client: TestClient, session: Session
) -> None:
    user = make.user(session)
    asked = client.get("/annotate", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?next=/annotate"
    for target, place in (("/annotate", "/annotate"), ("//evil.example", "/"), ("https://evil.example", "/")):
        answer = post(client, "/sign-in", username=user.username, password=make.PASSWORD, next=target)
        assert answer.headers["location"] == place


def test_the_eleventh_try_for_a_name_has_to_wait(client: TestClient, session: Session) -> None:
    user = make.user(session)
    answers = [sign_in(client, user, password="guess").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert sign_in(client, user).status_code == 429
