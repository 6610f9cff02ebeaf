"""A queue is cloned with the items whose answer is known there, or without."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.check import check_queue
from app.audit.models import Action, AuditEntry
from app.gold.cloning import CloneWithGold, clone_with_gold, n_taken_along
from app.gold.models import GoldItem, GoldPurpose, GoldResult, GoldSource, GoldState
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.models import HeldFor, Queue, QueueItem, QueueKind
from tests import answer, make
from tests.browse import enter, post

HARMFUL = {"is_safe": False, "harm_categories": ["Violence"], "severity": 2}


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


@pytest.fixture
def queue(session: Session, project: Project) -> Queue:
    """Of two items, one of them gold beside, and one that is gold alone."""
    beside, _plain = make.item(session, project), make.item(session, project)
    made = make.queue(session, project, overlap=2, gold_every=2)
    make.gold(session, made.id, beside.id)
    known = make.exam_item(session, made, explanation="It is a threat.")
    known.answers = {"safety": HARMFUL}
    known.source, known.purpose = GoldSource.PROMOTED, GoldPurpose.ATTENTION
    session.flush()
    return made


def clone(session: Session, queue: Queue, **wanted: Any) -> Queue:
    wanted = {"name": "Again"} | wanted
    return clone_with_gold(session, queue.id, CloneWithGold.model_validate(wanted), seed=8)


def gold_of(session: Session, queue: Queue) -> list[GoldItem]:
    gold = select(GoldItem).where(GoldItem.queue_id == queue.id).order_by(GoldItem.item_id)
    return list(session.scalars(gold))


def places_of(session: Session, queue: Queue) -> dict[int, int]:
    """The overlap of each item."""
    places = select(QueueItem.item_id, QueueItem.overlap).where(QueueItem.queue_id == queue.id)
    return {row.item_id: row.overlap for row in session.execute(places)}


@pytest.mark.parametrize("items", ["all", "unfinished", "none"])
def test_gold_comes_along_as_gold_alone(session: Session, queue: Queue, items: str) -> None:
    made = clone(session, queue, items=items)
    beside, alone = gold_of(session, queue)
    assert [
        (gold.item_id, gold.answers, gold.explanation, gold.source, gold.purpose, gold.state)
        for gold in gold_of(session, made)
    ] == [
        (beside.item_id, beside.answers, "", GoldSource.MADE, GoldPurpose.GOLD, GoldState.ACTIVE),
        (alone.item_id, {"safety": HARMFUL}, "It is a threat.", "promoted", "attention", "active"),
    ]
    (plain,) = {*places_of(session, queue)} - {beside.item_id, alone.item_id}
    expected = {beside.item_id: 0, alone.item_id: 0} | ({} if items == "none" else {plain: 2})
    assert places_of(session, made) == expected
    known = session.get_one(QueueItem, (made.id, alone.item_id), populate_existing=True)
    assert (known.harm_mask, known.severity_prior) == (PKU.mask_of(["Violence"]), 2)
    assert check_queue(session, made.id) == []
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.queue_id == made.id, AuditEntry.subject == "gold item")
    ).one()
    assert entry.action == Action.CREATED
    assert entry.after == {"clone_of": queue.id, "item_ids": [beside.item_id, alone.item_id]}


def test_without_it_an_item_that_was_gold_beside_is_one_like_others(session: Session, queue: Queue) -> None:
    made = clone(session, queue, with_gold=["false"])
    beside, alone = gold_of(session, queue)
    assert gold_of(session, made) == []
    assert places_of(session, made)[beside.item_id] == 2
    assert alone.item_id not in places_of(session, made)


@pytest.mark.parametrize(
    ("gold", "place"),
    [
        ({"state": GoldState.RETIRED}, {}),
        ({"state": GoldState.SUSPENDED, "suspended_for": "All miss it."}, {}),
        ({}, {"held_for": HeldFor.BROKEN}),
    ],
)
def test_what_is_not_asked_stays(
    session: Session, queue: Queue, gold: dict[str, Any], place: dict[str, Any]
) -> None:
    beside, alone = gold_of(session, queue)
    if gold:
        session.execute(update(GoldItem).where(GoldItem.item_id == alone.item_id).values(**gold))
    if place:
        session.execute(update(QueueItem).where(QueueItem.item_id == alone.item_id).values(**place))
    assert n_taken_along(session, queue.id) == 1
    made = clone(session, queue)
    assert [each.item_id for each in gold_of(session, made)] == [beside.item_id]


def test_an_exam_comes_with_its_pool_and_nobody_is_asked_the_same_again(
    session: Session, project: Project
) -> None:
    person, other = make.user(session), make.user(session)
    exam = make.exam(session, project, n_items=2, members=(person, other))
    make.attempt(session, exam, person, 2)
    met = make.assignment(session, exam, person)
    answer.safety(session, met)
    made = clone(session, exam, annotator_ids=[person.id, other.id])
    assert len(gold_of(session, made)) == 2
    assert session.scalars(select(GoldResult.queue_id)).all() == [exam.id]
    made.state = "running"
    session.flush()
    make.attempt(session, made, person, 2)
    again = make.assignment(session, made, person)
    assert again.item_id != met.item_id
    answer.safety(session, again)
    assert make.claim(session, made, person) is None


def test_orders_come_along_too(session: Session, project: Project) -> None:
    ranked = make.item(session, project, responses=("A.", "B."))
    queue = make.queue(session, project, kind=QueueKind.DUAL)
    gold = make.gold(session, queue.id, ranked.id)
    gold.answers = {"helpfulness": {"ranks": [1, 2]}}
    session.flush()
    (copied,) = gold_of(session, clone(session, queue))
    assert copied.answers == {"helpfulness": {"ranks": [1, 2]}}


def test_the_page_offers_it_where_there_is_any(client: TestClient, session: Session, queue: Queue) -> None:
    admin: User = make.user(session, role=Role.ADMIN)
    enter(client, session, admin)
    path = f"/admin/queues/{queue.id}/clone"
    page = client.get(path).text
    assert 'name="with_gold" value="true" checked' in page
    assert "2 items whose answer is known" in page
    for name, ticked, n_gold in (("With", ["false", "true"], 2), ("Without", ["false"], 0)):
        assert post(client, path, name=name, items="all", with_gold=ticked).status_code == 303
        made = session.scalars(select(Queue).where(Queue.name == name)).one()
        assert len(gold_of(session, made)) == n_gold
        assert {gold.created_by for gold in gold_of(session, made)} <= {admin.id}
    refused = post(client, path, name="With", items="all", with_gold=["false"])
    assert (refused.status_code, 'name="with_gold" value="true" checked' in refused.text) == (422, False)
    without = make.queue(session, session.get_one(Project, queue.project_id))
    assert "with_gold" not in client.get(f"/admin/queues/{without.id}/clone").text
