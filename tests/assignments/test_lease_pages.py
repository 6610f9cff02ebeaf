"""What an admin sees and changes of a queue's leases, broken items and members."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actions import set_active
from app.accounts.models import Role, User
from app.assignments.actions import expire_leases
from app.assignments.models import Assignment, SkipReason
from app.queues.forms import MemberCaps
from app.queues.members import set_member_caps, set_members
from app.queues.models import HeldFor, Queue, QueueItem, QueueMember
from tests import answer, make
from tests.browse import enter, post

PROMPT = "Is it broken? " * 20


def two_people(session: Session, *, n_items: int = 1, overlap: int = 1) -> tuple[Queue, User, User]:
    project = make.project(session)
    for _ in range(n_items):
        make.item(session, project, prompt=None if n_items > 1 else PROMPT)
    first, second = make.user(session), make.user(session)
    return make.queue(session, project, overlap=overlap, members=(first, second)), first, second


def leases_path(queue: Queue) -> str:
    return f"/admin/queues/{queue.id}/leases"


def enter_as_admin(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))


def statuses(session: Session, queue: Queue) -> list[tuple[int, str]]:
    rows = select(Assignment.annotator_id, Assignment.status).where(Assignment.queue_id == queue.id)
    return [(annotator_id, status) for annotator_id, status in session.execute(rows.order_by(Assignment.id))]


def test_the_page_lists_who_holds_what(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session, n_items=2)
    enter_as_admin(client, session)
    assert "Nobody holds an item" in client.get(leases_path(queue)).text
    held = [make.assignment(session, queue, person) for person in (first, second)]
    page = client.get(leases_path(queue)).text
    assert "With annotators now: 2" in page
    for assignment, person in zip(held, (first, second), strict=True):
        assert f"Release item {assignment.item_id} of {person.username}" in page
        assert f'formaction="{leases_path(queue)}/{assignment.id}/release"' in page


def test_a_lease_is_released_once(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session)
    held = make.assignment(session, queue, first)
    enter_as_admin(client, session)
    released = post(client, f"{leases_path(queue)}/{held.id}/release")
    assert (released.status_code, released.headers["location"]) == (303, leases_path(queue))
    again = post(client, f"{leases_path(queue)}/{held.id}/release")
    assert (again.status_code, "has just ended" in again.text) == (409, True)
    assert statuses(session, queue) == [(first.id, "released")]
    assert make.assignment(session, queue, second).item_id == held.item_id


def test_a_lease_is_passed_on_once(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session)
    held = make.assignment(session, queue, first)
    enter_as_admin(client, session)
    path = f"{leases_path(queue)}/{held.id}/reassign"
    assert post(client, path, annotator_id=second.id).status_code == 303
    assert post(client, path, annotator_id=second.id).status_code == 409
    assert statuses(session, queue) == [(first.id, "released"), (second.id, "open")]


def test_nobody_but_a_member_takes_a_lease(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session)
    held = make.assignment(session, queue, first)
    set_members(session, queue.id, [first.id])
    enter_as_admin(client, session)
    path = f"{leases_path(queue)}/{held.id}/reassign"
    for annotator_id, status in ((make.user(session).id, 404), (second.id, 422), (first.id, 422), ("", 422)):
        sent = post(client, path, annotator_id=annotator_id)
        assert sent.status_code == status
        assert (status == 422) == ('id="annotator_id-error"' in sent.text)
    assert statuses(session, queue) == [(first.id, "open")]


def test_nobody_takes_a_lease_who_may_not_sign_in(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session)
    held = make.assignment(session, queue, first)
    enter_as_admin(client, session)
    option = f'<option value="{second.id}"'
    page = client.get(leases_path(queue)).text
    assert option in page
    assert "not active" not in page
    set_active(session, second.id, "Has left", is_active=False)
    page = client.get(leases_path(queue)).text
    assert option not in page
    assert "not active" in page
    path = f"{leases_path(queue)}/{held.id}/reassign"
    assert post(client, path, annotator_id=second.id).status_code == 422
    assert statuses(session, queue) == [(first.id, "open")]


@pytest.mark.parametrize("action", ["release", "reassign"])
def test_a_lease_of_another_queue_stays(client: TestClient, session: Session, action: str) -> None:
    queue, first, _ = two_people(session)
    other, _, taker = two_people(session)
    held = make.assignment(session, queue, first)
    enter_as_admin(client, session)
    path = f"{leases_path(other)}/{held.id}/{action}"
    assert post(client, path, annotator_id=taker.id).status_code == 409
    assert statuses(session, queue) == [(first.id, "open")]


def test_a_broken_item_waits_on_the_page_and_is_handed_out_again(
    client: TestClient, session: Session
) -> None:
    queue, first, second = two_people(session)
    held = make.assignment(session, queue, first)
    answer.skip(session, held, SkipReason.BROKEN_ITEM)
    enter_as_admin(client, session)
    page = client.get(leases_path(queue)).text
    assert "Broken items: 1" in page
    assert f">{PROMPT[:80]}<" in page
    assert f"<td>{first.username}</td>" in page
    assert make.claim(session, queue, second) is None
    for _ in range(2):
        path = f"/admin/queues/{queue.id}/broken/{held.item_id}"
        assert post(client, path).headers["location"] == leases_path(queue)
    assert "Broken items: 0" in client.get(leases_path(queue)).text
    assert make.assignment(session, queue, second).item_id == held.item_id


def test_a_broken_item_that_two_people_skipped_is_listed_once(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session, overlap=2)
    held = [make.assignment(session, queue, person) for person in (first, second)]
    for assignment in held:
        answer.skip(session, assignment, SkipReason.BROKEN_ITEM)
    enter_as_admin(client, session)
    assert client.get(leases_path(queue)).text.count("Hand out again") == 1


def test_an_item_broken_in_another_queue_stays(client: TestClient, session: Session) -> None:
    queue, first, _ = two_people(session)
    other, _, _ = two_people(session)
    held = make.assignment(session, queue, first)
    answer.skip(session, held, SkipReason.BROKEN_ITEM)
    enter_as_admin(client, session)
    post(client, f"/admin/queues/{other.id}/broken/{held.item_id}")
    assert session.scalar(select(QueueItem.held_for).where(QueueItem.queue_id == queue.id)) == HeldFor.BROKEN


def test_surplus_answers_are_listed(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session)
    late = make.assignment(session, queue, first)
    session.execute(update(Assignment).values(expires_at=func.now()))
    expire_leases(session, queue.id)
    answer.safety(session, make.assignment(session, queue, second))
    answer.safety(session, late)
    enter_as_admin(client, session)
    page = client.get(leases_path(queue)).text
    assert "Surplus answers: 1" in page
    assert f"{late.item_id}</a></th><td>{first.username}</td>" in page


def test_members_are_listed_with_what_they_did(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session, n_items=2)
    answer.safety(session, make.assignment(session, queue, first))
    answer.skip(session, make.assignment(session, queue, first), SkipReason.CANNOT_JUDGE)
    set_members(session, queue.id, [first.id])
    enter_as_admin(client, session)
    page = client.get(leases_path(queue)).text
    assert "1 answer · 1 today · 1 skip in a row" in page
    assert f'{second.username} <span class="state removed">removed</span>' in page


def test_what_was_done_on_another_day_is_not_of_today(client: TestClient, session: Session) -> None:
    queue, first, _ = two_people(session)
    answer.safety(session, make.assignment(session, queue, first))
    session.execute(update(QueueMember).values(day=func.current_date() - 1))
    enter_as_admin(client, session)
    assert "1 answer · 0 today" in client.get(leases_path(queue)).text


def test_a_members_own_caps_are_set_and_taken_away(client: TestClient, session: Session) -> None:
    queue, first, second = two_people(session)
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/caps"
    for total, a_day, stored in (("50", "5", (50, 5)), ("", "5", (None, 5)), ("", "", (None, None))):
        for _ in range(2):
            fields: dict[str, Any] = {"annotator_id": first.id, "max_total": total, "max_a_day": a_day}
            assert post(client, path, **fields).status_code == 303
            member = session.get_one(QueueMember, (queue.id, first.id))
            assert (member.max_total, member.max_a_day) == stored
    assert session.get_one(QueueMember, (queue.id, second.id)).max_total is None


@pytest.mark.parametrize(
    ("wrong", "value", "words"),
    [("max_total", "0", "Enter 1 or more."), ("max_a_day", "many", "Enter a whole number.")],
)
def test_caps_that_can_not_be_are_to_be_corrected_where_they_were_typed(
    client: TestClient, session: Session, wrong: str, value: str, words: str
) -> None:
    queue, first, second = two_people(session)
    set_member_caps(session, queue.id, first.id, MemberCaps(max_total=40, max_a_day=4))
    enter_as_admin(client, session)
    typed: dict[str, Any] = {"max_total": "77", "max_a_day": "7", wrong: value}
    sent = post(client, f"/admin/queues/{queue.id}/caps", annotator_id=first.id, **typed)
    assert sent.status_code == 422
    assert sent.text.count(f'id="{wrong}-error">{words}<') == 1
    for prefix, name in (("total", "max_total"), ("day", "max_a_day")):
        assert f'id="{prefix}-{first.id}" name="{name}" type="number" value="{typed[name]}"' in sent.text
        assert f'id="{prefix}-{second.id}" name="{name}" type="number" value=""' in sent.text
    member = session.get_one(QueueMember, (queue.id, first.id), populate_existing=True)
    assert (member.max_total, member.max_a_day) == (40, 4)


def test_the_limits_of_nobody_are_refused(client: TestClient, session: Session) -> None:
    queue, _, _ = two_people(session)
    enter_as_admin(client, session)
    assert post(client, f"/admin/queues/{queue.id}/caps", annotator_id="x").status_code == 422


def test_someone_of_another_queue_is_not_found(client: TestClient, session: Session) -> None:
    _, first, _ = two_people(session)
    other, _, _ = two_people(session)
    enter_as_admin(client, session)
    path = f"/admin/queues/{other.id}/caps"
    assert post(client, path, annotator_id=first.id, max_total="1").status_code == 404


def test_an_unknown_queue_is_not_found(client: TestClient, session: Session) -> None:
    enter_as_admin(client, session)
    assert client.get("/admin/queues/999999/leases").status_code == 404
    assert post(client, "/admin/queues/999999/broken/1").status_code == 404
    assert post(client, "/admin/queues/999999/leases/1/release").status_code == 409


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ADJUDICATOR])
def test_all_of_it_is_for_admins(client: TestClient, session: Session, role: Role) -> None:
    queue, first, second = two_people(session)
    held = make.assignment(session, queue, first)
    enter(client, session, make.user(session, role=role))
    assert client.get(leases_path(queue)).status_code == 403
    lease = f"leases/{held.id}"
    for action in (f"{lease}/release", f"{lease}/reassign", f"broken/{held.item_id}", "caps"):
        answer = post(client, f"/admin/queues/{queue.id}/{action}", annotator_id=second.id, reason="None")
        assert answer.status_code == 403
    assert statuses(session, queue) == [(first.id, "open")]
