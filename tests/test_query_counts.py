"""A list page asks the database equally often, however long the list is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.actions import compute_agreement
from app.db import engine
from app.deliveries.actions import add_target, order_delivery
from app.deliveries.forms import NewTarget
from app.deliveries.models import Target
from app.items.actions import start_import
from app.projects.models import Project
from app.releases.actions import request_release
from app.withdrawals.actions import withdraw
from app.withdrawals.models import WithdrawalKind
from app.withdrawals.reach import Named
from tests import answer, make
from tests.browse import enter


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement sent meanwhile, but for savepoints: those are the test's own."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine(), "before_cursor_execute", note)


def add_rows(session: Session, project: Project, annotator: User) -> None:
    """Some of everything a list can hold, in this project and beside it."""
    for _ in range(5):
        make.item(session, project)
        queue = make.queue(session, project, members=(annotator, make.user(session)))
        compute_agreement(session, queue.id)
        make.project(session)
        deliver_release(session, project, f"/srv/{next(make.numbers)}")
        start_import(session, project.id, "items.jsonl", 10)
        make.guideline(session, project)
        withdraw(session, project.id, Named(WithdrawalKind.PROMPT, (make.sha256(queue.name),)), "Asked for")
        assignment = make.assignment(session, queue, annotator)
        for author in (annotator, make.user(session, role=Role.ADMIN)):
            make.comment(session, assignment, author)
        answer.safety(session, assignment)


def deliver_release(session: Session, project: Project, address: str) -> None:
    """To a target of its own."""
    add_target(session, project.id, NewTarget(address=address))
    target = session.scalars(select(Target).where(Target.address == address)).one()
    order_delivery(session, target, request_release(session, project.id))


def n_statements(client: TestClient, session: Session, path: str) -> int:
    session.expire_all()
    with statements() as sent:
        assert client.get(path).status_code == 200
    assert sent
    return len(sent)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.ANNOTATOR, "/annotate"),
        (Role.ANNOTATOR, "/annotate/comments"),
        (Role.ANNOTATOR, "/annotate/publication"),
        (Role.ADMIN, "/admin"),
        (Role.ADMIN, "/admin/projects/{project_id}"),
        (Role.ADMIN, "/admin/projects/{project_id}/comments"),
        (Role.ADMIN, "/admin/projects/{project_id}/deliveries"),
        (Role.ADMIN, "/admin/projects/{project_id}/guidelines"),
        (Role.ADMIN, "/admin/projects/{project_id}/taxonomy"),
        (Role.ADMIN, "/admin/projects/{project_id}/imports"),
        (Role.ADMIN, "/admin/projects/{project_id}/items"),
        (Role.ADMIN, "/admin/projects/{project_id}/quality"),
        (Role.ADMIN, "/admin/projects/{project_id}/people"),
        (Role.ADMIN, "/admin/projects/{project_id}/jobs"),
        (Role.ADMIN, "/admin/projects/{project_id}/queues"),
        (Role.ADMIN, "/admin/projects/{project_id}/releases"),
        (Role.ADMIN, "/admin/projects/{project_id}/wellbeing"),
        (Role.ADMIN, "/admin/projects/{project_id}/withdrawals"),
        (Role.ADMIN, "/admin/people"),
        (Role.ADMIN, "/admin/people/groups"),
        (Role.ADMIN, "/admin/people/invitations"),
        (Role.ADMIN, "/admin/people/{annotator_id}"),
        (Role.ADMIN, "/admin/people/{annotator_id}/agreement"),
        (Role.ADMIN, "/admin/people/{annotator_id}/exposure"),
        (Role.ADMIN, "/admin/audit"),
        (Role.ADMIN, "/admin/queues/{queue_id}"),
        (Role.ADMIN, "/admin/queues/{queue_id}/items"),
        (Role.ADMIN, "/admin/queues/{queue_id}/leases"),
        (Role.ADMIN, "/agreement"),
        (Role.ADMIN, "/agreement/queues/{queue_id}"),
    ],
)
def test_more_rows_need_no_more_statements(
    client: TestClient, session: Session, role: Role, path: str
) -> None:
    user, annotator = make.user(session, role=role), make.user(session)
    labels = user if role is Role.ANNOTATOR else annotator
    project = make.project(session)
    queue = make.queue(session, project, members=(labels,))
    path = path.format(project_id=project.id, queue_id=queue.id, annotator_id=annotator.id)
    enter(client, session, user)
    add_rows(session, project, labels)
    few = n_statements(client, session, path)
    for _ in range(3):
        add_rows(session, project, labels)
    assert n_statements(client, session, path) == few <= 16
