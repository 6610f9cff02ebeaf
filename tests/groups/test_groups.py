"""People in named groups, and a queue that takes a whole one."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.audit.models import AuditEntry
from app.db import transaction
from app.groups.actions import GroupNameTaken, change_group, create_group
from app.groups.queries import Counted, all_groups, ids_in_group
from app.people.listing import Who, people_listed
from app.queues.models import QueueState
from app.queues.queries import member_ids
from tests import make
from tests.browse import enter, post

PATH = "/admin/people/groups"
WAIT_SECONDS = 0.3


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN)
    enter(client, session, made)
    return made


def group(session: Session, *people: User, name: str = "Medical team") -> int:
    made = create_group(session, name)
    change_group(session, made, name, [person.id for person in people])
    return made


def test_a_group_is_made_filled_and_shown(client: TestClient, session: Session, admin: User) -> None:
    ann, bob = make.user(session), make.user(session)
    made = post(client, PATH, name=" Medical team ").headers["location"]
    for _ in range(2):
        saved = post(client, made, name="Doctors", user_ids=[ann.id, bob.id])
        assert (saved.status_code, saved.headers["location"]) == (303, PATH)
    [found] = all_groups(session)
    assert found == Counted(found.id, "Doctors", 2)
    assert f'value="{ann.id}" checked' in client.get(made).text
    assert "Doctors" in client.get(f"/admin/people/{ann.id}").text
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "changed"))
    assert (entry.after or {})["joined"] == [ann.id, bob.id]
    post(client, made, name="Doctors", user_ids=bob.id)
    assert ids_in_group(session, found.id) == {bob.id}


def test_a_name_is_given_once(client: TestClient, session: Session, admin: User) -> None:
    first, second = group(session), group(session, name="Others")
    assert post(client, PATH, name="Medical team").status_code == 422
    assert post(client, f"{PATH}/{second}", name="Medical team").status_code == 422
    for path in (PATH, f"{PATH}/{second}"):
        again = post(client, path, name="MEDICAL TEAM")
        assert again.status_code == 422
        assert "There is already a group named Medical team." in again.text
    assert post(client, f"{PATH}/{second}", name="OTHERS").status_code == 303
    assert post(client, PATH, name=" ").status_code == 422
    assert [each.id for each in all_groups(session)] == [first, second]


@pytest.mark.usefixtures("database")
def test_of_two_who_give_one_name_at_once_one_is_told() -> None:
    with transaction() as session:
        first, second = group(session, name="First"), group(session, name="Second")

    def rename_second() -> None:
        with transaction() as session:
            change_group(session, second, "MEDICAL TEAM", [])

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            change_group(session, first, "Medical team", [])
            renaming = pool.submit(rename_second)
            time.sleep(WAIT_SECONDS)
            assert not renaming.done()
        with pytest.raises(GroupNameTaken, match=r"There is already a group named Medical team\."):
            renaming.result()
    with transaction() as session:
        assert {each.name for each in all_groups(session)} == {"Medical team", "Second"}


def test_a_group_is_deleted_and_its_people_stay(client: TestClient, session: Session, admin: User) -> None:
    ann = make.user(session)
    made = group(session, ann)
    for _ in range(2):
        assert post(client, f"{PATH}/{made}/delete").status_code == 303
    assert all_groups(session) == []
    assert session.get_one(User, ann.id).is_active


def test_a_queue_takes_who_is_in_the_group_now_and_may_label(
    client: TestClient, session: Session, admin: User
) -> None:
    ann, bob, gone, other = (make.user(session) for _ in range(4))
    gone.is_active = False
    made = group(session, ann, gone, admin)
    queue = make.queue(session, make.project(session), members=(other,))
    path = f"/admin/queues/{queue.id}"
    assert "Medical team (3)" in client.get(path).text
    for _ in range(2):
        assert post(client, f"{path}/members/group", group_id=made).status_code == 303
    assert member_ids(session, queue.id) == {ann.id, other.id}
    change_group(session, made, "Medical team", [bob.id])
    assert member_ids(session, queue.id) == {ann.id, other.id}
    queue.state = QueueState.CLOSED
    session.flush()
    assert post(client, f"{path}/members/group", group_id=made).status_code == 409


def test_people_are_found_by_their_group(session: Session, admin: User) -> None:
    ann = make.user(session, username="ann")
    made = group(session, ann)
    [found] = people_listed(session, Who(group=made))[0]
    assert (found.username, found.groups) == ("ann", ["Medical team"])


@pytest.mark.parametrize(("field", "value"), [("user_ids", "999999"), ("user_ids", "x"), ("name", "x" * 101)])
def test_nonsense_changes_nothing(
    client: TestClient, session: Session, admin: User, field: str, value: str
) -> None:
    ann = make.user(session)
    made = group(session, ann)
    fields: dict[str, Any] = {"name": "Doctors", "user_ids": ann.id, field: value}
    assert post(client, f"{PATH}/{made}", **fields).status_code == 422
    assert all_groups(session) == [Counted(made, "Medical team", 1)]


def test_there_is_no_page_of_no_group(client: TestClient, session: Session, admin: User) -> None:
    queue = make.queue(session, make.project(session))
    assert client.get(f"{PATH}/999999").status_code == 404
    assert post(client, f"{PATH}/999999", name="Doctors").status_code == 404
    assert post(client, f"/admin/queues/{queue.id}/members/group", group_id=999999).status_code == 404
    assert post(client, f"/admin/queues/{queue.id}/members/group", group_id="x").status_code == 422


def test_groups_are_the_admins_alone(client: TestClient, session: Session) -> None:
    made = group(session)
    queue = make.queue(session, make.project(session))
    for role in (Role.ANNOTATOR, Role.ADJUDICATOR):
        enter(client, session, make.user(session, role=role))
        for path in (PATH, f"{PATH}/{made}"):
            assert client.get(path).status_code == 403
            assert post(client, path, name="Ours").status_code == 403
        assert post(client, f"{PATH}/{made}/delete").status_code == 403
        assert post(client, f"/admin/queues/{queue.id}/members/group", group_id=made).status_code == 403
