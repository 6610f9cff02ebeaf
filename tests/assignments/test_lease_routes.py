"""What the workspace says of its lease: still at work, left, given back."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.actions import expire_leases
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.routes import SECONDS_AFTER_LEAVING
from app.queues.models import Queue
from tests import answer, make
from tests.browse import enter, post

ACTIONS = ("heartbeat", "leave", "release")


def one_item(session: Session, *, n_people: int = 2) -> tuple[Queue, list[User], Assignment]:
    """A queue whose only item, with one place, the first of its members holds."""
    project = make.project(session)
    make.item(session, project)
    people = [make.user(session) for _ in range(n_people)]
    queue = make.queue(session, project, overlap=1, members=tuple(people))
    return queue, people, make.assignment(session, queue, people[0])


def path(assignment: Assignment, action: str) -> str:
    return f"/annotate/assignments/{assignment.id}/{action}"


def set_seconds_left(session: Session, assignment: Assignment, seconds: int) -> None:
    ends_at = func.now() + timedelta(seconds=seconds)
    session.execute(update(Assignment).where(Assignment.id == assignment.id).values(expires_at=ends_at))


def seconds_left(session: Session, assignment: Assignment) -> int:
    times = select(Assignment.expires_at, func.now()).where(Assignment.id == assignment.id)
    expires_at, moment = session.execute(times).one()
    return int((expires_at - moment).total_seconds())


def status(session: Session, assignment: Assignment) -> str:
    return session.scalars(select(Assignment.status).where(Assignment.id == assignment.id)).one()


def test_a_beat_begins_the_lease_anew(client: TestClient, session: Session) -> None:
    queue, people, assignment = one_item(session)
    set_seconds_left(session, assignment, 90)
    enter(client, session, people[0])
    for _ in range(2):
        beaten = post(client, path(assignment, "heartbeat"), htmx=True)
        assert (beaten.status_code, beaten.text) == (204, "")
        assert seconds_left(session, assignment) == queue.lease_minutes * 60


def test_a_beat_opens_a_lease_again_whose_place_is_still_free(client: TestClient, session: Session) -> None:
    queue, people, assignment = one_item(session)
    set_seconds_left(session, assignment, -1)
    expire_leases(session, queue.id)
    enter(client, session, people[0])
    assert post(client, path(assignment, "heartbeat"), htmx=True).status_code == 204
    assert status(session, assignment) == AssignmentStatus.OPEN


def test_a_beat_for_a_place_that_others_have_is_told_in_the_notice(
    client: TestClient, session: Session
) -> None:
    queue, people, assignment = one_item(session)
    set_seconds_left(session, assignment, -1)
    expire_leases(session, queue.id)
    make.assignment(session, queue, people[1])
    enter(client, session, people[0])
    refused = post(client, path(assignment, "heartbeat"), htmx=True)
    assert (refused.status_code, refused.headers["hx-retarget"]) == (409, "#notice")
    assert "others have its places now" in refused.text
    assert status(session, assignment) == AssignmentStatus.EXPIRED


def test_leaving_lets_the_lease_end_soon(client: TestClient, session: Session) -> None:
    _, people, assignment = one_item(session)
    enter(client, session, people[0])
    for _ in range(2):
        assert post(client, path(assignment, "leave")).status_code == 204
        assert seconds_left(session, assignment) == SECONDS_AFTER_LEAVING


def test_leaving_does_not_make_a_lease_longer(client: TestClient, session: Session) -> None:
    _, people, assignment = one_item(session)
    set_seconds_left(session, assignment, 20)
    enter(client, session, people[0])
    post(client, path(assignment, "leave"))
    assert seconds_left(session, assignment) == 20


def test_leaving_after_the_answer_does_nothing(client: TestClient, session: Session) -> None:
    _, people, assignment = one_item(session)
    answer.safety(session, assignment)
    enter(client, session, people[0])
    assert post(client, path(assignment, "leave")).status_code == 204
    assert status(session, assignment) == AssignmentStatus.SUBMITTED


def test_an_item_given_back_goes_to_whoever_comes_next(client: TestClient, session: Session) -> None:
    queue, people, assignment = one_item(session)
    enter(client, session, people[0])
    assert make.claim(session, queue, people[1]) is None
    for _ in range(2):
        given = post(client, path(assignment, "release"))
        assert (given.status_code, given.headers["location"]) == (303, "/annotate")
        assert status(session, assignment) == AssignmentStatus.RELEASED
    assert make.assignment(session, queue, people[1]).item_id == assignment.item_id


def test_giving_back_after_the_answer_does_nothing(client: TestClient, session: Session) -> None:
    _, people, assignment = one_item(session)
    answer.safety(session, assignment)
    enter(client, session, people[0])
    assert post(client, path(assignment, "release")).status_code == 303
    assert status(session, assignment) == AssignmentStatus.SUBMITTED


@pytest.mark.parametrize("action", ACTIONS)
def test_the_lease_of_someone_else_is_not_found(client: TestClient, session: Session, action: str) -> None:
    _, people, assignment = one_item(session)
    before = seconds_left(session, assignment)
    enter(client, session, people[1])
    assert post(client, path(assignment, action)).status_code == 404
    assert (status(session, assignment), seconds_left(session, assignment)) == ("open", before)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_admin_has_no_leases(client: TestClient, session: Session, action: str) -> None:
    _, _, assignment = one_item(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, path(assignment, action)).status_code == 403
    assert status(session, assignment) == AssignmentStatus.OPEN


def test_the_workspace_beats_at_least_three_times_a_lease(client: TestClient, session: Session) -> None:
    queue, people, assignment = one_item(session)
    enter(client, session, people[0])
    for minutes, seconds in ((30, 60), (3, 60), (1, 20)):
        session.execute(update(Queue).where(Queue.id == queue.id).values(lease_minutes=minutes))
        page = client.get(f"/annotate/queues/{queue.id}").text
        assert f'hx-post="{path(assignment, "heartbeat")}"' in page
        assert f'data-leave="{path(assignment, "leave")}" data-seconds="{seconds}"' in page


def test_skips_in_a_row_are_counted_on_the_page(client: TestClient, session: Session) -> None:
    project = make.project(session)
    for _ in range(3):
        make.item(session, project)
    annotator = make.user(session)
    queue = make.queue(session, project, members=(annotator,))
    enter(client, session, annotator)
    held = make.assignment(session, queue, annotator)
    assert "skips in a row" not in client.get(f"/annotate/queues/{queue.id}").text
    post(client, path(held, "skip"), reason="cannot_judge")
    assert "1 of 10 skips in a row used" in client.get(f"/annotate/queues/{queue.id}").text
