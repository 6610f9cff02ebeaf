"""Telling others that a release has ended."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now, transaction
from app.deliveries import jobs
from app.deliveries.actions import add_webhook, order_call, plan_calls, switch_webhook
from app.deliveries.errands import MOST_TRIES, pause_after
from app.deliveries.forms import NewWebhook
from app.deliveries.models import Progress, Webhook, WebhookCall, WebhookTry
from app.deliveries.queries import call_of
from app.projects.models import Project
from app.releases.actions import fail_release, request_release
from app.releases.models import Release, ReleaseState
from tests import make
from tests.deliveries.finished import FILES, finished_release
from tests.deliveries.receiver import SECRET, Receiver, open_receiver

SITE = "https://evenhand.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with open_receiver() as opened:
        yield opened


def add(session: Session, project: Project, url: str) -> Webhook:
    add_webhook(session, project.id, NewWebhook(url=url, webhook_secret=SecretStr(SECRET)), SITE)
    return session.scalars(select(Webhook).where(Webhook.url == url)).one()


def planned(receiver: Receiver) -> tuple[int, int]:
    """(release, call) of a finished release that the receiver is to be told of."""
    with transaction() as session:
        project = make.project(session, name="Tea & coffee")
        add(session, project, receiver.url)
        release = finished_release(session, project)
        plan_calls(session)
        return release.id, session.scalars(select(WebhookCall.id)).one()


def calls_of(session: Session, release: Release) -> list[str]:
    plan_calls(session)
    told = select(WebhookCall.outcome).where(WebhookCall.release_id == release.id).order_by(WebhookCall.id)
    return list(session.scalars(told))


@pytest.mark.usefixtures("database", "home")
def test_a_receiver_that_fails_twice_is_told_the_same_a_third_time(receiver: Receiver) -> None:
    release_id, call_id = planned(receiver)
    receiver.statuses = [500, 503]
    for n_tries in (0, 1, 1, 2):
        jobs.call_webhook(call_id, n_tries)
    assert len(receiver.received) == 3, "the second message of one try made another"
    assert all(each.is_genuine for each in receiver.received)
    assert len({(each.body, each.headers["x-evenhand-delivery"]) for each in receiver.received}) == 1
    said = json.loads(receiver.received[0].body)
    assert said.pop("delivery") == receiver.received[0].headers["x-evenhand-delivery"]
    assert said.pop("project")["name"] == "Tea & coffee"
    assert said == {
        "event": "release.done",
        "number": 1,
        "state": "done",
        "manifest_sha256": hashlib.sha256(FILES["manifest.json"]).hexdigest(),
        "url": f"{SITE}/admin/releases/{release_id}",
    }
    with transaction() as session:
        call = call_of(session, call_id)
        assert (call.state, call.n_tries, call.error) == (Progress.DONE, 3, None)
        tries = session.execute(select(WebhookTry.status, WebhookTry.answer).order_by(WebhookTry.id)).all()
    assert [tuple(each) for each in tries] == [(500, "thanks"), (503, "thanks"), (200, "thanks")]


@pytest.mark.usefixtures("database", "home")
def test_no_redirect_is_followed_and_little_of_an_answer_kept(receiver: Receiver) -> None:
    _, call_id = planned(receiver)
    receiver.statuses, receiver.answer = [307], b"\0" + "茶".encode() * 100_000
    jobs.call_webhook(call_id, 0)
    assert len(receiver.received) == 1
    with transaction() as session:
        call = call_of(session, call_id)
        assert (call.state, call.error) == (
            Progress.WAITING,
            "It answered 307; redirects are not followed.",
        )
        assert call.due_at is not None
        assert pause_after(1) - timedelta(seconds=9) < call.due_at - now() <= pause_after(1)
        assert set(session.scalars(select(WebhookTry.answer)).one()) == {"茶"}


@pytest.mark.usefixtures("database", "home")
def test_it_is_given_up_in_the_end_and_can_be_sent_again(receiver: Receiver) -> None:
    _, call_id = planned(receiver)
    with transaction() as session:
        session.get_one(WebhookCall, call_id).n_tries = MOST_TRIES - 1
        webhook = session.scalars(select(Webhook)).one()
        webhook.url = "http://127.0.0.1:9/nobody"
    jobs.call_webhook(call_id, MOST_TRIES - 1)
    jobs.call_webhook(call_id, MOST_TRIES)
    with transaction() as session:
        call = call_of(session, call_id)
        assert (call.state, call.n_tries, call.due_at) == (Progress.FAILED, MOST_TRIES, None)
        assert "refused" in (call.error or "")
        call.webhook.url = receiver.url
        session.flush()
        order_call(session, call)
    jobs.call_webhook(call_id, 0)
    assert receiver.received[0].is_genuine
    with transaction() as session:
        assert call_of(session, call_id).state == Progress.DONE


def test_each_end_is_told_once_to_those_who_were_there(session: Session, home: Path) -> None:
    project = make.project(session)
    before = finished_release(session, project)
    add(session, make.project(session), "https://example.org/other-project")
    webhook = add(session, project, "https://example.org/told")
    webhook.active_since = now()
    release = request_release(session, project.id)
    assert calls_of(session, release) == []
    fail_release(session, release.id, "The disk is full.")
    session.refresh(release)
    assert calls_of(session, release) == ["failed"]
    release.state, release.error, release.manifest = ReleaseState.DONE, None, {}
    session.flush()
    assert calls_of(session, release) == calls_of(session, release) == ["failed", "done"]
    switch_webhook(session, webhook, is_on=False)
    while_off = finished_release(session, project)
    assert calls_of(session, while_off) == calls_of(session, before) == []
    switch_webhook(session, webhook, is_on=True)
    assert calls_of(session, while_off) == []
