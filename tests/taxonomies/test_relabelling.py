"""A queue of just the items that a change of the taxonomy touches."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.db import now
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.models import Queue, QueueItem, QueueState
from app.queues.queries import member_ids
from tests import answer, make
from tests.browse import enter, post


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


@pytest.fixture
def queue(client: TestClient, session: Session, annotator: User) -> Queue:
    """Of four items: one called violent, one about drugs, one expected to be violent, one safe; with an admin
    signed in."""
    enter(client, session, make.user(session, role=Role.ADMIN))
    project = make.project(session)
    items = [make.item(session, project) for _ in range(4)]
    made = make.queue(session, project, overlap=1, members=(annotator,), max_at_once=7)
    said = [answer.harmful("Violence", "Drugs"), answer.harmful("Drugs"), answer.SAFE, answer.SAFE]
    labels = {item.id: label for item, label in zip(items, said, strict=True)}
    answer.all_safety(session, made, annotator, labels)
    expected = update(QueueItem).where(QueueItem.item_id == items[2].id)
    session.execute(expected.values(harm_mask=PKU.mask_of(["Violence"])))
    return made


def path_of(queue: Queue) -> str:
    return f"/admin/projects/{queue.project_id}/taxonomy/relabelling"


def newest_queue(session: Session) -> Queue:
    return session.scalars(select(Queue).order_by(Queue.id.desc()).limit(1)).one()


def item_ids(session: Session, queue: Queue) -> list[int]:
    items = select(QueueItem.item_id).where(QueueItem.queue_id == queue.id)
    return list(session.scalars(items.order_by(QueueItem.item_id)))


def asking(queue: Queue, *categories: str, name: str = "Violence again") -> dict[str, Any]:
    return {"queue_id": queue.id, "categories": list(categories), "name": name}


def test_it_holds_just_what_is_touched_and_is_otherwise_like_the_other(
    client: TestClient, session: Session, annotator: User, queue: Queue
) -> None:
    seen = post(client, f"{path_of(queue)}/preview", **asking(queue, "Violence"))
    assert "2 items are touched." in seen.text
    assert newest_queue(session).id == queue.id
    opened = post(client, path_of(queue), **asking(queue, "Violence"))
    made = newest_queue(session)
    assert opened.headers["location"] == f"/admin/queues/{made.id}"
    first, _, third, _ = item_ids(session, queue)
    assert item_ids(session, made) == [first, third]
    assert (made.name, made.state, made.overlap, made.max_at_once) == (
        *("Violence again", QueueState.PAUSED),
        *(1, 7),
    )
    assert member_ids(session, made.id) == {annotator.id}


def test_it_has_the_hours_of_the_other_and_not_its_end(
    client: TestClient, session: Session, queue: Queue
) -> None:
    queue.closes_at, queue.weekdays = now(), [1, 2]
    session.flush()
    assert post(client, path_of(queue), **asking(queue, "Drugs")).status_code == 303
    made = newest_queue(session)
    assert (made.closes_at, made.weekdays) == (None, [1, 2])


def test_what_the_newest_version_changed_is_ticked(
    client: TestClient, session: Session, queue: Queue
) -> None:
    taxonomy: dict[str, Any] = {
        "based_on": 1,
        "note": "Why",
        "definition_5": "Force.",
        "is_retired_6": "true",
    }
    post(client, f"/admin/projects/{queue.project_id}/taxonomy", **taxonomy)
    page = client.get(path_of(queue)).text
    ticked = [name for name in PKU.category_names if f'value="{name}" checked' in page]
    assert ticked == ["Violence", "Drugs"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"categories": []}, "categories"),
        ({"categories": ["Rudeness"]}, "categories"),
        ({"categories": ["Cybercrime"]}, "name"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_is_said_where_it_was_typed(
    client: TestClient, session: Session, queue: Queue, fields: dict[str, Any], wrong: str
) -> None:
    sent = post(client, path_of(queue), **(asking(queue, "Violence") | fields))
    assert sent.status_code == 422
    assert f'id="{wrong}-error"' in sent.text
    assert newest_queue(session).id == queue.id


def test_sent_twice_it_is_opened_once(client: TestClient, session: Session, queue: Queue) -> None:
    answers = [post(client, path_of(queue), **asking(queue, "Drugs")).status_code for _ in range(2)]
    assert answers == [303, 422]


def test_another_projects_queue_is_not_found(client: TestClient, session: Session, queue: Queue) -> None:
    elsewhere: Project = make.project(session)
    path = f"/admin/projects/{elsewhere.id}/taxonomy/relabelling"
    assert post(client, path, **asking(queue, "Drugs")).status_code == 404
