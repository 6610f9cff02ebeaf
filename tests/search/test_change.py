"""Many items changed at once: previewed, with a reason, once however often it is sent."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.adjudication.models import AdjudicationCase
from app.agreement.queries import Ids, finished_answers
from app.assignments.check import check_queue
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.moves import set_priority
from app.audit.models import AuditEntry
from app.gold.models import GoldItem, GoldSource
from app.items.models import Item
from app.projects.models import Project
from app.queues.models import Dimension, Lane, Queue, QueueItem, QueueMember, QueuePurpose, QueueState
from app.voids.queries import past_voidings
from app.withdrawals.models import Withdrawal
from tests import answer, make
from tests.adjudication import cases
from tests.browse import enter, post

VIOLENT = cases.harmful()


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


def answered(session: Session, project: Project) -> tuple[Queue, tuple[User, User]]:
    """Two items, which the one calls harmful and the other safe."""
    labels = [answer.harmful("Violence"), answer.SAFE]
    queue = cases.labelled_queue(session, labels, labels, project=project)
    first, second = session.scalars(
        select(User).join(QueueMember).where(QueueMember.queue_id == queue.id).order_by(User.id)
    )
    return queue, (first, second)


def n_voided(session: Session) -> int:
    voided = select(func.count()).where(Assignment.status == AssignmentStatus.VOIDED)
    return session.scalars(voided).one()


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


def test_items_get_another_priority_in_the_order_of_their_turns(
    client: TestClient, session: Session, project: Project
) -> None:
    first, second, third = items(session, project, 3)
    queue = make.queue(session, project, item_order="imported")
    set_priority(session, queue.id, [third.id], Lane.LOW)
    (outside,) = items(session, project, 1)
    chosen = {
        "ticked": [outside.id, third.id, second.id, first.id],
        "change": "priority",
        "to_queue": queue.id,
        "priority": "4",
    }
    told = preview(client, project, **chosen).text
    assert "2 items of" in told
    assert "have this priority already" in told
    assert "are not in the queue" in told
    assert [do(client, project, n_items=4, **chosen) for _ in range(2)] == [303, 303]
    turns = select(QueueItem.item_id).where(QueueItem.lane == Lane.LOW).order_by(QueueItem.pos)
    assert session.scalars(turns).all() == [third.id, first.id, second.id]
    assert n_entries(session) == 1


def test_a_closed_queue_changes_nothing(client: TestClient, session: Session, project: Project) -> None:
    (item,) = items(session, project, 1)
    queue = make.queue(session, project)
    queue.state = QueueState.CLOSED
    session.flush()
    chosen = {"ticked": [item.id], "change": "priority", "to_queue": queue.id, "priority": "2"}
    assert preview(client, project, **chosen).status_code == 409
    assert do(client, project, n_items=1, **chosen) == 409


def test_what_adjudicators_decided_becomes_gold_once(
    client: TestClient, session: Session, project: Project
) -> None:
    queue = cases.labelled_queue(session, [answer.SAFE, answer.harmful("Violence")])
    project = session.get_one(Project, queue.project_id)
    cases.opened(session, queue)
    decided = cases.settle(session, queue, VIOLENT)
    make.item(session, project)
    chosen: dict[str, Any] = {"of_all": "true", "change": "gold", "to_queue": queue.id}
    told = preview(client, project, **chosen).text
    assert "1 item becomes gold" in told
    assert "were not decided by adjudicators" in told
    assert [do(client, project, n_items=2, **chosen) for _ in range(2)] == [303, 303]
    gold = session.scalars(select(GoldItem)).one()
    assert (gold.item_id, gold.answers, gold.source) == (decided.item_id, VIOLENT, GoldSource.PROMOTED)
    assert n_entries(session) == 1
    told = preview(client, project, **chosen).text
    assert "Nothing would change" in told
    assert "are gold items of the queue already" in told


def test_answers_to_items_are_voided_once(client: TestClient, session: Session, project: Project) -> None:
    queue, (ann, _ben) = answered(session, project)
    chosen: dict[str, Any] = {"of_all": "true", "change": "voiding", "to_queue": queue.id}
    told = preview(client, project, filters="disagreement=any", **chosen).text
    assert "4 answers in" in told
    assert "Annotators who gave these answers" in told
    assert "no label any more" in told
    told = preview(client, project, **chosen, whose=ann.username).text
    assert "2 answers in" in told
    assert "harmful to safe" in told
    assert do(client, project, n_items=2, n_answers=1, whose=ann.username, **chosen) == 409
    assert n_voided(session) == 0
    sent = {"n_items": 2, "n_answers": 2, "whose": ann.username, **chosen}
    assert [do(client, project, **sent) for _ in range(2)] == [303, 303]
    assert n_voided(session) == 2
    assert n_entries(session) == 1
    assert check_queue(session, queue.id) == []
    past = past_voidings(session, queue.id, 9)
    assert [(each.whose, each.n_voided) for each in past] == [(ann.username, 2)]


def test_no_release_reads_what_was_voided(client: TestClient, session: Session, project: Project) -> None:
    queue, (ann, _) = answered(session, project)
    ids = session.scalars(select(Item.id)).all()
    read = finished_answers(project.id, Dimension.SAFETY, Ids(min(ids), max(ids)))
    assert len(session.execute(read).all()) == 4
    chosen = {"ticked": ids[:1], "change": "voiding", "to_queue": queue.id, "whose": ann.username}
    assert do(client, project, n_items=1, n_answers=1, **chosen) == 303
    assert set(session.scalars(read)) == {ids[1]}


def test_nobody_of_this_name_answered(client: TestClient, session: Session, project: Project) -> None:
    queue, _ = answered(session, project)
    chosen = {"of_all": "true", "change": "voiding", "to_queue": queue.id, "whose": "nobody"}
    told = preview(client, project, **chosen, after="", further="false").text
    assert "There is nobody named nobody" in told
    assert 'value="nobody"' in told
    assert do(client, project, n_items=2, n_answers=2, **chosen) == 422
    assert n_voided(session) == 0


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
        {"change": "voiding", "ticked": [1]},
        {"change": "gold", "ticked": [1]},
        {"change": "priority", "ticked": [1], "to_queue": 1},
        {"change": "priority", "ticked": [1], "to_queue": 1, "priority": "1"},
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
