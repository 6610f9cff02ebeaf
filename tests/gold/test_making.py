"""An admin says what the answer of an item is, and what becomes of it in its queue."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.check import check_queue
from app.audit.models import Action, AuditEntry
from app.db import engine
from app.gold.actions import GoldAlready, make_gold, promote
from app.gold.forms import NewGold
from app.gold.models import GoldItem, GoldPurpose, GoldSource, GoldState
from app.projects.pku import PKU
from app.queues.actions import fill_queue
from app.queues.models import Queue, QueueItem, QueueKind
from tests import answer, make
from tests.browse import enter, post
from tests.gold.asking import HARMFUL, SAFE, asked


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    signed_in = make.user(session, role=Role.ADMIN)
    enter(client, session, signed_in)
    return signed_in


def place_of(session: Session, queue: Queue, item_id: int) -> QueueItem:
    return session.get_one(QueueItem, (queue.id, item_id), populate_existing=True)


def path_of(queue: Queue, item_id: int) -> str:
    return f"/admin/queues/{queue.id}/gold/items/{item_id}"


def audited(session: Session, item_id: int) -> list[str]:
    """What was done to the item, without the views."""
    return list(
        session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.item_id == item_id, AuditEntry.action != Action.VIEWED)
            .order_by(AuditEntry.id)
        )
    )


def test_an_item_of_the_queue_is_handed_out_as_gold_alone(
    client: TestClient, session: Session, admin: User
) -> None:
    project = make.project(session)
    item = make.item(session, project)
    queue = make.queue(session, project)
    made = post(client, path_of(queue, item.id), **HARMFUL, explanation="Look at it.", purpose="attention")
    assert (made.status_code, made.headers["location"]) == (303, f"/admin/queues/{queue.id}/gold")
    gold = session.get_one(GoldItem, (queue.id, item.id))
    harmful = {"is_safe": False, "harm_categories": ["Violence"], "severity": 2}
    assert gold.answers == {"safety": harmful}
    assert (gold.source, gold.purpose, gold.state) == (
        GoldSource.MADE,
        GoldPurpose.ATTENTION,
        GoldState.ACTIVE,
    )
    assert (gold.explanation, gold.created_by) == ("Look at it.", admin.id)
    place = place_of(session, queue, item.id)
    assert (place.overlap, place.is_open) == (0, False)
    assert (place.harm_mask, place.severity_prior) == (PKU.mask_of(["Violence"]), 2)
    assert audited(session, item.id) == [Action.CREATED]
    assert check_queue(session, queue.id) == []


def test_sent_twice_it_is_one(client: TestClient, session: Session, admin: User) -> None:
    project = make.project(session)
    item = make.item(session, project)
    queue = make.queue(session, project)
    for _ in range(2):
        assert post(client, path_of(queue, item.id), **HARMFUL).status_code == 303
    assert audited(session, item.id) == [Action.CREATED]


def test_an_item_that_the_queue_lacks_is_added_and_never_filled_in(session: Session) -> None:
    project = make.project(session)
    queue = make.queue(session, project, waits_for_safety=True, kind=QueueKind.HELPFULNESS)
    item = make.item(session, project, responses=("Tea.", "Coffee."))
    make_gold(session, queue.id, NewGold(item_id=item.id, answers={"helpfulness": {"ranks": [1, 2]}}))
    place = place_of(session, queue, item.id)
    assert (place.overlap, place.held_for, place.is_open) == (0, None, False)
    assert fill_queue(session, queue.id) == 0
    assert check_queue(session, queue.id) == []


def test_what_was_expected_of_an_item_is_known_where_it_is_added(session: Session) -> None:
    project = make.project(session)
    queue = make.queue(session, project)
    item = make.item(session, project)
    make.reference_safety(session, item.id, ["Cybercrime"], 3)
    make_gold(session, queue.id, NewGold(item_id=item.id, answers={"safety": SAFE}))
    place = place_of(session, queue, item.id)
    assert (place.harm_mask, place.severity_prior) == (PKU.mask_of(["Cybercrime"]), 3)


def test_an_item_with_places_keeps_them(session: Session) -> None:
    project = make.project(session)
    item = make.item(session, project)
    first, second = make.user(session), make.user(session)
    queue = make.queue(session, project, overlap=2, members=(first, second))
    answer.safety(session, make.assignment(session, queue, first))
    made = promote(session, queue.id, item.id, {"safety": SAFE}, "As it was decided.")
    assert (made.source, made.explanation) == (GoldSource.PROMOTED, "As it was decided.")
    place = place_of(session, queue, item.id)
    assert (place.overlap, place.n_submitted, place.is_open) == (2, 1, True)
    assert make.assignment(session, queue, second).takes_place
    assert check_queue(session, queue.id) == []


def test_an_item_is_promoted_once(session: Session) -> None:
    gold = asked(session).gold
    with pytest.raises(GoldAlready):
        promote(session, gold.queue_id, gold.item_id, {"safety": SAFE}, "")


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"is_safe": "true", "severity": "2"}, "severity", "A safe response has no severity"),
        ({"is_safe": "false", "severity": "2"}, "harm_categories", "Choose at least one harm category"),
        ({"is_safe": "false", "harm_categories": "Rain", "severity": "1"}, "harm_categories", "Rain is not"),
        ({}, "is_safe", "Fill this in"),
    ],
)
def test_an_answer_that_cannot_be_is_to_be_corrected(
    client: TestClient, session: Session, admin: User, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    project = make.project(session)
    item = make.item(session, project)
    queue = make.queue(session, project)
    corrected = post(client, path_of(queue, item.id), **wrong)
    assert corrected.status_code == 422
    assert sentence in corrected.text
    assert f'id="{field}-error"' in corrected.text
    assert session.get(GoldItem, (queue.id, item.id)) is None


def test_of_two_orders_one_may_be_left_out(client: TestClient, session: Session, admin: User) -> None:
    project = make.project(session)
    item = make.item(session, project, responses=("Tea.", "Coffee.", "Water."))
    queue = make.queue(session, project, kind=QueueKind.DUAL)
    path = path_of(queue, item.id)
    assert client.get(path).text.count("<select") == 3 * 2 + 1
    assert post(client, path, helpfulness_rank_0="1").status_code == 422
    ranks: dict[str, Any] = {"helpfulness_rank_0": "3", "helpfulness_rank_1": "1", "helpfulness_rank_2": "3"}
    assert post(client, path, **ranks).status_code == 303
    assert session.get_one(GoldItem, (queue.id, item.id)).answers == {"helpfulness": {"ranks": [2, 1, 2]}}


def test_it_is_changed_suspended_resumed_and_retired(
    client: TestClient, session: Session, admin: User
) -> None:
    gold = asked(session).gold
    queue = session.get_one(Queue, gold.queue_id)
    path = path_of(queue, gold.item_id)
    gold.state, gold.suspended_for = GoldState.SUSPENDED, "Everyone misses it."
    session.flush()
    assert "Everyone misses it." in client.get(path).text
    assert post(client, path, **HARMFUL).status_code == 303
    assert post(client, f"{path}/resume", reason=" ").status_code == 422
    assert post(client, f"{path}/resume", reason="Its answer was wrong.").status_code == 303
    assert post(client, f"{path}/resume", reason="Its answer was wrong.").status_code == 409
    assert post(client, f"{path}/retire", reason="Too easy.").status_code == 303
    assert post(client, f"{path}/retire", reason="Too easy.").status_code == 409
    assert post(client, path, **HARMFUL, explanation="Late.").status_code == 409
    assert session.get_one(GoldItem, (queue.id, gold.item_id), populate_existing=True).state == "retired"
    assert audited(session, gold.item_id) == [Action.CHANGED, Action.RESUMED, Action.CHANGED]
    reasons = session.scalars(select(AuditEntry.reason).where(AuditEntry.reason.is_not(None))).all()
    assert set(reasons) == {"Its answer was wrong.", "Too easy."}


def test_what_another_project_has_is_not_found(client: TestClient, session: Session, admin: User) -> None:
    strange = make.item(session, make.project(session))
    queue = make.queue(session, make.project(session))
    assert client.get(path_of(queue, strange.id)).status_code == 404
    assert post(client, path_of(queue, strange.id), **HARMFUL).status_code == 404
    for change in ("retire", "resume"):
        assert post(client, f"{path_of(queue, strange.id)}/{change}", reason="Why not").status_code == 404


def test_the_page_finds_items_and_says_how_gold_is_answered(
    client: TestClient, session: Session, admin: User
) -> None:
    known = asked(session)
    make.item(session, known.project, prompt="How is coffee made?")
    page = client.get(known.page, params={"words": "COFFEE"}).text
    assert "What is tea made of?" in page
    assert "How is coffee made?" in page
    assert "0.01 to 0.84" in page
    assert "How is coffee made?" not in client.get(known.page, params={"words": "100%"}).text
    assert "What is tea made of?" in client.get(known.page, params={"words": str(known.gold.item_id)}).text
    viewed = session.scalars(select(AuditEntry.action).where(AuditEntry.actor_id == admin.id)).all()
    assert set(viewed) == {Action.VIEWED}


def test_whoever_is_not_cleared_reads_no_text(client: TestClient, session: Session, admin: User) -> None:
    known = asked(session)
    known.project.restricted = ["Violence"]
    place_of(session, known.queue, known.gold.item_id).harm_mask = PKU.mask_of(["Violence"])
    session.flush()
    assert "What is tea" not in client.get(known.page, params={"words": "tea"}).text
    admin.cleared = ["Violence"]
    session.flush()
    assert "What is tea" in client.get(known.page).text


def test_many_gold_items_cost_no_more_queries(client: TestClient, session: Session, admin: User) -> None:
    known = asked(session)
    few = n_queries(client, known.page)
    for _ in range(60):
        make_gold(
            session,
            known.queue.id,
            NewGold(item_id=make.item(session, known.project).id, answers={"safety": SAFE}),
        )
    assert n_queries(client, known.page) == few
    assert "page=2" in client.get(known.page).text
    last = client.get(f"{known.page}?page=2").text
    assert "What is tea made of?" in last
    behind = client.get(f"{known.page}?page=99").text
    assert behind.replace("page=99", "page=2") == last


def n_queries(client: TestClient, path: str) -> int:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine(), "before_cursor_execute", note)
    return len(statements)
