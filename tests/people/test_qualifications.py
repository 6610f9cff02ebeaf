"""Who may do which kind of work: granted and taken back by an admin."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Qualification, Role, User
from app.db import now
from tests import make
from tests.browse import enter, post


def held(session: Session, user: User) -> list[tuple[str, str]]:
    rows = session.scalars(select(Qualification).where(Qualification.user_id == user.id))
    return [(row.name, row.reason) for row in rows]


def path(user: User, *, revoke: bool = False) -> str:
    return f"/admin/people/{user.id}/qualifications{'/revoke' if revoke else ''}"


def test_one_is_granted_and_the_page_says_so(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for reason in ("passed the test", "passed it again"):
        granted = post(client, path(annotator), name=" Medicine ", reason=reason, last_day="")
        assert (granted.status_code, granted.headers["location"]) == (303, f"/admin/people/{annotator.id}")
    assert held(session, annotator) == [("Medicine", "passed it again")]
    assert (
        f'aria-label="Revoke Medicine of {annotator.username}"'
        in client.get(f"/admin/people/{annotator.id}").text
    )


def test_it_holds_until_the_end_of_its_last_day(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for day in (now().date(), (now() + timedelta(days=30)).date()):
        post(client, path(annotator), name="Medicine", reason="test", last_day=day.isoformat())
        ends_at = session.scalars(select(Qualification.expires_at)).one()
        assert ends_at == datetime.combine(day, time.max, UTC)
        assert f"until {day} 23:59 UTC" in client.get(f"/admin/people/{annotator.id}").text


def test_one_that_ended_is_shown_as_ended(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    ended = now() - timedelta(hours=1)
    session.add(Qualification(user_id=annotator.id, name="Medicine", reason="test", expires_at=ended))
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert f"ended {ended:%Y-%m-%d %H:%M} UTC" in client.get(f"/admin/people/{annotator.id}").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("reason", ""), ("name", "x" * 101), ("last_day", "tomorrow"),
        ("last_day", "2001-01-01"), ("last_day", "99999-01-01"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_marked_in_the_form_of_that_person(
    client: TestClient, session: Session, field: str, value: str
) -> None:
    annotator, other = make.user(session), make.user(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    fields: dict[str, Any] = {"name": "Medicine", "reason": "test", "last_day": ""} | {field: value}
    answer = post(client, path(annotator), **fields)
    assert answer.status_code == 422
    assert answer.text.count(f'id="{field}-error"') == 1
    assert answer.text.count("<details open>") == 1
    assert held(session, annotator) == held(session, other) == []


def test_a_name_is_written_one_way(client: TestClient, session: Session) -> None:
    annotator, other = make.user(session), make.user(session)
    queue = make.queue(session, make.project(session), qualification="Law")
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, path(annotator), name="Medicine", reason="test").status_code == 303
    for name, known in (("medicine", "Medicine"), ("LAW", "Law")):
        answer = post(client, path(other), name=name, reason="test")
        assert answer.status_code == 422
        assert f'id="name-error">It is written “{known}” elsewhere: use the same letters.<' in answer.text
    assert post(client, path(other), name="Law", reason="test").status_code == 303
    assert held(session, other) == [("Law", "test")]
    asked: dict[str, Any] = {"overlap": 3, "qualification": "medicine", "is_blind": "false"}
    made = f"/admin/projects/{queue.project_id}/queues"
    for place in (f"/admin/queues/{queue.id}/settings", made):
        answer = post(client, place, name="New", kind="safety", **asked)
        assert answer.status_code == 422
        assert 'id="qualification-error">It is written “Medicine” elsewhere' in answer.text
    asked["qualification"] = "Law"
    assert post(client, made, name="New", kind="safety", **asked).status_code == 303


def test_the_last_day_of_the_calendar_is_no_failure(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    post(client, path(annotator), name="Medicine", reason="test", last_day="9999-12-31")
    assert client.get(f"/admin/people/{annotator.id}").status_code == 200
    assert held(session, annotator) == [("Medicine", "test")]


def test_it_is_revoked_from_this_person_alone(client: TestClient, session: Session) -> None:
    annotator, other = make.user(session), make.user(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for user in (annotator, other):
        post(client, path(user), name="Medicine", reason="test")
    for _ in range(2):
        assert post(client, path(annotator, revoke=True), name="Medicine", reason="lapsed").status_code == 303
        assert (len(held(session, annotator)), len(held(session, other))) == (0, 1)


def test_an_unknown_person_is_not_found(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    for action in ("", "/revoke"):
        answer = post(client, f"/admin/people/999999/qualifications{action}", name="Medicine", reason="test")
        assert answer.status_code == 404


def test_nobody_else_may_grant(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    for role in (Role.ANNOTATOR, Role.ADJUDICATOR):
        enter(client, session, make.user(session, role=role))
        assert post(client, path(annotator), name="Medicine", reason="test").status_code == 403
        assert post(client, path(annotator, revoke=True), name="Medicine", reason="lapsed").status_code == 403
    assert held(session, annotator) == []
