"""A queue is cloned: its settings, and of its items and members what is wanted."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.check import check_queue
from app.assignments.models import SkipReason
from app.assignments.moves import set_priority
from app.audit.models import Action, AuditEntry
from app.queues.cloning import Clone, ClonedItems, clone_queue
from app.queues.forms import MemberCaps, settings_of
from app.queues.members import set_member_caps
from app.queues.models import HeldFor, Lane, Queue, QueueItem, QueueKind, QueueMember, QueueState
from app.queues.queries import member_ids
from tests import answer, make
from tests.browse import enter, post


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(3)]


@pytest.fixture
def queue(session: Session, people: list[User]) -> Queue:
    project = make.project(session)
    for _ in range(4):
        make.item(session, project)
    return make.queue(
        session, project, overlap=1, max_overlap=3, threshold=0.9, gold_every=20, members=tuple(people)
    )


def in_order(session: Session, queue: Queue) -> list[int]:
    ids = select(QueueItem.item_id).where(QueueItem.queue_id == queue.id)
    return list(session.scalars(ids.order_by(QueueItem.lane, QueueItem.pos)))


def clone(session: Session, queue: Queue, **wanted: Any) -> Queue:
    return clone_queue(session, queue.id, Clone.model_validate({"name": "Again"} | wanted), seed=8)


def test_it_has_the_settings_and_is_paused(session: Session, queue: Queue) -> None:
    made = clone(session, queue)
    assert settings_of(made) == settings_of(queue) | {"name": "Again"}
    assert (made.kind, made.item_order, made.state) == (queue.kind, queue.item_order, QueueState.PAUSED)
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.queue_id == made.id, AuditEntry.action == Action.CREATED)
    ).one()
    assert entry.after is not None
    assert entry.after["clone_of"] == queue.id


def test_its_items_begin_anew_in_the_same_order(session: Session, queue: Queue, people: list[User]) -> None:
    first, second, *_rest = in_order(session, queue)
    set_priority(session, queue.id, [second], Lane.HIGH)
    done = make.assignment(session, queue, people[0])
    assert done.item_id == second
    answer.safety(session, done)
    broken = make.assignment(session, queue, people[0])
    assert broken.item_id == first
    answer.skip(session, broken, SkipReason.BROKEN_ITEM)
    before = in_order(session, queue)
    for items, left_out in (
        (ClonedItems.ALL, {first}),
        (ClonedItems.UNFINISHED, {first, second}),
        (ClonedItems.NONE, set(before)),
    ):
        made = clone(session, queue, name=items.value, items=items.value)
        assert in_order(session, made) == [each for each in before if each not in left_out]
        places = session.scalars(select(QueueItem).where(QueueItem.queue_id == made.id)).all()
        assert {(place.overlap, place.n_assigned) for place in places} <= {(1, 0)}
        assert check_queue(session, made.id) == []


def test_the_members_that_are_ticked_come_along_with_their_own_caps(
    session: Session, queue: Queue, people: list[User]
) -> None:
    set_member_caps(session, queue.id, people[1].id, MemberCaps(max_a_day=7))
    made = clone(session, queue, annotator_ids=[people[0].id, people[1].id])
    assert member_ids(session, made.id) == {people[0].id, people[1].id}
    assert session.get_one(QueueMember, (made.id, people[1].id)).max_a_day == 7


def test_its_sets_wait_for_labels_where_those_of_the_queue_do(session: Session) -> None:
    project = make.project(session)
    make.item(session, project, responses=("A.", "B."))
    queue = make.queue(session, project, kind=QueueKind.DUAL, waits_for_safety=True)
    made = clone(session, queue)
    place = session.scalars(select(QueueItem).where(QueueItem.queue_id == made.id)).one()
    assert (made.waits_for_safety, place.held_for) == (True, HeldFor.SAFETY)


def test_an_exam_is_cloned_without_items(session: Session) -> None:
    exam = make.exam(session, make.project(session), n_items=2)
    made = clone(session, exam)
    assert (made.purpose, made.grants, in_order(session, made)) == (exam.purpose, exam.grants, [])


def test_the_page_clones_once_a_name(
    client: TestClient, session: Session, queue: Queue, people: list[User]
) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/queues/{queue.id}/clone"
    page = client.get(path).text
    assert page.count('name="annotator_ids"') == 3
    fields: dict[str, Any] = {"name": "Second", "items": "all", "annotator_ids": [people[0].id, people[2].id]}
    made = post(client, path, **fields)
    new = session.scalars(select(Queue).where(Queue.name == "Second")).one()
    assert (made.status_code, made.headers["location"]) == (303, f"/admin/queues/{new.id}")
    assert len(in_order(session, new)) == 4
    again = post(client, path, **fields)
    assert (again.status_code, 'id="name-error"' in again.text) == (422, True)
    assert post(client, path, **fields | {"name": "Third", "items": "some"}).status_code == 422


def test_all_items_are_offered_first_and_no_error_said(
    client: TestClient, session: Session, queue: Queue
) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    shown = client.get(f"/admin/queues/{queue.id}/clone").text
    assert 'value="all" checked' in shown
    assert "field-error" not in shown


def test_nobody_but_an_admin_clones(client: TestClient, session: Session, queue: Queue) -> None:
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    path = f"/admin/queues/{queue.id}/clone"
    assert (client.get(path).status_code, post(client, path, name="Mine").status_code) == (403, 403)
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, "/admin/queues/999999/clone", name="Mine").status_code == 404
