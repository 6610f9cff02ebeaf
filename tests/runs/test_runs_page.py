"""What runs, and has run, in the background of a project, on one page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.actions import compute_agreement
from app.audit.actions import act_as
from app.db import now
from app.deliveries.actions import add_target, add_webhook, order_delivery
from app.deliveries.forms import NewTarget, NewWebhook
from app.deliveries.models import Delivery, WebhookCall
from app.deliveries.queries import targets_of, webhooks_of
from app.differences.actions import fail_difference
from app.items.actions import start_import
from app.items.models import Import
from app.projects.models import Project
from app.pulse.actions import show_schedule, show_worker
from app.quality.actions import review_trust
from app.releases.actions import fail_release, project_folder, request_release
from app.releases.models import Release
from app.runs.forms import Search
from app.runs.queries import askers_of, runs_of
from app.runs.run import Run, RunKind, RunState
from tests import make
from tests.browse import enter, post


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    user = make.user(session, role=Role.ADMIN)
    enter(client, session, user)
    return user


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


def jobs(project: Project) -> str:
    return f"/admin/projects/{project.id}/jobs"


def asked(session: Session, project: Project, **fields: Any) -> list[Run]:
    return runs_of(session, project.id, Search(**fields), 100)


def kinds_of(runs: Sequence[Run]) -> list[str]:
    return sorted(run.kind for run in runs)


def add_one_of_each(session: Session, project: Project) -> Release:
    """Also beside the project, which is not to be seen."""
    for owner in (make.project(session), project):
        start_import(session, owner.id, "tea.jsonl", 10)
        start_import(session, owner.id, "answers.csv", 10)
        session.execute(update(Import).where(Import.file_name == "answers.csv").values(answers_told={}))
        queue = make.queue(session, owner)
        compute_agreement(session, queue.id)
        review_trust(session, queue.id)
        older, release = request_release(session, owner.id), request_release(session, owner.id)
        project_folder(owner.id).mkdir(parents=True, exist_ok=True)
        fail_difference(older, release, "Its files are gone.")
        add_target(session, owner.id, NewTarget(address=f"/srv/{owner.id}"))
        order_delivery(session, targets_of(session, owner.id)[0], release)
        told = NewWebhook(url="https://example.org/told", webhook_secret="0123456789abcdef")
        add_webhook(session, owner.id, told, "https://example.org")
        call = {"release_id": release.id, "webhook_id": webhooks_of(session, owner.id)[0].id}
        session.execute(
            insert(WebhookCall).values(**call, outcome="done", key="0" * 32, body="{}", state="waiting")
        )
    return release


def test_every_kind_of_job_is_listed_and_those_of_other_projects_are_not(
    session: Session, project: Project
) -> None:
    add_one_of_each(session, project)
    expected = [kind for kind in RunKind if kind is not RunKind.TRUST]
    assert kinds_of(asked(session, project)) == sorted([*expected, RunKind.RELEASE])
    for kind in RunKind:
        assert {run.kind for run in asked(session, project, kind=kind)} == {kind}


def test_a_state_is_asked_for(session: Session, project: Project) -> None:
    release = add_one_of_each(session, project)
    assert kinds_of(asked(session, project, state=RunState.FAILED)) == [RunKind.COMPARISON]
    fail_release(session, release.id, "No room.")
    failed = asked(session, project, state=RunState.FAILED, kind=RunKind.RELEASE)
    assert [(run.number, run.error) for run in failed] == [(release.number, "No room.")]


def test_pages_follow_one_another_without_a_gap(session: Session, project: Project) -> None:
    """All have the same time here, as the test is one transaction."""
    add_one_of_each(session, project)
    everything, seen, before = asked(session, project), [], None
    while found := runs_of(session, project.id, Search(before=before), 2):
        seen += found
        before = found[-1].place
    assert seen == everything


def test_who_asked_is_told_from_the_log(session: Session, project: Project, admin: User) -> None:
    start_import(session, project.id, "by_itself.jsonl", 10)
    act_as(session, admin.id)
    started = start_import(session, project.id, "tea.jsonl", 10)
    release = request_release(session, project.id)
    runs = asked(session, project)
    assert askers_of(session, project.id, runs) == {
        ("import", started.id): admin.username,
        ("release", release.id): admin.username,
    }


def test_an_import_that_runs_says_how_far_it_is(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    started = start_import(session, project.id, "tea.jsonl", 100)
    began_at = now() - timedelta(seconds=30)
    values = {"state": "running", "n_bytes_read": 25, "started_at": began_at, "n_rejected": 2}
    session.execute(update(Import).where(Import.id == started.id).values(values))
    [run] = asked(session, project)
    assert run.seconds_left(began_at + timedelta(seconds=30)) == 90
    page = client.get(jobs(project)).text
    assert "25 %" in page
    assert "2 rows left out" in page
    assert f'hx-get="{jobs(project)}"' in page
    session.execute(update(Import).where(Import.id == started.id).values(state="done", finished_at=now()))
    assert "hx-get" not in client.get(jobs(project)).text, "nothing moves any more"


def test_htmx_gets_the_list_alone(client: TestClient, admin: User, project: Project) -> None:
    block = client.get(jobs(project), headers={"hx-request": "true"}).text
    assert block.strip().startswith('<section id="runs"')


def test_an_empty_list_says_where_to_begin(client: TestClient, admin: User, project: Project) -> None:
    page = client.get(jobs(project)).text
    assert "Nothing has run yet" in page
    assert f"/admin/projects/{project.id}/imports" in page
    assert "No such job" in client.get(jobs(project), params={"state": "failed"}).text


def test_what_can_be_done_about_a_job_is_offered(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    release = add_one_of_each(session, project)
    fail_release(session, release.id, "No room.")
    for errand in (Delivery, WebhookCall):
        session.execute(
            update(errand).where(errand.release_id == release.id)
            .values(state="failed", error="No answer.", due_at=None, ended_at=now(), n_tries=8)
        )  # fmt: skip
    page = client.get(jobs(project)).text
    [waiting] = [run for run in asked(session, project, state=RunState.WAITING) if run.kind == "import"]
    assert f'action="/admin/imports/{waiting.id}/cancel"' in page
    assert f'action="/admin/releases/{release.id}/retry"' in page
    assert f'action="/admin/releases/{release.id}/differences"' in page
    assert f'action="/admin/projects/{project.id}/deliveries"' in page
    assert "/deliveries/calls/" in page


def test_a_delivery_is_tried_again_from_the_list(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    add_target(session, project.id, NewTarget(address="/srv/tea"))
    release = request_release(session, project.id)
    session.execute(update(Release).where(Release.id == release.id).values(state="done", manifest={}))
    target = targets_of(session, project.id)[0]
    order_delivery(session, target, release)
    session.execute(update(Delivery).values(state="failed", error="No answer.", due_at=None, n_tries=8))
    [run] = asked(session, project, kind=RunKind.DELIVERY)
    again: dict[str, Any] = {"target_id": run.target_id, "number": run.number}
    assert post(client, f"/admin/projects/{project.id}/deliveries", **again).status_code == 303
    session.expire_all()
    assert [run.state for run in asked(session, project, kind=RunKind.DELIVERY)] == [RunState.WAITING]


def test_it_says_when_no_worker_is_seen(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    make.nothing_at_work(session)
    assert "No worker has been seen." in client.get(jobs(project)).text
    show_worker(session, n_busy=0)
    assert "The schedule is not running." in client.get(jobs(project)).text
    show_schedule(session)
    page = client.get(jobs(project)).text
    assert "1 worker, idle" in page


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "tea"},
        {"state": "tea"},
        {"before": "tea"},
        {"before": "2026-01-01 import 1 0"},
        {"before": f"2026-01-01T00:00Z import {2**63} 0"},
    ],
    ids=["kind", "state", "place", "place without a time zone", "place of an impossible id"],
)
def test_nonsense_is_refused(
    client: TestClient, admin: User, project: Project, asked: dict[str, str]
) -> None:
    assert client.get(jobs(project), params=asked).status_code == 422


def test_others_than_admins_are_refused(client: TestClient, session: Session, project: Project) -> None:
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    assert client.get(jobs(project)).status_code == 403


def test_a_project_that_is_not_there(client: TestClient, admin: User) -> None:
    assert client.get("/admin/projects/999999999/jobs").status_code == 404


def test_a_time_is_kept_to_the_microsecond(session: Session, project: Project) -> None:
    start_import(session, project.id, "tea.jsonl", 10)
    [run] = asked(session, project)
    assert isinstance(run.asked_at, datetime)
    assert Search(before=f"{run.asked_at.isoformat()} import {run.id} 0").before == run.place
