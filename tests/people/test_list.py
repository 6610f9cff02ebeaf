"""The list of people: found by name, role and state, a page at a time."""

from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.people.listing import PEOPLE_A_PAGE, Listed, Who, people_listed
from app.quality.actions import pause_member
from tests import answer, make
from tests.browse import enter, post

PATH = "/admin/people"


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN, username="boss")
    enter(client, session, made)
    return made


def names(session: Session, **asked: object) -> list[str]:
    return [person.username for person in people_listed(session, Who.model_validate(asked))[0]]


def test_a_line_says_what_matters_of_a_person(session: Session, admin: User) -> None:
    ann = make.user(session, username="ann")
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(ann,))
    answer.safety(session, make.assignment(session, queue, ann))
    pause_member(session, queue.id, ann.id, "Too fast")
    make.sign_in_token(session, ann)
    [found] = people_listed(session, Who(words="ANN"))[0]
    assert found.seen_at is not None
    assert found == Listed(ann.id, "ann", "annotator", True, found.seen_at, True, 1, 1, [])


def test_people_are_found_by_name_role_and_state(session: Session, admin: User) -> None:
    for name, role in (("ann", Role.ANNOTATOR), ("joanna", Role.ADJUDICATOR), ("bob", Role.ANNOTATOR)):
        make.user(session, username=name, role=role)
    session.scalars(select(User).where(User.username == "bob")).one().is_active = False
    session.flush()
    assert names(session) == ["ann", "boss", "joanna"]
    assert names(session, words=" Ann ") == ["ann", "joanna"]
    assert names(session, words="%") == []
    assert names(session, role="annotator") == ["ann"]
    assert names(session, activity="inactive") == ["bob"]
    assert names(session, activity="any", role="annotator") == ["ann", "bob"]


def test_the_next_page_begins_after_the_last_name(client: TestClient, session: Session, admin: User) -> None:
    wanted = [f"p{n:03}" for n in range(PEOPLE_A_PAGE + 7)]
    for name in reversed(wanted):
        make.user(session, username=name)
    shown, after = people_listed(session, Who(words="p"))
    assert after == wanted[PEOPLE_A_PAGE - 1]
    rest, end = people_listed(session, Who(words="p", after=after))
    assert [person.username for person in [*shown, *rest]] == wanted
    assert end == ""
    page = client.get(f"{PATH}?words=p").text
    link = page.partition('">Next<')[0].rpartition('href="')[2].replace("&amp;", "&")
    assert parse_qs(urlsplit(link).query) == {"words": ["p"], "after": [after]}


def test_what_can_not_be_asked_is_ignored_kindly(client: TestClient, admin: User) -> None:
    for query in ("role=owner", "activity=x", f"words={'x' * 65}"):
        assert client.get(f"{PATH}?{query}").status_code == 422


def test_someone_is_added_with_a_first_password(client: TestClient, session: Session, admin: User) -> None:
    fields = {"username": "Ann", "password": make.PASSWORD, "role": "annotator"}
    assert post(client, PATH, **fields).headers["location"] == PATH  # type: ignore[arg-type]
    again = post(client, PATH, **fields)  # type: ignore[arg-type]
    assert again.status_code == 422
    assert "already a user" in again.text
    assert names(session, words="ann") == ["ann"]


def test_the_list_is_the_admins_alone(client: TestClient, session: Session) -> None:
    for role in (Role.ANNOTATOR, Role.ADJUDICATOR):
        enter(client, session, make.user(session, role=role))
        assert client.get(PATH).status_code == 403
        assert post(client, PATH).status_code == 403
