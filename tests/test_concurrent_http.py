"""Sixteen people label at the same time, over HTTP and against a server process of its own."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from httpx2 import Client, Response

from app.annotations.check import check_all_of
from app.db import transaction
from app.web.security import CSRF_FIELD
from tests import make
from tests.count import answers_by_item
from tests.serve import served

N_ANNOTATORS = 16
N_ITEMS = 300
OVERLAP = 3
LONGEST_SECONDS = 120
ANSWERS = (
    {"is_safe": "true"},
    {"is_safe": "false", "harm_categories": ["Violence", "Drugs"], "severity": "2"},
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a running server, which uses the servers and settings of this test run."""
    log = tmp_path / "web.log"
    with served(log) as server:
        yield server.address
    assert "request failed" not in log.read_text()


@pytest.mark.usefixtures("database")
def test_with_16_annotators_at_once_every_item_gets_3_annotations_by_3_people(site: str) -> None:
    with transaction() as session:
        project = make.project(session)
        for _ in range(N_ITEMS):
            make.item(session, project)
        people = tuple(make.user(session) for _ in range(N_ANNOTATORS))
        queue_id = make.queue(session, project, overlap=OVERLAP, members=people).id
    with ThreadPoolExecutor(N_ANNOTATORS) as pool:
        shares = list(pool.map(lambda person: label_everything(site, person.username, queue_id), people))
    assert sum(shares) == N_ITEMS * OVERLAP
    with transaction() as session:
        assert answers_by_item(session, queue_id) == [(OVERLAP, OVERLAP)] * N_ITEMS
    with transaction(snapshot=True) as session:
        assert check_all_of(session, queue_id) == []


def label_everything(site: str, username: str, queue_id: int) -> int:
    """How many items this person labelled until the page said that nothing is left for them."""
    n_labelled = 0
    with Client(base_url=site, headers={"hx-request": "true"}, timeout=60, trust_env=False) as client:
        sign_in(client, username)
        next_item = f"/annotate/queues/{queue_id}/next"
        block = send(client, next_item, client.get(f"/annotate/queues/{queue_id}").text)
        give_up_at = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < give_up_at:
            form = re.search(r'action="(/annotate/assignments/\d+/safety-label)"', block)
            if form:
                block = send(client, form[1], block, **ANSWERS[n_labelled % 2])
                n_labelled += 1
            elif "All done" in block or "You have done your part" in block:
                return n_labelled
            else:
                time.sleep(0.1)
                block = send(client, next_item, client.get(f"/annotate/queues/{queue_id}").text)
    raise AssertionError("it took too long")


def sign_in(client: Client, username: str) -> None:
    page = client.get("/sign-in", headers={"hx-request": "false"})
    fields = {CSRF_FIELD: token_in(page.text), "username": username, "password": make.PASSWORD}
    answer: Response = client.post("/sign-in", data=fields)
    assert answer.status_code == 303


def send(client: Client, path: str, page: str, **fields: str | list[str]) -> str:
    answer = client.post(path, data={CSRF_FIELD: token_in(page), **fields})
    assert answer.status_code == 200, answer.text
    return answer.text


def token_in(page: str) -> str:
    found = re.search(rf'name="{CSRF_FIELD}" value="([0-9a-f]+)"', page)
    assert found, page
    return found[1]
