"""The admin's page of targets, webhooks and what was delivered."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.deliveries.actions import plan_calls, plan_deliveries
from app.deliveries.models import Delivery, Progress, Target, Webhook, WebhookCall
from app.deliveries.secrets import unsealed
from app.projects.models import Project
from tests import make
from tests.browse import enter, post
from tests.deliveries.finished import finished_release

Form = dict[str, Any]
KEY = "the-secret/of+a-key"
SECRET = "the secret of a receiver"
BUCKET: Form = {
    "address": "s3://drinks/tea/",
    "endpoint": "https://s3.example",
    "region": "eu-1",
    "key_id": "KEY7",
    "secret": f" {KEY}\n",
}
WEBHOOK: Form = {"url": "https://receiver.example/told", "webhook_secret": SECRET}


@pytest.fixture
def project(client: TestClient, session: Session) -> Project:
    """Its admin is signed in."""
    enter(client, session, make.user(session, role=Role.ADMIN))
    return make.project(session)


@pytest.fixture
def page(project: Project) -> str:
    return f"/admin/projects/{project.id}/deliveries"


def test_secrets_are_kept_sealed_and_shown_to_nobody(client: TestClient, session: Session, page: str) -> None:
    for _ in range(2):
        assert post(client, f"{page}/targets", **BUCKET).headers["location"] == page
        assert post(client, f"{page}/webhooks", **WEBHOOK).headers["location"] == page
    target, webhook = session.scalars(select(Target)).one(), session.scalars(select(Webhook)).one()
    assert (target.address, target.key_id, webhook.site_url) == (
        "s3://drinks/tea",
        "KEY7",
        "http://testserver",
    )
    for kept, secret in ((target.sealed_secret, KEY), (webhook.sealed_secret, SECRET)):
        assert kept is not None
        assert secret not in kept
        assert unsealed(kept) == secret
    shown = client.get(page).text
    assert "s3://drinks/tea" in shown
    assert "https://receiver.example/told" in shown
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    logged = [(entry.action, entry.subject, str(entry.after)) for entry in entries[1:]]
    assert [each[:2] for each in logged] == [
        ("created", "delivery target"),
        ("created", "webhook"),
        ("changed", "delivery target"),
        ("changed", "webhook"),
    ]
    for text in (shown, logged[0][2]):
        assert "s3://drinks/tea" in text
        # The last is how a sealed secret begins.
        assert not any(secret in text for secret in (KEY, SECRET, "gAAAA"))


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ("targets", {"address": "tea"}),
        ("targets", {"address": "/srv/../etc"}),
        ("targets", {"address": "s3://Drinks!"}),
        ("targets", {"address": "s3://drinks/../tea", "key_id": "KEY7", "secret": KEY}),
        ("targets", {"address": "hf://datasets/tea-house", "secret": KEY}),
        ("targets", {"address": "hf://datasets/tea-house/drinks"}),
        ("targets", {"address": "s3://drinks", "key_id": "KEY7"}),
        ("targets", BUCKET | {"secret": f"{KEY}\n{KEY}"}),
        ("targets", BUCKET | {"key_id": "KEY 7"}),
        ("targets", BUCKET | {"endpoint": "file:///etc/passwd"}),
        ("targets", BUCKET | {"region": "EU 1"}),
        ("webhooks", WEBHOOK | {"url": "ftp://receiver.example"}),
        ("webhooks", WEBHOOK | {"url": "https://name:word@receiver.example"}),
        ("webhooks", WEBHOOK | {"url": "https://[oops"}),
        ("webhooks", WEBHOOK | {"webhook_secret": "short"}),
    ],
)
def test_what_can_not_be_used_comes_back_without_its_secret(
    client: TestClient, session: Session, page: str, form: str, wrong: Form
) -> None:
    answer = post(client, f"{page}/{form}", **wrong)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert SECRET not in answer.text
    assert KEY not in answer.text
    assert [*session.scalars(select(Target)), *session.scalars(select(Webhook))] == []


def test_targets_and_webhooks_are_switched(client: TestClient, session: Session, page: str) -> None:
    post(client, f"{page}/targets", address="/srv/releases")
    post(client, f"{page}/webhooks", **WEBHOOK)
    target, webhook = session.scalars(select(Target)).one(), session.scalars(select(Webhook)).one()
    for path in (f"{page}/targets/{target.id}", f"{page}/webhooks/{webhook.id}"):
        for is_on in ("false", "false", "true"):
            assert post(client, path, is_on=is_on).status_code == 303
            assert f"state {'on' if is_on == 'true' else 'off'}" in client.get(page).text
        assert post(client, path, is_on="perhaps").status_code == 422
    changed = select(AuditEntry).where(AuditEntry.action == "changed")
    assert len(session.scalars(changed).all()) == 4, "one that changes nothing is noted"


def test_a_delivery_and_a_call_are_shown_and_ordered_again(
    client: TestClient, session: Session, home: Path, project: Project, page: str
) -> None:
    post(client, f"{page}/targets", address="/srv/releases")
    post(client, f"{page}/webhooks", **WEBHOOK)
    target = session.scalars(select(Target)).one()
    release = finished_release(session, project)
    order: Form = {"target_id": target.id, "number": release.number}
    assert post(client, page, **order).status_code == 303
    plan_deliveries(session)
    plan_calls(session)
    delivery, call = session.scalars(select(Delivery)).one(), session.scalars(select(WebhookCall)).one()
    for errand in (delivery, call):
        errand.state, errand.error, errand.due_at = Progress.FAILED, "The door <was> shut.", None
    session.flush()
    assert client.get(page).text.count("The door &lt;was&gt; shut.") == 2
    again: list[tuple[str, Form]] = [(page, order), (f"{page}/calls/{call.id}", {})]
    for path, fields in again:
        assert [post(client, path, **fields).status_code for _ in range(2)] == [303, 303]
    for errand in (delivery, call):
        session.refresh(errand)
        assert (errand.state, errand.n_tries, errand.error) == (Progress.WAITING, 0, None)
        errand.state = Progress.RUNNING
    session.flush()
    for path, fields in again:
        assert post(client, path, **fields).status_code == 409
    assert post(client, page, target_id=target.id, number=99).status_code == 404
    assert post(client, page, number=1).status_code == 422


def test_rows_of_another_project_are_not_found(
    client: TestClient, session: Session, home: Path, project: Project, page: str
) -> None:
    post(client, f"{page}/targets", address="/srv/releases")
    post(client, f"{page}/webhooks", **WEBHOOK)
    release = finished_release(session, project)
    plan_calls(session)
    target, webhook = session.scalars(select(Target)).one(), session.scalars(select(Webhook)).one()
    call = session.scalars(select(WebhookCall)).one()
    other = f"/admin/projects/{make.project(session).id}/deliveries"
    asked: list[tuple[str, Form]] = [
        (f"{other}/targets/{target.id}", {"is_on": "false"}),
        (f"{other}/webhooks/{webhook.id}", {"is_on": "false"}),
        (f"{other}/calls/{call.id}", {}),
        (other, {"target_id": target.id, "number": release.number}),
    ]
    for path, fields in asked:
        assert post(client, path, **fields).status_code == 404
    assert client.get("/admin/projects/0/deliveries").status_code == 404
