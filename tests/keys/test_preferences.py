"""An annotator chooses their keys."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actions import set_preferences
from app.accounts.models import Role, User
from app.keys.bindings import actions_with
from app.projects.pku import PKU
from app.queues.models import QueueKind
from tests import make
from tests.browse import enter, post
from tests.test_query_counts import statements

PATH = "/annotate/preferences"


def stored(session: Session, user: User) -> dict[str, Any]:
    found: dict[str, Any] = session.scalars(select(User.preferences).where(User.id == user.id)).one()
    return found


def test_the_page_has_a_field_for_every_action(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session))
    page = client.get(PATH).text
    for action in actions_with(PKU):
        assert f'name="{action.field}" value="{action.key}"' in page
    assert f'href="{PATH}"' in client.get("/annotate").text


def test_what_differs_is_stored_and_sent_twice_it_is_the_same(client: TestClient, session: Session) -> None:
    annotator, other = make.user(session), make.user(session)
    enter(client, session, annotator)
    for _ in range(2):
        saved = post(client, PATH, key_safe="Ö", key_harmful="u", use_keys=["false", "true"])
        assert (saved.status_code, saved.headers["location"]) == (303, PATH)
        assert stored(session, annotator) == {"keys": {"safe": "ö"}, "keys_off": False}
    assert 'name="key_safe" value="ö"' in client.get(PATH).text
    assert stored(session, other) == {}


def test_other_preferences_stay(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    set_preferences(session, annotator.id, locale="xx")
    enter(client, session, annotator)
    post(client, PATH, key_safe="ö")
    post(client, f"{PATH}/reset")
    assert stored(session, annotator) == {"locale": "xx", "keys": {}, "keys_off": False}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"key_safe": "v"}, "v is also the key of “Violence”. Choose another."),
        ({"key_safe": "Tab"}, "Use one character, Shift with a digit, or Enter."),
        ({"key_safe": ["a", "b"]}, "Use one character, Shift with a digit, or Enter."),
    ],
)
def test_a_clash_or_an_unknown_key_is_told_at_its_field(
    client: TestClient, session: Session, fields: dict[str, Any], sentence: str
) -> None:
    annotator = make.user(session)
    enter(client, session, annotator)
    refused = post(client, PATH, **fields)
    assert refused.status_code == 422
    assert f'id="key_safe-error">{sentence}' in refused.text
    assert stored(session, annotator) == {}


def test_the_usual_keys_come_back(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    enter(client, session, annotator)
    post(client, PATH, key_safe="ö", use_keys="false")
    for _ in range(2):
        assert post(client, f"{PATH}/reset").status_code == 303
        assert stored(session, annotator) == {"keys": {}, "keys_off": False}


def test_the_workspace_shows_ones_own_keys(client: TestClient, session: Session) -> None:
    annotator, other = make.user(session), make.user(session)
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator, other))
    for user in (annotator, other):
        make.assignment(session, queue, user)
    enter(client, session, annotator)
    post(client, PATH, key_safe="ö", key_violence="", key_submit="Shift+9")
    page = client.get(f"/annotate/queues/{queue.id}").text
    assert 'data-key="ö" aria-keyshortcuts="ö"' in page
    assert "<kbd>ö</kbd>" in page
    assert 'data-key="v"' not in page
    assert 'data-key="Shift+9"' in page
    enter(client, session, other)
    page = client.get(f"/annotate/queues/{queue.id}").text
    assert 'data-key="s"' in page
    assert 'data-key="v"' in page


@pytest.mark.parametrize("kind", [QueueKind.SAFETY, QueueKind.SINGLE])
def test_without_keys_no_control_has_one(client: TestClient, session: Session, kind: QueueKind) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project, responses=("Tea.", "Coffee.")[: 1 if kind is QueueKind.SAFETY else 2])
    queue = make.queue(session, project, kind=kind, members=(annotator,))
    enter(client, session, annotator)
    post(client, PATH, use_keys="false")
    for _ in range(2):
        page = client.get(f"/annotate/queues/{queue.id}").text
        assert "data-key" not in page
        assert "<kbd>" not in page
        post(client, f"/annotate/queues/{queue.id}/next")


def test_nothing_that_can_not_be_undone_has_a_key(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    make.assignment(session, queue, annotator)
    enter(client, session, annotator)
    page = client.get(f"/annotate/queues/{queue.id}").text
    for form in page.split("<form")[1:]:
        if any(end in form.split(">")[0] for end in ("/skip", "/release")):
            assert "data-key" not in form.split("</form>")[0]


def test_ones_own_keys_cost_no_statement(client: TestClient, session: Session) -> None:
    counts = []
    for keys in ({}, {"safe": "ö"}):
        annotator = make.user(session)
        set_preferences(session, annotator.id, keys=keys)
        project = make.project(session)
        make.item(session, project)
        queue = make.queue(session, project, members=(annotator,))
        make.assignment(session, queue, annotator)
        enter(client, session, annotator)
        with statements() as sent:
            client.get(f"/annotate/queues/{queue.id}")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_an_admin_has_no_keys(client: TestClient, session: Session) -> None:
    admin = make.user(session, role=Role.ADMIN)
    enter(client, session, admin)
    assert client.get(PATH).status_code == 403
    assert post(client, PATH, key_safe="ö").status_code == 403
    assert post(client, f"{PATH}/reset").status_code == 403
    assert stored(session, admin) == {}
