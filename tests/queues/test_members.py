"""Who works on a queue, and whether it hands out items."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.actions import set_active
from app.accounts.models import Role
from app.queues.models import QueueState
from app.queues.queries import member_ids, queue_of
from tests import make
from tests.browse import enter, post


def test_exactly_the_ticked_people_are_members(client: TestClient, session: Session) -> None:
    first, second, third = (make.user(session) for _ in range(3))
    queue = make.queue(session, make.project(session), members=(first, second))
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/queues/{queue.id}/members"
    for ticked in ([second.id, third.id], [third.id], []):
        for _ in range(2):
            assert post(client, path, annotator_ids=ticked).status_code == 303
            assert member_ids(session, queue.id) == set(ticked)


def test_too_few_members_for_the_overlap_are_told(client: TestClient, session: Session) -> None:
    people = [make.user(session) for _ in range(2)]
    queue = make.queue(session, make.project(session), overlap=2, members=(people[0],))
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/queues/{queue.id}"
    assert "only 1 person is a member" in client.get(path).text
    post(client, f"{path}/members", annotator_ids=[person.id for person in people])
    assert "no item can be finished" not in client.get(path).text


def test_who_may_not_sign_in_stays_a_member_and_is_marked(client: TestClient, session: Session) -> None:
    stays, left = (make.user(session) for _ in range(2))
    never = make.user(session)
    queue = make.queue(session, make.project(session), overlap=2, members=(stays, left))
    for person in (left, never):
        set_active(session, person.id, "On leave", is_active=False)
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/queues/{queue.id}"
    page = client.get(path).text
    assert f'value="{left.id}" checked' in page
    assert f'value="{never.id}"' not in page
    assert page.count("not active") == 1
    assert "only 1 person is a member" in page
    assert post(client, f"{path}/members", annotator_ids=[stays.id, left.id]).status_code == 303
    assert member_ids(session, queue.id) == {stays.id, left.id}


def test_an_admin_can_not_be_a_member(client: TestClient, session: Session) -> None:
    admin = make.user(session, role=Role.ADMIN)
    annotator = make.user(session)
    queue = make.queue(session, make.project(session), members=(annotator,))
    enter(client, session, admin)
    answer = post(client, f"/admin/queues/{queue.id}/members", annotator_ids=[admin.id])
    assert answer.status_code == 422
    assert member_ids(session, queue.id) == {annotator.id}


def test_an_adjudicator_can_be_a_member(client: TestClient, session: Session) -> None:
    adjudicator = make.user(session, role=Role.ADJUDICATOR)
    queue = make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, f"/admin/queues/{queue.id}/members", annotator_ids=adjudicator.id).status_code == 303
    assert member_ids(session, queue.id) == {adjudicator.id}


def test_a_queue_is_started_and_paused(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session), state=QueueState.PAUSED)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for state in (QueueState.RUNNING, QueueState.RUNNING, QueueState.PAUSED):
        assert post(client, f"/admin/queues/{queue.id}/state", state=state.value).status_code == 303
        session.expire_all()
        assert queue_of(session, queue.id).state == state


def test_an_unknown_queue_is_not_found(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get("/admin/queues/999999").status_code == 404
    for action in ("state", "items", "members"):
        assert post(client, f"/admin/queues/999999/{action}").status_code == 404


def test_the_progress_block_alone_is_sent_to_htmx(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADMIN))
    block = client.get(f"/admin/queues/{queue.id}", headers={"hx-request": "true"}).text
    assert block.strip().startswith('<section id="progress"')
