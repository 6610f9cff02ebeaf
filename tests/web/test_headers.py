"""What every answer says to the browser."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.settings import settings
from app.web.security import CSRF_FIELD
from tests import make
from tests.browse import post, sign_in, token


@pytest.mark.parametrize("path", ["/sign-in", "/annotate", "/no-such-page", "/healthz", "/static/app.css"])
def test_no_answer_lets_scripts_in_from_elsewhere(client: TestClient, path: str) -> None:
    headers = client.get(path, follow_redirects=False).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/sign-in", "/annotate", "/no-such-page"])
def test_no_page_is_kept_by_the_browser(client: TestClient, path: str) -> None:
    assert client.get(path, follow_redirects=False).headers["cache-control"] == "no-store"


def test_pages_have_no_inline_script_or_style(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    sign_in(client, annotator)
    page = post(client, f"/annotate/queues/{queue.id}/next", htmx=True).text
    page += client.get(f"/annotate/queues/{queue.id}").text
    for inline in ("<script>", "<style", " style=", "onclick=", "javascript:", "hx-on"):
        assert inline not in page


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: TestClient) -> None:
    cookie = client.get("/sign-in").headers["set-cookie"]
    assert cookie.startswith("evenhand=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_https_the_cookie_is_bound_to_the_host_and_gone_after_sign_out(
    client: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENHAND_SECURE_COOKIES", "true")
    settings.cache_clear()
    client.base_url = "https://testserver"
    try:
        first = client.get("/sign-in")
        assert first.headers["strict-transport-security"].startswith("max-age=")
        assert first.headers["set-cookie"].startswith("__Host-evenhand=")
        assert "; Secure" in first.headers["set-cookie"]
        sign_in(client, make.user(session))
        assert client.get("/annotate").status_code == 200
        answer = client.post("/sign-out", data={CSRF_FIELD: token(client)}, follow_redirects=False)
        assert '__Host-evenhand=""' in answer.headers["set-cookie"]
        assert "Secure" in answer.headers["set-cookie"]
    finally:
        monkeypatch.undo()
        settings.cache_clear()
