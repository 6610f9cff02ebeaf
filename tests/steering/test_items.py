"""The page of a queue's items: which there are, and changing them as a set."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.models import ItemConsensus
from app.assignments.models import SkipReason
from app.items import queries
from app.items.actions import start_import
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.models import HeldFor, Lane, Queue, QueueItem
from app.steering import items
from app.steering.forms import ItemFilters, Standing
from app.steering.items import page_of_items
from tests import answer, make
from tests.browse import enter, post

REASON = "Asked for by the client"


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


@pytest.fixture
def queue(session: Session, project: Project, annotator: User) -> Queue:
    for _ in range(5):
        make.item(session, project)
    return make.queue(session, project, overlap=1, members=(annotator,))


def ids_of(session: Session, queue: Queue) -> list[int]:
    ids = select(QueueItem.item_id).where(QueueItem.queue_id == queue.id)
    return list(session.scalars(ids.order_by(QueueItem.item_id)))


def found(session: Session, queue: Queue, **filters: Any) -> list[int]:
    wanted = ItemFilters.model_validate(filters, context=PKU.category_names)
    return [each.item_id for each in page_of_items(session, queue, wanted, 0, 50)]


def change(session: Session, queue: Queue, item_id: int, **values: Any) -> None:
    session.execute(
        update(QueueItem).where(QueueItem.queue_id == queue.id, QueueItem.item_id == item_id).values(**values)
    )


def test_items_are_found_by_how_they_stand(session: Session, queue: Queue, annotator: User) -> None:
    done = make.assignment(session, queue, annotator)
    answer.safety(session, done)
    broken = make.assignment(session, queue, annotator)
    answer.skip(session, broken, SkipReason.BROKEN_ITEM)
    held = make.assignment(session, queue, annotator)
    waiting, still_open = (
        each for each in ids_of(session, queue) if each not in {done.item_id, broken.item_id, held.item_id}
    )
    change(session, queue, waiting, held_for=HeldFor.SAFETY)
    expected = {
        Standing.DONE: done.item_id,
        Standing.BROKEN: broken.item_id,
        Standing.IN_WORK: held.item_id,
        Standing.WAITING: waiting,
        Standing.OPEN: still_open,
    }
    for standing, item_id in expected.items():
        assert found(session, queue, standing=standing.value) == [item_id]
    listed = {each.item_id: each for each in page_of_items(session, queue, ItemFilters(), 0, 50)}
    assert {each.standings[0]: item_id for item_id, each in listed.items()} == expected
    change(session, queue, still_open, overlap=0)
    assert found(session, queue, standing="gold") == [still_open]


def test_items_are_found_by_what_is_known_of_them(session: Session, queue: Queue, project: Project) -> None:
    first, second, third, *_rest = ids_of(session, queue)
    change(session, queue, first, harm_mask=PKU.mask_of(["Violence"]), severity_prior=3)
    change(session, queue, second, harm_mask=PKU.mask_of(["Violence", "Drugs"]), lane=Lane.LOW)
    session.add(
        ItemConsensus(
            queue_id=queue.id, dimension="safety", item_id=third, n_answers=2, certainty=0.6, posterior=[0.6]
        )
    )
    session.flush()
    assert found(session, queue, category="Violence") == [first, second]
    assert found(session, queue, category="Violence", severity="3") == [first]
    assert found(session, queue, priority="4") == [second]
    assert found(session, queue, below="0.7") == [third]
    assert found(session, queue, source="model-a") == ids_of(session, queue)
    assert found(session, queue, source="another") == []


def brought(session: Session, project: Project, item_ids: list[int]) -> int:
    """An import that brought these."""
    made = start_import(session, project.id, "tea.jsonl", 10)
    made.first_item_id, made.last_item_id = item_ids[0], item_ids[-1]
    session.flush()
    return made.id


def test_items_are_found_by_the_import_that_brought_them(
    client: TestClient, session: Session, queue: Queue, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_ids = ids_of(session, queue)
    first, later = (brought(session, project, ids) for ids in (item_ids[:2], item_ids[2:]))
    elsewhere = brought(session, make.project(session), item_ids)
    empty = start_import(session, project.id, "empty.jsonl", 10).id
    change(session, queue, item_ids[3], severity_prior=2)
    for first_look in (items.FIRST_LOOK, 1):
        monkeypatch.setattr(items, "FIRST_LOOK", first_look)
        assert found(session, queue, brought_by=first) == item_ids[:2]
        assert found(session, queue, brought_by=later) == item_ids[2:]
        assert found(session, queue, brought_by=later, severity="2") == [item_ids[3]]
        assert found(session, queue, brought_by=first, severity="2") == []
        for none in (elsewhere, empty, 999999):
            assert found(session, queue, brought_by=none) == []
    page = page_of_items(session, queue, ItemFilters(brought_by=later), item_ids[2], 1)
    assert [each.item_id for each in page] == [item_ids[3]]
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/items"
    assert f'<option value="{first}" selected>tea.jsonl</option>' in (
        client.get(path, params={"brought_by": first}).text
    )
    assert "empty.jsonl" not in client.get(path).text
    wanted: dict[str, Any] = {
        "brought_by": first,
        "change": "priority",
        "new_priority": "4",
        "reason": REASON,
    }
    assert "2 items get the priority “low”" in post(client, f"{path}/preview", **wanted).text
    assert post(client, f"{path}/change", **wanted, n_items=2).status_code == 303
    assert found(session, queue, priority="4") == item_ids[:2]


def test_an_import_that_is_chosen_is_offered_however_old(
    client: TestClient, session: Session, queue: Queue, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    oldest = brought(session, project, ids_of(session, queue))
    monkeypatch.setattr(queries, "MOST_IMPORTS_SHOWN", 2)
    for _ in range(2):
        brought(session, project, ids_of(session, queue))
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/items"
    assert f'<option value="{oldest}"' not in client.get(path).text
    assert f'<option value="{oldest}" selected>' in client.get(path, params={"brought_by": oldest}).text


def test_pages_follow_each_other_whatever_is_looked_for(
    session: Session, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_ids = ids_of(session, queue)
    change(session, queue, item_ids[0], severity_prior=2)
    change(session, queue, item_ids[4], severity_prior=2)
    monkeypatch.setattr(items, "FIRST_LOOK", 2)
    for filters, expected in (
        (ItemFilters(), item_ids),
        (ItemFilters(severity=2), [item_ids[0], item_ids[4]]),
    ):
        seen: list[int] = []
        while page := page_of_items(session, queue, filters, seen[-1] if seen else 0, 1):
            seen += [each.item_id for each in page]
        assert seen == expected


def enter_as_admin(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))


def test_a_filtered_set_gets_another_priority(client: TestClient, session: Session, queue: Queue) -> None:
    first, second, *_rest = ids_of(session, queue)
    for item_id in (first, second):
        change(session, queue, item_id, harm_mask=PKU.mask_of(["Violence"]))
    change(session, queue, second, lane=Lane.HIGH)
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/items"
    page = client.get(path, params={"category": "Violence"}).text
    assert f'href="/admin/items/{first}"' in page
    assert f'href="/admin/items/{second}"' in page
    wanted: dict[str, Any] = {
        "category": "Violence",
        "change": "priority",
        "new_priority": "2",
        "reason": REASON,
    }
    shown = post(client, f"{path}/preview", **wanted)
    assert (shown.status_code, "1 item gets the priority “high”" in shown.text) == (200, True)
    assert "1 item has it already, and stays as it is." in shown.text
    assert session.get_one(QueueItem, (queue.id, first)).lane == Lane.NORMAL
    for _ in range(2):
        changed = post(client, f"{path}/change", **wanted, n_items="1")
        assert (changed.status_code, changed.headers["location"]) == (303, f"{path}?category=Violence")
    session.expire_all()
    assert session.get_one(QueueItem, (queue.id, first)).lane == Lane.HIGH


def test_a_filtered_set_goes_to_another_queue(
    client: TestClient, session: Session, project: Project, queue: Queue, annotator: User
) -> None:
    target = make.queue(session, project)
    before = ids_of(session, queue)
    session.execute(delete(QueueItem).where(QueueItem.queue_id == target.id))
    answered = make.assignment(session, queue, annotator)
    answer.safety(session, answered)
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/items"
    wanted: dict[str, Any] = {"change": "move", "target_id": str(target.id), "reason": REASON}
    shown = post(client, f"{path}/preview", **wanted).text
    assert "already" not in shown
    assert "4 items go to the other queue" in shown
    assert "1 that has answers" in shown
    assert post(client, f"{path}/change", **wanted, n_items="3").status_code == 409
    assert ids_of(session, queue) == before
    assert post(client, f"{path}/change", **wanted, n_items="4").status_code == 303
    assert ids_of(session, queue) == [answered.item_id]
    assert len(ids_of(session, target)) == 4


def test_a_set_that_is_too_large_is_changed_in_parts(
    client: TestClient, session: Session, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "MOST_AT_ONCE", 3)
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/items"
    wanted: dict[str, Any] = {"change": "priority", "new_priority": "4", "reason": REASON}
    for n_items, is_part in ((3, True), (2, False)):
        shown = post(client, f"{path}/preview", **wanted).text
        assert f"{n_items} items get the priority “low”" in shown
        assert ("There are more" in shown) == is_part
        assert post(client, f"{path}/change", **wanted, n_items=str(n_items)).status_code == 303
    assert found(session, queue, priority="4") == ids_of(session, queue)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"change": "priority", "new_priority": "2", "reason": " "}, 422),
        ({"change": "priority", "new_priority": "", "reason": REASON}, 422),
        ({"change": "move", "reason": REASON}, 422),
        ({"change": "move", "target_id": "999999", "reason": REASON}, 422),
        ({"change": "explode", "reason": REASON}, 422),
        ({"change": "priority", "new_priority": "2", "reason": REASON, "severity": "9"}, 422),
        ({}, 422),
    ],
)
def test_what_can_not_be_is_refused(
    client: TestClient, session: Session, queue: Queue, fields: dict[str, str], status: int
) -> None:
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/items"
    for action in ("preview", "change"):
        assert client_post(client, f"{path}/{action}", fields) == status
    assert client.get(path, params={"severity": "9"}).status_code == 422
    assert client.get(path, params={"category": "Weather"}).status_code == 422
    assert client.get(path, params={"after": "nine"}).status_code == 404
    assert client.get(path, params={"after": 10**30}).status_code == 200


def client_post(client: TestClient, path: str, fields: dict[str, Any]) -> int:
    return post(client, path, **fields).status_code


def test_nobody_but_an_admin_sees_or_changes_them(client: TestClient, session: Session, queue: Queue) -> None:
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    path = f"/admin/queues/{queue.id}/items"
    assert client.get(path).status_code == 403
    for action in ("preview", "change"):
        assert post(client, f"{path}/{action}", change="priority").status_code == 403
    enter_as_admin(client, session)
    assert client.get("/admin/queues/999999/items").status_code == 404
