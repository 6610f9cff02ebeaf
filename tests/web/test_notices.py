"""Failures reach the person as a sentence: on a page of its own, or in the page's notice."""

import json

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.items.models import Prompt
from app.main import create_app
from app.web.deps import Public, SessionDep
from tests import make
from tests.browse import enter, post

SECRET_TEXT = "A text that must stay out of the log"


def page_notice(answer: Response, status: int, sentence: str) -> None:
    assert answer.status_code == status
    assert "<!doctype html>" in answer.text
    assert sentence in answer.text
    assert "hx-retarget" not in answer.headers


def htmx_notice(answer: Response, status: int, sentence: str) -> None:
    assert answer.status_code == status
    assert answer.text.strip().startswith('<div id="notice" role="alert"')
    assert "<html" not in answer.text
    assert sentence in answer.text
    assert answer.headers["hx-retarget"] == "#notice"
    assert answer.headers["hx-reswap"] == "outerHTML"


def test_an_unknown_address_answers_404(client: TestClient) -> None:
    sentence = "There is no such page."
    page_notice(client.get("/no-such-page"), 404, sentence)
    htmx_notice(client.get("/no-such-page", headers={"hx-request": "true"}), 404, sentence)


@pytest.mark.parametrize("queue_id", ["abc", "0", "-1", "1.5", str(2**63), "9" * 30])
def test_an_address_with_an_impossible_id_answers_404(
    client: TestClient, session: Session, queue_id: str
) -> None:
    enter(client, session, make.user(session))
    assert client.get(f"/annotate/queues/{queue_id}").status_code == 404


def test_a_closed_assignment_answers_409(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    path = f"/annotate/assignments/{make.assignment(session, queue, annotator).id}/safety-label"
    enter(client, session, annotator)
    assert post(client, path, is_safe="true").status_code == 200
    page_notice(post(client, path, is_safe="true"), 409, "already closed")
    htmx_notice(post(client, path, htmx=True, is_safe="true"), 409, "already closed")


def test_a_session_that_ended_leads_htmx_to_sign_in(client: TestClient) -> None:
    answer = client.get("/annotate", headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert answer.headers["hx-redirect"] == "/sign-in"


def breaks() -> None:
    local_text = SECRET_TEXT
    raise RuntimeError(f"broken after {len(local_text)} letters")


def breaks_in_the_database(session: SessionDep) -> None:
    session.execute(insert(Prompt).values(project_id=-1, sha256=b"0" * 32, text=SECRET_TEXT, source=""))


def broken_client() -> TestClient:
    app = create_app()
    for path, route in (("/breaks", breaks), ("/breaks-in-the-database", breaks_in_the_database)):
        app.add_api_route(path, route, dependencies=[Public])
    return TestClient(app, raise_server_exceptions=False)


def test_a_bug_answers_500_with_a_notice_and_the_security_headers() -> None:
    client = broken_client()
    sentence = "This is our mistake."
    answer = client.get("/breaks")
    page_notice(answer, 500, sentence)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    htmx_notice(client.get("/breaks", headers={"hx-request": "true"}), 500, sentence)


@pytest.mark.parametrize("path", ["/breaks", "/breaks-in-the-database"])
def test_the_log_says_where_a_bug_is_but_holds_no_cookie_text_or_local_variable(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client = broken_client()
    client.cookies.set("evenhand", "the-cookie-of-this-browser")
    assert client.get(f"{path}?asked=for").status_code == 500
    written = capsys.readouterr().err
    failure, request = (json.loads(line) for line in written.splitlines())
    assert failure["event"] == "request failed"
    assert failure["exception"][0]["frames"][-1]["filename"]
    assert request["status"] == 500
    assert request["request_id"] == failure["request_id"]
    for secret in (SECRET_TEXT, "the-cookie-of-this-browser", "asked=for", "locals"):
        assert secret not in written


def test_the_error_that_the_server_prints_holds_no_text_either() -> None:
    client = TestClient(broken_client().app)
    with pytest.raises(IntegrityError, match="violates foreign key constraint") as raised:
        client.get("/breaks-in-the-database")
    assert SECRET_TEXT not in str(raised.value)


def test_each_request_is_one_line_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    TestClient(create_app()).get("/sign-in?next=/annotate")
    (line,) = capsys.readouterr().err.splitlines()
    written = json.loads(line)
    assert (written["method"], written["path"], written["status"]) == ("GET", "/sign-in", 200)
    assert written["ms"] >= 0
    assert "next" not in line
