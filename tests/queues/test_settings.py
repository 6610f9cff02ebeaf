"""All that a queue can be told, when it is made and later."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.db import transaction
from app.queues.actions import QueueNameTaken, change_queue
from app.queues.forms import QueueSettings, settings_of
from app.queues.models import HeldFor, Lane, Queue, QueueItem, QueueKind
from app.queues.queries import queue_of
from tests import make
from tests.browse import enter, post

WAIT_SECONDS = 0.3
SETTINGS: dict[str, Any] = {
    "name": "Second round", "overlap": "2", "max_overlap": "5", "threshold": "0.9",
    "uncertain_first": ["false", "true"], "returned_first": "false", "lease_minutes": "15",
    "max_total": "100", "max_a_day": "20", "max_severe_a_day": "0", "max_at_once": "2",
    "max_skips_in_row": "5", "qualification": "Medicine", "max_severe_in_row": "4", "blur_from": "2",
    "edit_minutes": "90", "adjudicates": ["uncertain", "flag"], "adjudicates_below": "0.8",
    "is_blind": "false", "gold_every": "20", "gold_rate": "",
    "opens_at": "2030-01-02T03:04", "closes_at": "2030-01-03T00:00",
    "weekdays": ["", "2", "1"], "hours_from": "22:00", "hours_until": "06:30", "time_zone": "Asia/Kolkata",
}  # fmt: skip
STORED = {
    "name": "Second round", "overlap": 2, "max_overlap": 5, "threshold": 0.9, "uncertain_first": True,
    "returned_first": False, "lease_minutes": 15, "max_total": 100, "max_a_day": 20, "max_severe_a_day": 0,
    "max_at_once": 2, "max_skips_in_row": 5, "qualification": "Medicine", "max_severe_in_row": 4,
    "blur_from": 2, "edit_minutes": 90, "adjudicates": ["uncertain", "flag"], "adjudicates_below": 0.8,
    "opens_at": "2030-01-02T03:04", "closes_at": "2030-01-03T00:00",
    "weekdays": [1, 2], "hours_from": "22:00", "hours_until": "06:30", "time_zone": "Asia/Kolkata",
    "is_blind": False, "gold_every": 20, "gold_rate": None, "grants": None, "pass_mark": None,
    "n_exam_items": None, "max_attempts": None, "cooldown_hours": 0, "valid_days": None,
}  # fmt: skip


def made_queue(session: Session, project_id: int) -> Queue:
    return session.scalars(select(Queue).where(Queue.project_id == project_id).order_by(Queue.id)).all()[-1]


def settings_path(queue: Queue) -> str:
    return f"/admin/queues/{queue.id}/settings"


def test_a_new_queue_takes_all_of_them(client: TestClient, session: Session) -> None:
    project = make.project(session)
    make.item(session, project, responses=("A.", "B."))
    other = make.queue(session, project, kind=QueueKind.HELPFULNESS)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for_good: dict[str, Any] = {
        "kind": "dual",
        "item_order": "imported",
        "not_by_queue_id": other.id,
        "waits_for_safety": ["false", "true"],
    }
    made = post(client, f"/admin/projects/{project.id}/queues", **(SETTINGS | for_good))
    assert made.status_code == 303
    queue = made_queue(session, project.id)
    assert settings_of(queue) == STORED
    assert (queue.item_order, queue.not_by_queue_id, queue.waits_for_safety) == ("imported", other.id, True)


def test_a_new_queue_needs_name_and_kind_alone(client: TestClient, session: Session) -> None:
    project = make.project(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    post(client, f"/admin/projects/{project.id}/queues", name="Queue", kind="safety")
    queue = made_queue(session, project.id)
    assert settings_of(queue) == QueueSettings(name="Queue").model_dump() | {"max_overlap": None}
    assert queue.max_overlap == queue.overlap


def test_a_form_sent_as_it_came_changes_nothing(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session), overlap=2)
    before = settings_of(queue)
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = client.get(settings_path(queue)).text
    assert f'value="{queue.name}"' in page
    assert page.count('value="true" checked') == 2
    as_it_came: dict[str, Any] = {name: "" if value is None else value for name, value in before.items()}
    assert post(client, settings_path(queue), **as_it_came).status_code == 303
    assert settings_of(queue_of(session, queue.id)) == before
    assert "after_commit" not in session.info


def test_they_are_changed_later_and_the_items_follow(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADMIN))
    for _ in range(2):
        changed = post(client, settings_path(queue), **SETTINGS, reason="Doubt")
        assert (changed.status_code, changed.headers["location"]) == (303, f"/admin/queues/{queue.id}")
        assert settings_of(queue_of(session, queue.id)) == STORED
    assert len(session.info["after_commit"]) == 1
    page = client.get(f"/admin/queues/{queue.id}").text
    assert "2 to 5 while the posterior is below 0.9" in page
    assert "100 in all, 20 a day, 0 severe a day, 4 severe in a row, 2 at once, 5 skips in a row" in page
    assert "<dd>Medicine</dd>" in page


@pytest.mark.parametrize(
    ("field", "value", "marked"),
    [
        ("name", " ", "name"), ("overlap", "0", "overlap"), ("overlap", "", "overlap"),
        ("lease_minutes", "1441", "lease_minutes"), ("threshold", "0.5", "threshold"),
        ("threshold", "1", "threshold"), ("threshold", "nan", "threshold"), ("max_total", "0", "max_total"),
        ("max_a_day", "many", "max_a_day"), ("max_severe_a_day", "-1", "max_severe_a_day"),
        ("max_at_once", "", "max_at_once"), ("max_skips_in_row", "0", "max_skips_in_row"),
        ("closes_at", "2030-01-02T03:04", "closes_at"), ("opens_at", "soon", "opens_at"),
        ("opens_at", "3000-01-01T00:00", "opens_at"),
        ("weekdays", "", "weekdays"), ("weekdays", "8", "weekdays"),
        ("hours_from", "", "hours_until"), ("hours_until", "", "hours_until"),
        ("hours_until", "22:00", "hours_until"), ("hours_from", "late", "hours_from"),
        ("time_zone", "Mars/Olympus", "time_zone"), ("time_zone", "../UTC", "time_zone"),
        ("qualification", "x" * 101, "qualification"), ("max_overlap", "51", "max_overlap"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_marked_at_its_field(
    client: TestClient, session: Session, field: str, value: str, marked: str
) -> None:
    queue = make.queue(session, make.project(session))
    before = settings_of(queue)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for path in (settings_path(queue), f"/admin/projects/{queue.project_id}/queues"):
        answer = post(client, path, **SETTINGS | {"kind": "safety", field: value})
        assert answer.status_code == 422
        assert f'id="{marked}-error"' in answer.text
        is_common = field in {"name", "overlap"}
        assert ('<details class="more" open>' in answer.text) == (
            path == settings_path(queue) or not is_common
        )
    assert settings_of(queue_of(session, queue.id)) == before


def test_reasons_that_were_unticked_stay_so_beside_a_mistake(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    queue = make.queue(session, make.project(session), adjudicates=["severe"])
    wrong: dict[str, Any] = {"name": queue.name, "overlap": "1", "lease_minutes": "0", "adjudicates": ""}
    shown = post(client, f"/admin/queues/{queue.id}/settings", **wrong)
    assert (shown.status_code, 'value="severe" checked' in shown.text) == (422, False)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"max_overlap": "2"}, "must be more than its overlap"),
        ({"max_overlap": ""}, "must be more than its overlap"),
        ({"threshold": ""}, "Say up to which posterior"),
        ({"waits_for_safety": "true"}, "Safety labels can&#39;t wait for safety labels"),
    ],
)
def test_what_does_not_fit_together_is_said_above_the_fields(
    client: TestClient, session: Session, fields: dict[str, Any], sentence: str
) -> None:
    project = make.project(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    answer = post(client, f"/admin/projects/{project.id}/queues", **SETTINGS | {"kind": "safety"} | fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert '<details class="more" open>' in answer.text


def test_only_a_queue_with_the_same_items_can_keep_its_annotators_away(
    client: TestClient, session: Session
) -> None:
    project = make.project(session)
    of_others = make.queue(session, make.project(session))
    of_pairs = make.queue(session, project)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for not_by in (of_others.id, of_pairs.id, 999999):
        fields: dict[str, Any] = {"name": "Queue", "kind": "dual", "not_by_queue_id": not_by}
        answer = post(client, f"/admin/projects/{project.id}/queues", **fields)
        assert answer.status_code == 422
        assert 'id="not_by_queue_id-error"' in answer.text


def test_another_queues_name_is_refused(client: TestClient, session: Session) -> None:
    project = make.project(session)
    first, second = make.queue(session, project), make.queue(session, project)
    enter(client, session, make.user(session, role=Role.ADMIN))
    answer = post(client, settings_path(second), **SETTINGS | {"name": first.name, "reason": "Doubt"})
    assert answer.status_code == 422
    assert f"already has a queue named {first.name}" in answer.text


@pytest.mark.parametrize("priority", [Lane.HIGH, Lane.NORMAL, Lane.LOW])
def test_new_items_come_with_a_priority(client: TestClient, session: Session, priority: Lane) -> None:
    project = make.project(session)
    queue = make.queue(session, project)
    added = make.item(session, project)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for _ in range(2):
        filled = post(client, f"/admin/queues/{queue.id}/items", priority=priority.value)
        assert filled.status_code == 303
    rows = session.execute(select(QueueItem.item_id, QueueItem.lane).where(QueueItem.queue_id == queue.id))
    assert rows.all() == [(added.id, priority)]


def test_a_priority_for_nothing_known_is_refused(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, f"/admin/queues/{queue.id}/items", priority="9").status_code == 422


def test_the_page_counts_what_is_held_and_what_the_last_check_found(
    client: TestClient, session: Session
) -> None:
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project)
    session.execute(update(QueueItem).values(held_for=HeldFor.BROKEN))
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = client.get(f"/admin/queues/{queue.id}").text
    assert "<dt>Broken items</dt><dd>1</dd>" in page
    assert "<dt>Last check</dt><dd>never</dd>" in page
    for link in ("settings", "leases"):
        assert f'href="/admin/queues/{queue.id}/{link}"' in page
    for n_breaks, sentence in (
        (0, ", no break"),
        (1, "found 1 break: run"),
        (1200, "found 1,200 breaks: run"),
    ):
        session.execute(update(Queue).values(checked_at=queue.created_at, n_breaks=n_breaks))
        assert sentence in client.get(f"/admin/queues/{queue.id}").text


def test_an_unknown_queue_is_not_found(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get("/admin/queues/999999/settings").status_code == 404
    for action in ("settings", "items"):
        assert post(client, f"/admin/queues/999999/{action}", **SETTINGS).status_code == 404


def test_an_annotator_changes_nothing(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    queue = make.queue(session, make.project(session), members=(annotator,))
    before = settings_of(queue)
    enter(client, session, annotator)
    assert client.get(settings_path(queue)).status_code == 403
    for action in ("settings", "items"):
        assert post(client, f"/admin/queues/{queue.id}/{action}", **SETTINGS).status_code == 403
    assert settings_of(queue_of(session, queue.id)) == before


@pytest.mark.usefixtures("database")
def test_of_two_queues_that_get_one_name_at_once_one_is_refused() -> None:
    with transaction() as session:
        project = make.project(session)
        first, second = (make.queue(session, project).id for _ in range(2))

    def rename(queue_id: int) -> None:
        with transaction() as session:
            change_queue(session, queue_id, QueueSettings(name="Second round"))

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            change_queue(session, first, QueueSettings(name="Second round"))
            renaming = pool.submit(rename, second)
            time.sleep(WAIT_SECONDS)
            assert not renaming.done()
        with pytest.raises(QueueNameTaken, match="already has a queue named Second round"):
            renaming.result()
