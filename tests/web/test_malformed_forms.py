"""Whatever a program sends in place of a form, the answer is a notice and never a failure of ours."""

from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.groups.actions import create_group
from app.queues.models import QueueKind
from app.web.security import CSRF_FIELD, CSRF_HEADER
from tests import make
from tests.browse import enter, token

FIELDS = (
    "username", "password", "role", "next", "name", "kind", "overlap", "lease_minutes", "state",
    "annotator_ids", "is_safe", "harm_categories", "severity", "preferred", "rank_0", "reason",
    "max_overlap", "threshold", "returned_first", "max_total", "max_severe_a_day", "qualification",
    "item_order", "not_by_queue_id", "waits_for_safety", "priority", "category", "annotator_id", "opted_out",
    "last_day", "text", "changes", "based_on", "version", "comment",
)  # fmt: skip
ODD_VALUES: dict[str, list[str]] = {
    "NUL": ["a\0b"],
    "twice": ["one", "two"],
    "a large number": ["9" * 30],
    "a very long text": ["x" * 5000],
    "empty": [""],
    "other scripts": ["مرحبا 你好 \U0001f600 \ud7ff"],
}


def send(client: TestClient, path: str, values: list[str]) -> int:
    headers = {CSRF_HEADER: token(client)}
    fields = dict.fromkeys(FIELDS, values)
    return client.post(path, data=fields, headers=headers, follow_redirects=False).status_code


def send_uploads(client: TestClient, path: str) -> int:
    files = {name: (f"{name}\0.txt", BytesIO(b"\xff\0")) for name in FIELDS}
    headers = {CSRF_HEADER: token(client)}
    return client.post(path, files=files, headers=headers, follow_redirects=False).status_code


@pytest.mark.parametrize("values", ODD_VALUES.values(), ids=ODD_VALUES.keys())
def test_admin_forms_refuse_what_they_can_not_use(
    client: TestClient, session: Session, values: list[str]
) -> None:
    project = make.project(session)
    queue = make.queue(session, project)
    admin = make.user(session, role=Role.ADMIN)
    enter(client, session, admin)
    for path in (
        "/admin/projects",
        "/admin/people",
        f"/admin/projects/{project.id}/queues",
        f"/admin/queues/{queue.id}/members",
        f"/admin/queues/{queue.id}/state",
        f"/admin/queues/{queue.id}/settings",
        f"/admin/queues/{queue.id}/items",
        f"/admin/queues/{queue.id}/ending",
        f"/admin/queues/{queue.id}/reopening",
        f"/admin/queues/{queue.id}/clone",
        f"/admin/queues/{queue.id}/items/preview",
        f"/admin/queues/{queue.id}/items/change",
        f"/admin/queues/{queue.id}/caps",
        f"/admin/queues/{queue.id}/voids",
        f"/admin/queues/{queue.id}/voids/preview",
        f"/admin/queues/{queue.id}/inspections",
        f"/admin/queues/{queue.id}/inspections/plan",
        f"/admin/people/{admin.id}/qualifications",
        f"/admin/people/{admin.id}/qualifications/revoke",
        f"/admin/people/{admin.id}/role",
        "/admin/people/groups",
        f"/admin/people/groups/{create_group(session, 'Medical team')}",
        f"/admin/queues/{queue.id}/members/group",
        f"/admin/people/{admin.id}/activation",
        f"/admin/people/{admin.id}/pauses",
        f"/admin/projects/{project.id}/imports",
        f"/admin/projects/{project.id}/guidelines",
        f"/admin/projects/{project.id}/guidelines/preview",
    ):
        assert send(client, path, values) in {303, 422}, path
        assert send_uploads(client, path) in {303, 422}, path


@pytest.mark.parametrize("values", ODD_VALUES.values(), ids=ODD_VALUES.keys())
def test_answers_that_make_no_sense_are_not_stored(
    client: TestClient, session: Session, values: list[str]
) -> None:
    annotator = make.user(session)
    enter(client, session, annotator)
    assert send(client, "/annotate/topics", values) == 422
    for kind, n_responses, step in (
        (QueueKind.SAFETY, 1, "safety-label"),
        (QueueKind.SINGLE, 2, "rankings/single"),
        (QueueKind.SINGLE, 3, "rankings/single"),
    ):
        project = make.project(session)
        make.item(session, project, responses=tuple(f"Answer {n}." for n in range(n_responses)))
        queue = make.queue(session, project, kind=kind, members=(annotator,))
        path = f"/annotate/assignments/{make.assignment(session, queue, annotator).id}"
        assert send(client, f"/annotate/projects/{project.id}/guidelines/read", values) == 422
        assert send(client, f"{path}/comments", values) in {303, 422}
        for action in (step, "skip"):
            assert send(client, f"{path}/{action}", values) == 422, (kind, action)
            assert send_uploads(client, f"{path}/{action}") == 422, (kind, action)


@pytest.mark.parametrize("values", ODD_VALUES.values(), ids=ODD_VALUES.keys())
def test_nobody_gets_in_with_such_a_name(client: TestClient, values: list[str]) -> None:
    assert send(client, "/sign-in", values) == 422
    assert send_uploads(client, "/sign-in") == 422


def test_a_queue_of_no_project_is_not_found(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    fields = {CSRF_FIELD: token(client), "name": "Queue", "kind": "safety"}
    assert client.post("/admin/projects/999999/queues", data=fields).status_code == 404


@pytest.mark.parametrize(
    "path", ["/admin/audit?words=%00", "/admin/audit.csv?words=%00", "/admin/people?words=%00"]
)
def test_an_address_with_nul_is_refused(client: TestClient, session: Session, path: str) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get(path).status_code == 422
