"""Making a queue puts the project's items of its kind into it, in an order that its seed decides."""

from collections import Counter
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.items.models import Item, ItemKind
from app.projects.pku import PKU
from app.queues.actions import QueueNameTaken, create_queue, fill_queue
from app.queues.forms import NewQueue
from app.queues.models import Queue, QueueItem, QueueKind, QueueOrder, QueueState
from tests import make
from tests.browse import enter, post


def item_ids(session: Session, queue: Queue) -> list[int]:
    """In the queue's order."""
    return list(
        session.scalars(
            select(QueueItem.item_id).where(QueueItem.queue_id == queue.id).order_by(QueueItem.pos)
        )
    )


def new_queue(name: str = "Queue", kind: QueueKind = QueueKind.SAFETY) -> NewQueue:
    return NewQueue(name=name, kind=kind)


def test_it_takes_the_items_of_its_kind_and_project_alone(session: Session) -> None:
    project = make.project(session)
    pairs = {make.item(session, project).id for _ in range(3)}
    sets = {make.item(session, project, responses=("A.", "B.")).id for _ in range(2)}
    make.item(session, make.project(session))
    for kind, expected in ((QueueKind.SAFETY, pairs), (QueueKind.DUAL, sets), (QueueKind.SINGLE, sets)):
        assert set(item_ids(session, make.queue(session, project, kind=kind))) == expected


def test_the_same_seed_gives_the_same_order_and_another_seed_another(session: Session) -> None:
    project = make.project(session)
    for _ in range(30):
        make.item(session, project)
    first, again, other = (
        item_ids(session, create_queue(session, project.id, new_queue(name), seed))
        for name, seed in (("First", 1), ("Again", 1), ("Other", 2))
    )
    assert first == again != other
    assert sorted(first) == sorted(other) != first


def test_filling_again_adds_new_items_behind_and_keeps_the_rest(session: Session) -> None:
    project = make.project(session)
    for _ in range(5):
        make.item(session, project)
    queue = make.queue(session, project)
    before = item_ids(session, queue)
    assert fill_queue(session, queue.id) == 0
    added = {make.item(session, project).id for _ in range(5)}
    assert fill_queue(session, queue.id) == 5
    after = item_ids(session, queue)
    assert after[:5] == before
    assert set(after[5:]) == added


def test_a_name_is_used_once_in_a_project(session: Session) -> None:
    project = make.project(session)
    create_queue(session, project.id, new_queue("Same"), seed=1)
    with pytest.raises(QueueNameTaken):
        create_queue(session, project.id, new_queue("Same"), seed=1)
    create_queue(session, make.project(session).id, new_queue("Same"), seed=1)


def test_an_admin_makes_one_on_the_page_and_it_begins_paused(client: TestClient, session: Session) -> None:
    project = make.project(session)
    make.item(session, project)
    enter(client, session, make.user(session, role=Role.ADMIN))
    fields: dict[str, Any] = {"name": " Round 1 ", "kind": "safety", "overlap": "2", "lease_minutes": "15"}
    answer = post(client, f"/admin/projects/{project.id}/queues", **fields)
    queue = session.scalars(select(Queue).where(Queue.project_id == project.id)).one()
    assert answer.headers["location"] == f"/admin/queues/{queue.id}"
    assert (queue.name, queue.overlap, queue.lease_minutes) == ("Round 1", 2, 15)
    assert queue.state == QueueState.PAUSED
    assert len(item_ids(session, queue)) == 1


def test_sent_twice_it_is_made_once_and_the_form_comes_back(client: TestClient, session: Session) -> None:
    project = make.project(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/projects/{project.id}/queues"
    post(client, path, name="Round 1", kind="dual", overlap="5", lease_minutes="15")
    answer = post(client, path, name="Round 1", kind="dual", overlap="5", lease_minutes="15")
    assert answer.status_code == 422
    assert "already has a queue named Round 1" in answer.text
    assert 'value="dual" required checked' in answer.text
    assert 'value="5"' in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("overlap", "0"), ("overlap", "51"), ("lease_minutes", "0"), ("kind", "duel"), ("name", " ")],
)
def test_what_can_not_be_is_marked_at_its_field(
    client: TestClient, session: Session, field: str, value: str
) -> None:
    project = make.project(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    fields: dict[str, Any] = {"name": "Queue", "kind": "safety", "overlap": "3", "lease_minutes": "30"}
    answer = post(client, f"/admin/projects/{project.id}/queues", **fields | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert session.scalar(select(Queue.id).where(Queue.project_id == project.id)) is None


def test_the_add_items_button_may_be_pressed_twice(client: TestClient, session: Session) -> None:
    project = make.project(session)
    queue = make.queue(session, project)
    make.item(session, project)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for _ in range(2):
        assert post(client, f"/admin/queues/{queue.id}/items").status_code == 303
    assert len(item_ids(session, queue)) == 1


def test_the_seed_differs_from_queue_to_queue(client: TestClient, session: Session) -> None:
    project = make.project(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for name in ("One", "Two"):
        post(client, f"/admin/projects/{project.id}/queues", name=name, kind="safety")
    seeds = session.scalars(select(Queue.seed).where(Queue.project_id == project.id)).all()
    assert len(set(seeds)) == 2


def test_progress_counts_places_and_finished_items(client: TestClient, session: Session) -> None:
    project = make.project(session)
    for _ in range(4):
        make.item(session, project)
    queue = make.queue(session, project, overlap=2)
    first = item_ids(session, queue)[0]
    session.execute(update(QueueItem).where(QueueItem.item_id == first).values(n_assigned=2, n_submitted=2))
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = client.get(f"/admin/queues/{queue.id}").text
    assert '<progress value="2" max="8"' in page
    assert "<strong>1 of 4 items finished</strong>" in page


def test_as_imported_keeps_the_order_of_the_items(session: Session) -> None:
    project = make.project(session)
    made = [make.item(session, project).id for _ in range(6)]
    assert item_ids(session, make.queue(session, project, item_order=QueueOrder.IMPORTED)) == made


def test_stratified_mixes_models_and_expected_categories_evenly_all_the_way(session: Session) -> None:
    project = make.project(session)
    stratum_of = {}
    for source, n in (("model-a", 12), ("model-b", 6), ("model-c", 3)):
        for _ in range(n):
            stratum_of[make.item(session, project, sources=(source,)).id] = source
    violent = [item_id for item_id, source in stratum_of.items() if source == "model-a"][:6]
    for item_id in violent:
        make.reference_safety(session, item_id, ["Violence"], 3)
        stratum_of[item_id] = "violent"
    order = item_ids(session, make.queue(session, project, item_order=QueueOrder.STRATIFIED))
    for third in (order[:7], order[7:14], order[14:]):
        counts = Counter(stratum_of[item_id] for item_id in third)
        assert counts == {"model-a": 2, "violent": 2, "model-b": 2, "model-c": 1}


def test_what_came_with_an_item_is_what_is_expected_of_it(session: Session) -> None:
    project = make.project(session)
    pair_set = make.item_with_pairs(session, project, responses=("One.", "Two."))
    first, second = session.scalars(
        select(Item.id).where(Item.project_id == project.id, Item.kind == ItemKind.QA_PAIR).order_by(Item.id)
    )
    make.reference_safety(session, first, ["Violence"], 1)
    make.reference_safety(session, second, ["Drugs", "Cybercrime"], 3)
    for kind, expected in (
        (QueueKind.SAFETY, {first: (["Violence"], 1), second: (["Drugs", "Cybercrime"], 3)}),
        (QueueKind.DUAL, {pair_set.id: (["Violence", "Drugs", "Cybercrime"], 3)}),
    ):
        queue = make.queue(session, project, kind=kind)
        rows = session.execute(
            select(QueueItem.item_id, QueueItem.harm_mask, QueueItem.severity_prior).where(
                QueueItem.queue_id == queue.id
            )
        )
        found = {item_id: (mask, severity) for item_id, mask, severity in rows}
        assert found == {item: (PKU.mask_of(names), severity) for item, (names, severity) in expected.items()}
