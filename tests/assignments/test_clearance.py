"""Need to know: what a project restricts is given, and shown, to nobody but those who are cleared for it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.actions import AssignmentClosed, lock_member, renew_lease
from app.assignments.clearance import clear_person
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.queries import Nothing, empty_state
from app.audit.models import AuditEntry
from app.db import transaction
from app.errors import Forbidden
from app.projects.actions import change_project
from app.projects.forms import ProjectSettings
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.models import Queue, QueueItem, QueueMember
from app.queues.queries import refuse_restricted
from tests import answer, make
from tests.browse import enter, post

SECRET = "Cybercrime"


def restricted_queue(session: Session, annotator: User, *, cleared: bool = True) -> Queue:
    """One item, expected to touch what its project restricts."""
    project = make.project(session)
    change_project(session, project.id, ProjectSettings(restricted=[SECRET]))
    annotator.cleared = [SECRET] if cleared else []
    session.flush()
    make.item(session, project, prompt="About the locked room?")
    queue = make.queue(session, project, members=(annotator,))
    expected = update(QueueItem).where(QueueItem.queue_id == queue.id)
    session.execute(expected.values(harm_mask=PKU.mask_of([SECRET])))
    return queue


def avoided(session: Session, annotator: User) -> list[int]:
    members = select(QueueMember.avoided).where(QueueMember.annotator_id == annotator.id)
    return list(session.scalars(members.order_by(QueueMember.queue_id)))


def save_settings(client: TestClient, project_id: int, *restricted: str) -> None:
    fields: dict[str, Any] = {"break_minutes": "50", "text_format": "plain", "restricted": list(restricted)}
    assert post(client, f"/admin/projects/{project_id}/settings", **fields).status_code == 303


def save_clearance(client: TestClient, person: User, *cleared: str, reason: str = "signed") -> int:
    path = f"/admin/people/{person.id}/clearance"
    return post(client, path, cleared=list(cleared), reason=reason).status_code


def test_a_member_is_not_given_what_they_opted_out_of_or_are_not_cleared_for(
    client: TestClient, session: Session
) -> None:
    annotator, admin = make.user(session), make.user(session, role=Role.ADMIN)
    queue = restricted_queue(session, annotator, cleared=False)
    open_queue = make.queue(session, make.project(session), members=(annotator,))
    assert avoided(session, annotator) == [PKU.mask_of([SECRET]), 0]
    enter(client, session, annotator)
    post(client, "/annotate/topics", opted_out=["Drugs"])
    assert avoided(session, annotator) == [PKU.mask_of([SECRET, "Drugs"]), PKU.mask_of(["Drugs"])]
    enter(client, session, admin)
    assert save_clearance(client, annotator, SECRET) == 303
    assert avoided(session, annotator) == [PKU.mask_of(["Drugs"])] * 2
    save_settings(client, open_queue.project_id, "Violence")
    assert avoided(session, annotator) == [PKU.mask_of(["Drugs"]), PKU.mask_of(["Drugs", "Violence"])]
    save_settings(client, open_queue.project_id)
    assert avoided(session, annotator) == [PKU.mask_of(["Drugs"])] * 2
    assert make.claim(session, queue, annotator) is not None


def test_what_is_held_is_taken_back_with_the_clearance(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    held = make.assignment(session, restricted_queue(session, annotator), annotator)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for _ in range(2):
        assert save_clearance(client, annotator) == 303
    session.refresh(held)
    assert held.status == AssignmentStatus.RELEASED
    member = lock_member(session, held.queue_id, annotator.id)
    with pytest.raises(AssignmentClosed):
        renew_lease(session, held.id, member)
    assert empty_state(session, member).reason == Nothing.RESTRICTED
    log = session.scalars(select(AuditEntry).where(AuditEntry.user_id == annotator.id)).all()
    assert [(entry.action, entry.subject, entry.reason) for entry in log] == [
        ("revoked", "clearance", "signed"),
        ("released", "lease", None),
    ]


def test_what_is_held_is_taken_back_when_its_project_restricts_it(
    client: TestClient, session: Session
) -> None:
    annotator = make.user(session)
    queue = restricted_queue(session, annotator, cleared=False)
    enter(client, session, make.user(session, role=Role.ADMIN))
    save_settings(client, queue.project_id)
    held = make.assignment(session, queue, annotator)
    save_settings(client, queue.project_id, SECRET)
    session.refresh(held)
    assert held.status == AssignmentStatus.RELEASED


def test_without_clearance_nobody_sees_its_texts(client: TestClient, session: Session) -> None:
    annotator, admin = make.user(session), make.user(session, role=Role.ADMIN)
    queue = restricted_queue(session, annotator)
    done = make.assignment(session, queue, annotator)
    make.comment(session, done, annotator)
    answer.safety(session, done)
    questions = f"/admin/projects/{queue.project_id}/comments"
    enter(client, session, admin)
    assert "locked room" not in client.get(questions).text
    assert post(client, f"{questions}/{done.id}", comment="No.").status_code == 403
    with pytest.raises(Forbidden):
        refuse_restricted(session, admin, done.item_id)
    save_clearance(client, admin, SECRET)
    assert "locked room" in client.get(questions).text
    pages = {
        "/annotate/work": 200,
        "/annotate/comments": 200,
        f"/annotate/assignments/{done.id}/comments": 403,
        f"/annotate/assignments/{done.id}/answers/safety": 403,
    }
    enter(client, session, annotator)
    for path in pages:
        assert "locked room" in client.get(path).text, path
    clear_person(session, annotator.id, [], "left the team")
    for path, status in pages.items():
        shown = client.get(path)
        assert (shown.status_code, "locked room" in shown.text) == (status, False), path


def test_a_restricted_topic_can_not_be_chosen(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    queue = restricted_queue(session, annotator, cleared=False)
    enter(client, session, annotator)
    page = client.get("/annotate/topics").text
    assert f'value="{SECRET}" checked disabled' in page
    assert session.get_one(Project, queue.project_id).name in page


def test_clearance_needs_a_reason_and_a_known_topic(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/people/{annotator.id}/clearance"
    refused = post(client, path, cleared=SECRET, reason=" ")
    assert refused.status_code == 422
    assert f'value="{SECRET}" checked' in refused.text
    assert save_clearance(client, annotator, "Weather") == 422
    assert client.get("/admin/people/999999/clearance").status_code == 404
    assert save_clearance(client, annotator, SECRET, "Drugs") == 303
    assert "Cybercrime" in client.get(f"/admin/people/{annotator.id}").text
    enter(client, session, annotator)
    assert save_clearance(client, annotator) == 403


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("is_claim_first", [True, False])
def test_a_clearance_revoked_while_a_claim_runs_leaves_no_lease(is_claim_first: bool) -> None:
    with transaction() as session:
        annotator = make.user(session)
        queue = restricted_queue(session, annotator)
    first_is_at_it, waits = Event(), Event()

    def claim() -> None:
        with transaction() as session:
            if not is_claim_first:
                first_is_at_it.wait(10)
                waits.set()
            make.claim(session, queue, annotator)
            if is_claim_first:
                first_is_at_it.set()
                waits.wait(1)

    def revoke() -> None:
        with transaction() as session:
            if is_claim_first:
                first_is_at_it.wait(10)
                waits.set()
            clear_person(session, annotator.id, [], "left the team")
            if not is_claim_first:
                first_is_at_it.set()
                waits.wait(1)

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(claim), threads.submit(revoke)]:
            done.result()
    with transaction() as session:
        assert session.scalars(select(QueueMember.avoided)).one() == PKU.mask_of([SECRET])
        still_open = select(Assignment).where(Assignment.status == AssignmentStatus.OPEN)
        assert session.scalars(still_open).all() == []
