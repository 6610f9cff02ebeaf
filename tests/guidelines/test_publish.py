"""An admin publishes versions of the guidelines."""

from threading import Barrier, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.db import transaction
from app.guidelines.actions import GuidelineMovedOn, publish_guideline
from app.guidelines.forms import LONGEST_CHANGES, LONGEST_TEXT, NewGuideline
from app.guidelines.models import Guideline
from app.projects.models import Project
from tests import make
from tests.browse import enter, post


@pytest.fixture
def project(client: TestClient, session: Session) -> Project:
    """With an admin signed in."""
    enter(client, session, make.user(session, role=Role.ADMIN))
    return make.project(session)


def path_of(project: Project) -> str:
    return f"/admin/projects/{project.id}/guidelines"


def published(session: Session) -> list[tuple[int, str, str]]:
    rows = session.execute(
        select(Guideline.version, Guideline.text, Guideline.changes).order_by(Guideline.version)
    )
    return [(version, text, changes) for version, text, changes in rows]


def test_each_version_is_kept_and_can_be_read(client: TestClient, session: Session, project: Project) -> None:
    for based_on, text in enumerate(("# Be kind", "# Be *very* kind")):
        answer = post(client, path_of(project), text=text, changes="More **kindness**", based_on=based_on)
        assert (answer.status_code, answer.headers["location"]) == (303, path_of(project))
    page = client.get(path_of(project)).text
    assert "<h1>Be <em>very</em> kind</h1>" in page
    assert 'name="based_on" value="2"' in page
    first = client.get(f"{path_of(project)}/1").text
    assert "<h1>Be kind</h1>" in first
    assert "More <strong>kindness</strong>" in first
    assert f'href="{path_of(project)}"' in client.get(f"/admin/projects/{project.id}").text


def test_sent_twice_it_is_published_once(client: TestClient, session: Session, project: Project) -> None:
    for _ in range(2):
        assert post(client, path_of(project), text="Be kind", changes="", based_on=0).status_code == 303
    assert published(session) == [(1, "Be kind", "")]


def test_a_form_from_before_another_version_overwrites_nothing_and_keeps_what_was_typed(
    client: TestClient, session: Session, project: Project
) -> None:
    post(client, path_of(project), text="Theirs", based_on=0)
    answer = post(client, path_of(project), text="Mine", changes="My change", based_on=0)
    assert answer.status_code == 409
    for shown in ("Someone published another version meanwhile", "Theirs", "Mine</textarea>", "My change"):
        assert shown in answer.text
    assert published(session) == [(1, "Theirs", "")]
    assert 'name="based_on" value="1"' in answer.text
    assert post(client, path_of(project), text="Theirs and mine", based_on=1).status_code == 303
    assert published(session)[-1] == (2, "Theirs and mine", "")


def test_a_correction_does_not_make_an_old_form_a_new_one(
    client: TestClient, session: Session, project: Project
) -> None:
    post(client, path_of(project), text="Theirs", based_on=0)
    answer = post(client, path_of(project), text="", based_on=0)
    assert answer.status_code == 422
    assert 'name="based_on" value="0"' in answer.text


@pytest.mark.parametrize(
    "fields",
    [
        {"text": " "},
        {"text": "x" * (LONGEST_TEXT + 1)},
        {"text": "Be kind", "changes": "x" * (LONGEST_CHANGES + 1)},
    ],
)
def test_what_is_empty_or_too_long_is_to_be_corrected(
    client: TestClient, session: Session, project: Project, fields: dict[str, Any]
) -> None:
    answer = post(client, path_of(project), based_on=0, **fields)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert published(session) == []


def test_the_longest_text_is_taken_with_lines_as_browsers_send_them(
    client: TestClient, session: Session, project: Project
) -> None:
    lines = "ü\r\n" * (LONGEST_TEXT // 2 - 1) + "ü"
    assert post(client, path_of(project), text=lines, based_on=0).status_code == 303
    assert published(session) == [(1, lines.replace("\r\n", "\n"), "")]


def test_what_is_unchanged_is_not_published_anew(
    client: TestClient, session: Session, project: Project
) -> None:
    post(client, path_of(project), text="Be kind", based_on=0)
    answer = post(client, path_of(project), text="Be kind\r\n", changes="Kinder", based_on=1)
    assert answer.status_code == 422
    for shown in ("The text is that of version 1. Change it, then publish.", 'id="text-error"', "Kinder"):
        assert shown in answer.text
    assert published(session) == [(1, "Be kind", "")]
    for based_on, text in ((1, "Be kinder"), (2, "Be kind")):
        assert post(client, path_of(project), text=text, based_on=based_on).status_code == 303
    assert len(published(session)) == 3


def test_a_version_that_nobody_saw_can_not_be_the_base(
    client: TestClient, session: Session, project: Project
) -> None:
    assert post(client, path_of(project), text="Be kind", based_on=7).status_code == 409
    assert published(session) == []


def test_markdown_does_no_harm(client: TestClient, project: Project) -> None:
    text = "<script>alert(1)</script> [a](javascript:alert(1)) [b](https://example.org) ![c](https://example.org/c.png)"
    post(client, path_of(project), text=text, based_on=0)
    page = client.get(f"{path_of(project)}/1").text
    assert 'href="https://example.org"' in page
    for harmful in ("<script>alert", 'href="javascript:', "example.org/c.png"):
        assert harmful not in page


def test_a_preview_stores_nothing_and_keeps_what_was_typed(
    client: TestClient, session: Session, project: Project
) -> None:
    fields: dict[str, Any] = {"text": "Be *kind*", "changes": "**New**", "based_on": 0}
    answer = post(client, f"{path_of(project)}/preview", htmx=True, **fields)
    assert answer.status_code == 200
    assert answer.text.startswith('<section id="editor"')
    assert "Be <em>kind</em>" in answer.text
    assert "Be *kind*</textarea>" in answer.text
    assert "<html" in post(client, f"{path_of(project)}/preview", **fields).text
    assert post(client, f"{path_of(project)}/preview", text="", based_on=0).status_code == 422
    assert published(session) == []


def test_what_is_not_there_is_not_found(client: TestClient, project: Project) -> None:
    for path in (f"{path_of(project)}/1", f"{path_of(project)}/{2**40}", "/admin/projects/0/guidelines"):
        assert client.get(path).status_code == 404
    assert post(client, "/admin/projects/0/guidelines", text="Be kind", based_on=0).status_code == 404


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ADJUDICATOR])
def test_others_may_not(client: TestClient, session: Session, role: Role) -> None:
    project = make.project(session)
    enter(client, session, make.user(session, role=role))
    assert client.get(path_of(project)).status_code == 403
    assert post(client, path_of(project), text="Be kind", based_on=0).status_code == 403


def test_of_two_at_the_same_time_one_is_published(database: None) -> None:
    with transaction() as session:
        admin, project = make.user(session, role=Role.ADMIN), make.project(session)
    together = Barrier(2)
    outcomes: list[str] = []

    def publish(text: str) -> None:
        try:
            with transaction() as session:
                together.wait()
                publish_guideline(session, project.id, admin.id, NewGuideline(text=text, based_on=0))
            outcomes.append("published")
        except GuidelineMovedOn:
            outcomes.append("moved on")

    threads = [Thread(target=publish, args=(text,)) for text in ("One", "Another")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved on", "published"]
    with transaction() as session:
        assert len(published(session)) == 1
