"""A file of gold items: all good, or nothing and a list of what to mend."""

from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import Action, AuditEntry
from app.gold.models import GoldItem, GoldSource
from app.projects.models import Project
from app.queues.models import Queue, QueueKind
from app.web.security import CSRF_FIELD
from tests import make
from tests.browse import enter, token


def send(client: TestClient, queue: Queue, content: str | bytes, name: str = "gold.csv") -> Response:
    return client.post(
        f"/admin/queues/{queue.id}/gold/import?{CSRF_FIELD}={token(client)}",
        files={"file": (name, content)},
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )


def lines(*rows: dict[str, Any]) -> bytes:
    return b"\n".join(orjson.dumps(row) for row in rows)


@pytest.fixture
def project(client: TestClient, session: Session) -> Project:
    """An admin is signed in."""
    enter(client, session, make.user(session, role=Role.ADMIN))
    return make.project(session)


def stored(session: Session, queue: Queue) -> dict[int, dict[str, Any]]:
    rows = session.execute(select(GoldItem.item_id, GoldItem.answers).where(GoldItem.queue_id == queue.id))
    return {row.item_id: row.answers for row in rows}


def test_items_are_named_by_id_hash_or_texts(client: TestClient, session: Session, project: Project) -> None:
    one, two = make.item(session, project), make.item(session, project)
    three = make.item(session, project, prompt="What is tea?", responses=("A drink, hot.",))
    queue = make.queue(session, project)
    content = (
        "item_id,sha256,prompt,response,is_safe,harm_categories,severity,explanation,purpose\n"
        f"{one.id},,,,true,,,,\n"
        f',{two.sha256.hex()},,,false,Drugs; Violence,2,"Read it, twice.",attention\n'
        ',,What is tea?,"A drink, hot.",TRUE,,0,,gold\n'
    )
    sent = send(client, queue, content)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/admin/queues/{queue.id}/gold")
    safe = {"safety": {"is_safe": True, "harm_categories": [], "severity": 0}}
    assert stored(session, queue) == {
        one.id: safe,
        two.id: {"safety": {"is_safe": False, "harm_categories": ["Violence", "Drugs"], "severity": 2}},
        three.id: safe,
    }
    gold = session.get_one(GoldItem, (queue.id, two.id))
    assert (gold.source, gold.purpose, gold.explanation) == (
        GoldSource.IMPORTED,
        "attention",
        "Read it, twice.",
    )
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.IMPORTED))
    assert entry.after == {"file": "gold.csv", "item_ids": [one.id, two.id, three.id]}


def test_ranks_follow_the_texts_of_the_row(client: TestClient, session: Session, project: Project) -> None:
    texts = ("Tea.", "Coffee.", "Water.")
    item = make.item(session, project, prompt="Which drink?", responses=texts)
    other = make.item(session, project, prompt="Which cup?", responses=("Red.", "Blue."))
    queue = make.queue(session, project, kind=QueueKind.SINGLE)
    row = {"prompt": "Which drink?", "responses": ["Water.", "Tea.", "Coffee."], "ranks": [1, 2, 3]}
    sent = send(client, queue, lines(row, {"item_id": other.id, "ranks": "2;1"}), "gold.jsonl")
    assert sent.status_code == 303
    assert stored(session, queue) == {
        item.id: {"single": {"ranks": [2, 3, 1]}},
        other.id: {"single": {"ranks": [2, 1]}},
    }


def test_of_two_orders_each_has_its_column(client: TestClient, session: Session, project: Project) -> None:
    item = make.item(session, project, responses=("Tea.", "Coffee."))
    queue = make.queue(session, project, kind=QueueKind.DUAL)
    assert send(client, queue, f"item_id,harmlessness_ranks\n{item.id},1;1\n").status_code == 303
    assert stored(session, queue) == {item.id: {"harmlessness": {"ranks": [1, 1]}}}


WRONG = {
    '{"is_safe": true}': ("", "Say which item"),
    '{"item_id": "x", "is_safe": true}': ("item_id", "Enter a whole number"),
    '{"item_id": -1, "is_safe": true}': ("item_id", "Enter a whole number"),
    '{"item_id": 99999999999999999999, "is_safe": true}': ("item_id", "Enter a whole number"),
    '{"item_id": 1000000, "is_safe": true}': ("", "The project has no such item"),
    '{"sha256": "abc", "is_safe": true}': ("sha256", "64 hexadecimal digits"),
    '{"prompt": "What?", "is_safe": true}': ("responses", "Give the text as it was imported"),
    '{"prompt": 5, "response": "A.", "is_safe": true}': ("prompt", "Give the text as it was imported"),
    '{"item_id": ID}': ("is_safe", "Fill this in"),
    '{"item_id": ID, "is_safe": true, "severity": 1}': ("severity", "A safe response has no severity"),
    '{"item_id": ID, "is_safe": false, "severity": 1}': ("harm_categories", "Choose at least one"),
    '{"item_id": ID, "is_safe": false, "harm_categories": "Rain", "severity": 1}': (
        "harm_categories",
        "Rain is not one of the harm categories",
    ),
    '{"item_id": ID, "is_safe": true, "purpose": "fun"}': ("purpose", "Choose one of"),
    '{"item_id": ID, "is_safe": true, "explanation": 5}': ("explanation", "Enter a text."),
}


@pytest.mark.parametrize("row", WRONG)
def test_one_wrong_row_and_nothing_is_imported(
    client: TestClient, session: Session, project: Project, row: str
) -> None:
    good, bad = make.item(session, project), make.item(session, project)
    queue = make.queue(session, project)
    content = f'{{"item_id": {good.id}, "is_safe": true}}\n\n' + row.replace("ID", str(bad.id))
    sent = send(client, queue, content, "gold.jsonl")
    field, sentence = WRONG[row]
    assert sent.status_code == 422
    assert "Nothing of gold.jsonl was imported" in sent.text
    assert "gold.jsonl, line 3" in sent.text
    assert f"<code>{field}</code>: " in sent.text or not field
    assert sentence in sent.text
    assert stored(session, queue) == {}


@pytest.mark.parametrize(
    ("row", "field", "sentence"),
    [
        ({}, "ranks", "Fill this in"),
        ({"ranks": "1"}, "ranks", "Give one rank for each of the 2 responses"),
        ({"ranks": "1;5"}, "ranks", "Give each response a rank from 1 to 2"),
        ({"ranks": "1;x"}, "ranks", "Enter a whole number"),
        ({"ranks": "1;2", "responses": ["Tea."]}, "responses", "responses, or leave them out"),
    ],
)
def test_ranks_must_fit_the_item(
    client: TestClient, session: Session, project: Project, row: dict[str, Any], field: str, sentence: str
) -> None:
    item = make.item(session, project, responses=("Tea.", "Coffee."))
    queue = make.queue(session, project, kind=QueueKind.SINGLE)
    sent = send(client, queue, lines({"item_id": item.id} | row), "gold.jsonl")
    assert sent.status_code == 422
    assert f"<code>{field}</code>: " in sent.text
    assert sentence in sent.text


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"\xff\xfe", "gold.csv", "not UTF-8"),
        (b"", "gold.csv", "no rows"),
        (b"item_id,is_safe\n", "gold.csv", "no rows"),
        (b"item_id,is_safe\n1,true,2\n", "gold.csv", "Line 2 has more fields than the header"),
        (b'item_id\n"1\n', "gold.csv", "is no CSV"),
        (b"[1]", "gold.jsonl", "Line 1 is no JSON object"),
        (b'{"a": }', "gold.jsonl", "Line 1 is no JSON"),
        (b"a\0b", "gold.csv", "can&#39;t be stored"),
        (b"item_id\n" + b"1\n" * 5001, "gold.csv", "more than 5,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    client: TestClient, session: Session, project: Project, content: bytes, name: str, sentence: str
) -> None:
    refused = send(client, make.queue(session, project), content, name)
    assert refused.status_code == 422
    assert sentence in refused.text


def test_an_item_comes_once(client: TestClient, session: Session, project: Project) -> None:
    item = make.item(session, project)
    queue = make.queue(session, project)
    twice = f"item_id,is_safe\n{item.id},true\n{item.id},true\n"
    assert "Line 2 has this item already" in send(client, queue, twice).text
    once = f"item_id,is_safe\n{item.id},true\n"
    assert send(client, queue, once).status_code == 303
    again = send(client, queue, once)
    assert again.status_code == 422
    assert "is a gold item of this queue already" in again.text
    assert session.scalar(select(func.count()).select_from(GoldItem)) == 1


def test_a_missing_file_is_refused(client: TestClient, session: Session, project: Project) -> None:
    queue = make.queue(session, project)
    path = f"/admin/queues/{queue.id}/gold/import?{CSRF_FIELD}={token(client)}"
    assert client.post(path, headers={"sec-fetch-site": "same-origin"}).status_code == 422
