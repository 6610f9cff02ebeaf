"""Admins search the audit log: who did what, when, to what, and why."""

import csv
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.interventions import release_lease
from app.audit.actions import act_as, record
from app.audit.models import Action, AuditEntry
from app.console.audit import Search, csv_lines, entries
from app.console.audit_words import field_in_words, value_in_words
from app.console.routes import ENTRIES_A_PAGE
from app.db import now, transaction
from tests import make
from tests.browse import enter, post

PATH = "/admin/audit"


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN)
    enter(client, session, made)
    return made


def found(session: Session, **asked: Any) -> list[str | None]:
    """The reasons of the entries."""
    return [entry.reason for entry in entries(session, Search.model_validate(asked), 100)]


def test_each_field_narrows_the_search(session: Session, admin: User) -> None:
    annotator = make.user(session)
    queue = make.queue(session, make.project(session))
    act_as(session, admin.id)
    record(session, Action.PAUSED, "queue", queue_id=queue.id, reason="100% full")
    record(session, Action.VOIDED, "answers", item_id=7, user_id=annotator.id, reason="Careless work")
    act_as(session, annotator.id)
    record(session, Action.PAUSED, "rule", reason="by rule")
    today, day = now().date(), timedelta(days=1)
    assert found(session, who=admin.username.upper()) == ["Careless work", "100% full"]
    assert found(session, action="paused") == ["by rule", "100% full"]
    assert found(session, subject="answer") == ["Careless work"]
    assert found(session, queue=queue.name, action="paused") == ["100% full"]
    assert found(session, item="7") == found(session, person=annotator.username) == ["Careless work"]
    assert found(session, words="careless") == ["Careless work"]
    assert found(session, words="%") == ["100% full"]
    assert found(session, since=today + day) == found(session, until=today - day) == []
    assert len(found(session, since=today - day, until=today + day, words="r")) == 2
    assert found(session, who="nobody") == []


def test_the_page_says_what_changed_and_why(client: TestClient, session: Session, admin: User) -> None:
    project = make.project(session)
    fields: dict[str, Any] = {"break_minutes": "30", "text_format": "plain"}
    post(client, f"/admin/projects/{project.id}/settings", **fields)
    page = client.get(PATH, params={"subject": "project", "who": admin.username}).text
    assert "break minutes: 50 → 30" in page
    assert admin.username in page
    assert f'href="{PATH}" aria-current="true"' in page
    nothing = client.get(PATH, params={"words": "no such reason"}).text
    assert "Nothing like that is in the log." in nothing


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("n_right", "right"),
        ("is_on", "on"),
        ("min_right", "least right"),
        ("annotator_id", "annotator number"),
        ("item_ids", "item numbers"),
        ("sha256", "SHA-256"),
        ("until", "until"),
    ],
)
def test_a_field_is_named_in_words(name: str, words: str) -> None:
    assert field_in_words(name) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (False, "no"),
        (True, "yes"),
        (None, ""),
        ("", ""),
        ([], ""),
        ({}, ""),
        (0, "0"),
        (["Violence", 3], "Violence, 3"),
        (
            {"is_safe": False, "harm_categories": ["Theft", "Fraud"]},
            "safe: no; harm categories: (Theft, Fraud)",
        ),
        ([{"n_right": 3, "note": None}, True], "(right: 3; note: nothing), yes"),
        ({"none": []}, "none: nothing"),
    ],
)
def test_a_value_is_told_in_words(value: Any, words: str) -> None:
    assert value_in_words(value) == words


def test_the_page_has_no_values_as_code_writes_them(
    client: TestClient, session: Session, admin: User
) -> None:
    before: dict[str, Any] = {"is_on": True, "answers": {"is_safe": False}, "left": []}
    after: dict[str, Any] = {"is_on": False, "answers": {"is_safe": True}, "left": ["Ann"]}
    record(session, Action.CHANGED, "marble", before=before, after=after)
    page = client.get(PATH, params={"subject": "marble"}).text
    assert "on: yes → no" in page
    assert "answers: safe: no → safe: yes" in page
    assert "left: <i>nothing</i> → Ann" in page
    assert "False" not in page


@pytest.mark.parametrize(("field", "value"), [("item", "x"), ("since", "soon"), ("action", "sang")])
def test_what_can_not_be_searched_for_is_marked(
    client: TestClient, admin: User, field: str, value: str
) -> None:
    answer = client.get(PATH, params={field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert client.get(f"{PATH}.csv", params={field: value}).status_code == 422


def test_it_pages_from_the_newest_to_the_oldest(client: TestClient, session: Session, admin: User) -> None:
    for number in range(ENTRIES_A_PAGE + 1):
        record(session, Action.CHANGED, "marble", reason=f"turn {number}.")
    first = client.get(PATH, params={"subject": "marble"}).text
    assert f"turn {ENTRIES_A_PAGE}." in first
    assert "turn 0." not in first
    older = first.split('href="/admin/audit?')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(f"{PATH}?{older}").text
    assert "turn 0." in second
    assert "turn 1." not in second
    assert "Older ones" not in second


def test_only_admins_read_it(client: TestClient, session: Session) -> None:
    for role in (Role.ANNOTATOR, Role.ADJUDICATOR):
        enter(client, session, make.user(session, role=role))
        assert client.get(PATH).status_code == client.get(f"{PATH}.csv").status_code == 403


@pytest.mark.usefixtures("database")
def test_it_can_be_downloaded() -> None:
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
        act_as(session, admin.id)
        for reason in ("=1+1", "second, with a comma"):
            record(session, Action.CHANGED, "marble", reason=reason, before={"n": 1}, after={"n": 2})
    rows = list(csv.DictReader("".join(csv_lines(Search(subject="marble"))).splitlines()))
    assert [row["reason"] for row in rows] == ["second, with a comma", "'=1+1"]
    assert (rows[0]["who"], rows[0]["before"], rows[0]["after"]) == (admin.username, '{"n":1}', '{"n":2}')


def test_downloads_are_in_the_log(client: TestClient, session: Session, admin: User) -> None:
    answer = client.get(f"{PATH}.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-log.csv"'
    newest = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert newest is not None
    assert (newest.actor_id, newest.action, newest.subject) == (admin.id, "downloaded", "audit log")


def test_it_tells_of_what_admins_do_and_look_at_but_holds_no_text(
    client: TestClient, session: Session, admin: User
) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project, prompt="Purple elephants?", responses=("They are painted.",))
    queue = make.queue(session, project, members=(annotator,))
    held = make.assignment(session, queue, annotator)
    make.comment(session, held, annotator)
    client.get(f"/admin/projects/{project.id}/comments")
    release_lease(session, queue.id, held.id)
    post(client, f"/admin/queues/{queue.id}/state", state="paused")
    post(client, f"/admin/people/{annotator.id}/qualifications", name="Art", reason="passed")
    post(client, f"/admin/people/{annotator.id}/qualifications/revoke", name="Art", reason="lapsed")
    log = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    told = [(entry.action, entry.subject) for entry in log]
    for entry in (
        ("created", "project"),
        ("created", "queue"),
        ("changed", "queue members"),
        ("viewed", "questions"),
        ("released", "lease"),
        ("paused", "queue"),
        ("granted", "qualification"),
        ("revoked", "qualification"),
    ):
        assert entry in told
    kept = " ".join(f"{entry.reason} {entry.before} {entry.after}" for entry in log)
    assert "elephant" not in kept
    assert "painted" not in kept
