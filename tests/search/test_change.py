"""Many items changed at once: previewed, with a reason, once however often it is sent."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.adjudication.models import AdjudicationCase
from app.audit.models import AuditEntry
from app.items.models import Item
from app.projects.models import Project
from app.queues.models import Lane, Queue, QueueItem, QueuePurpose
from app.withdrawals.models import Withdrawal
from tests import make
from tests.browse import enter, post


@pytest.fixture
def project(client: TestClient, session: Session) -> Project:
    enter(client, session, make.user(session, role=Role.ADMIN))
    return make.project(session)


@pytest.fixture
def queue(session: Session, project: Project) -> Queue:
    """Empty: what it lacks is added by hand."""
    return make.queue(session, project)


def items(session: Session, project: Project, n: int) -> list[Item]:
    return [make.item(session, project) for _ in range(n)]


def preview(client: TestClient, project: Project, **fields: Any) -> Any:
    return post(client, f"/admin/projects/{project.id}/items/preview", reason="They matter", **fields)


def do(client: TestClient, project: Project, **fields: Any) -> int:
    path = f"/admin/projects/{project.id}/items/change"
    return post(client, path, reason="They matter", **fields).status_code


def n_of(session: Session, table: Any) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def n_entries(session: Session) -> int:
    reasoned = select(func.count()).select_from(AuditEntry).where(AuditEntry.reason == "They matter")
    return session.scalars(reasoned).one()


def test_ticked_items_come_into_a_queue_once(
    client: TestClient, session: Session, project: Project, queue: Queue
) -> None:
    first, second, _ = items(session, project, 3)
    chosen = {"ticked": [first.id, second.id], "change": "queue", "to_queue": queue.id, "priority": "2"}
    assert "2 items come into the queue" in preview(client, project, **chosen).text
    assert n_of(session, QueueItem) == 0
    assert [do(client, project, n_items=2, **chosen) for _ in range(2)] == [303, 303]
    lanes = session.execute(select(QueueItem.item_id, QueueItem.lane).order_by(QueueItem.item_id)).all()
    assert [tuple(row) for row in lanes] == [(first.id, Lane.HIGH), (second.id, Lane.HIGH)]
    assert n_entries(session) == 1


def test_all_that_was_found_is_what_is_found_now(
    client: TestClient, session: Session, project: Project, queue: Queue
) -> None:
    items(session, project, 2)
    chosen = {"of_all": "true", "filters": "status=in_no_queue", "change": "queue", "to_queue": queue.id}
    assert "2 items come into the queue" in preview(client, project, **chosen).text
    items(session, project, 1)
    assert do(client, project, n_items=2, **chosen) == 409
    assert n_of(session, QueueItem) == 0
    assert do(client, project, n_items=3, **chosen) == 303
    assert n_of(session, QueueItem) == 3
    assert do(client, project, n_items=3, **chosen) == 409


def test_items_of_another_kind_stay_out(
    client: TestClient, session: Session, project: Project, queue: Queue
) -> None:
    pair, response_set = make.item(session, project), make.item(session, project, responses=("a", "b"))
    chosen = {"ticked": [pair.id, response_set.id], "change": "queue", "to_queue": queue.id}
    told = preview(client, project, **chosen).text
    assert "1 item comes into the queue" in told
    assert "another kind" in told


def test_items_go_to_adjudicators_once(client: TestClient, session: Session, project: Project) -> None:
    first, _, third = items(session, project, 3)
    queue = make.queue(session, project)
    (outside,) = items(session, project, 1)
    chosen = {
        "ticked": [first.id, third.id, outside.id],
        "change": "adjudication",
        "to_queue": queue.id,
    }
    told = preview(client, project, **chosen).text
    assert "2 items of" in told
    assert "are not in the queue" in told
    assert [do(client, project, n_items=3, **chosen) for _ in range(2)] == [303, 303]
    assert n_of(session, AdjudicationCase) == 2
    assert n_entries(session) == 1
    assert "Nothing would change" in preview(client, project, **chosen).text


def test_responses_are_withdrawn_once(client: TestClient, session: Session, project: Project) -> None:
    item = make.item_with_pairs(session, project, responses=("one", "two"))
    chosen = {"ticked": [item.id], "change": "withdrawal"}
    told = preview(client, project, **chosen).text
    assert "2 responses are withdrawn" in told
    assert "<dd>3</dd>" in told
    assert [do(client, project, n_items=1, **chosen) for _ in range(2)] == [303, 303]
    assert n_of(session, Withdrawal) == 2
    assert n_entries(session) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"change": "queue", "ticked": [1]},
        {"change": "withdrawal"},
        {"change": "burn", "ticked": [1]},
        {"change": "withdrawal", "ticked": ["x"]},
        {"change": "withdrawal", "ticked": list(range(1, 102))},
    ],
)
def test_what_is_not_whole_is_to_be_corrected(
    client: TestClient, project: Project, fields: dict[str, Any]
) -> None:
    assert preview(client, project, **fields).status_code == 422
    assert do(client, project, n_items=1, **fields) == 422


def test_a_queue_must_be_of_the_project_and_for_production(
    client: TestClient, session: Session, project: Project
) -> None:
    item = make.item(session, project)
    elsewhere = make.queue(session, make.project(session))
    exam = make.exam(session, project, n_items=1, purpose=QueuePurpose.EXAM)
    chosen = {"ticked": [item.id], "change": "queue"}
    assert preview(client, project, to_queue=elsewhere.id, **chosen).status_code == 404
    assert preview(client, project, to_queue=exam.id, **chosen).status_code == 422
    assert do(client, project, to_queue=exam.id, n_items=1, **chosen) == 422


def test_items_of_other_projects_are_none(client: TestClient, session: Session, project: Project) -> None:
    foreign = make.item(session, make.project(session))
    assert do(client, project, ticked=[foreign.id], change="withdrawal", n_items=1) == 409
    assert n_of(session, Withdrawal) == 0


def test_too_many_are_refused(
    client: TestClient, session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    items(session, project, 3)
    monkeypatch.setattr("app.search.changes.MOST_ITEMS", {"withdrawal": 2})
    told = preview(client, project, of_all="true", change="withdrawal")
    assert told.status_code == 422
    assert "narrow the search" in told.text
