"""The page on which a queue is drained, closed, or opened again."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.assignments.actions import claim_ahead, lock_member
from app.db import now
from app.queues.models import Queue, QueueState
from app.queues.queries import queue_of
from tests import make
from tests.browse import enter, post


def enter_as_admin(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))


def state_of(session: Session, queue: Queue) -> tuple[str, str | None]:
    session.expire_all()
    found = queue_of(session, queue.id)
    return found.state, found.drains_to


@pytest.mark.parametrize(
    ("way", "state"),
    [
        ("drain_to_pause", ("draining", "paused")),
        ("drain_to_close", ("draining", "closed")),
        ("close", ("closed", None)),
    ],
)
def test_a_queue_ends_one_of_three_ways(
    client: TestClient, session: Session, way: str, state: tuple[str, str | None]
) -> None:
    project, annotator = make.project(session), make.user(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    make.assignment(session, queue, annotator)
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/ending"
    page = client.get(path).text
    assert "<dt>Items with annotators now</dt><dd>1</dd>" in page
    assert "not shown yet" not in page
    assert "1 item that someone holds is given back at once" in page
    for _ in range(2):
        assert post(client, path, way=way, reason="The round is over").status_code == 303
        assert state_of(session, queue) == state
    assert f">{state[0]}</span>" in client.get(f"/admin/queues/{queue.id}").text


def test_items_that_are_loaded_ahead_are_told_apart(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    for _ in range(2):
        make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    make.assignment(session, queue, annotator)
    assert claim_ahead(session, lock_member(session, queue.id, annotator.id)) is not None
    enter_as_admin(client, session)
    page = client.get(f"/admin/queues/{queue.id}/ending").text
    assert "<dt>Items with annotators now</dt><dd>1</dd>" in page
    assert "<dt>Loaded for them ahead, not shown yet</dt><dd>1</dd>" in page


def test_without_a_way_or_a_reason_nothing_ends(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session))
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/ending"
    for way, reason, marked in (("", "Over", "way"), ("close", " ", "reason")):
        refused = post(client, path, way=way, reason=reason)
        assert (refused.status_code, f'id="{marked}-error"' in refused.text) == (422, True)
    assert state_of(session, queue) == ("running", None)


def test_a_closed_queue_is_opened_again_with_a_reason(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session), state=QueueState.PAUSED)
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}"
    assert "Drain, then close" not in client.get(f"{path}/ending").text
    post(client, f"{path}/ending", way="close", reason="Over")
    assert post(client, f"{path}/state", state="running").status_code == 409
    assert post(client, f"{path}/reopening", reason=" ").status_code == 422
    for _ in range(2):
        assert post(client, f"{path}/reopening", reason="More to do").status_code == 303
        assert state_of(session, queue) == ("paused", None)


def test_annotators_read_what_it_means(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    queue = make.queue(session, make.project(session), members=(annotator,))
    for state, sentence, drains_to in (
        ("draining", "no new items are handed out", "paused"),
        ("closed", "takes no answers any more", None),
    ):
        queue.state, queue.drains_to = state, drains_to
        session.flush()
        enter(client, session, annotator)
        assert sentence in client.get(f"/annotate/queues/{queue.id}").text
        nothing = post(client, f"/annotate/queues/{queue.id}/next")
        assert sentence in nothing.text
    assert "1 closed queue" in client.get("/annotate").text


def test_the_times_of_a_queue_are_told_to_all(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    queue = make.queue(session, make.project(session), members=(annotator,))
    for opens_in, closes_in, to_annotator, to_admin in (
        (1, None, "Its items come from", "hands out its first item at"),
        (None, -1, "The time of this queue is over", "nobody gets a new item"),
        (None, 1, "until", "<dt>Ends</dt>"),
    ):
        queue.opens_at = None if opens_in is None else now() + timedelta(hours=opens_in)
        queue.closes_at = None if closes_in is None else now() + timedelta(hours=closes_in)
        session.flush()
        enter(client, session, annotator)
        assert to_annotator in client.get(f"/annotate/queues/{queue.id}").text
        assert client.get("/annotate").status_code == 200
        assert post(client, f"/annotate/queues/{queue.id}/next").status_code == 200
        enter_as_admin(client, session)
        assert to_admin in client.get(f"/admin/queues/{queue.id}").text


@pytest.mark.parametrize("action", ["ending", "reopening"])
def test_nobody_but_an_admin_ends_a_queue(client: TestClient, session: Session, action: str) -> None:
    queue = make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    assert post(client, f"/admin/queues/{queue.id}/{action}", way="close", reason="Over").status_code == 403
    enter_as_admin(client, session)
    assert post(client, f"/admin/queues/999999/{action}", way="close", reason="Over").status_code == 404
