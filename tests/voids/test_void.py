"""Answers are taken back: previewed first, with a reason, and never twice."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.forms import SafetyLabel
from app.assignments.check import check_queue
from app.assignments.models import Assignment, AssignmentStatus
from app.audit.models import Action, AuditEntry
from app.db import now
from app.queues.models import Dimension, Queue, QueueKind
from app.voids.consequences import Kind
from app.voids.forms import Period
from app.voids.queries import ids_of_answers, preview_of
from tests import answer, make
from tests.browse import enter, post

VIOLENT = answer.harmful("Violence", severity=3)
REASON = "Clicked at random"


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(3)]


def labelled(session: Session, people: list[User], *labels: SafetyLabel, overlap: int = 3) -> Queue:
    """A queue of one item; each person's label of it."""
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, overlap=overlap, members=tuple(people))
    for person, label in zip(people, labels, strict=False):
        answer.safety(session, make.assignment(session, queue, person), label)
    return queue


def ids_of(session: Session, queue: Queue, person: User) -> list[int]:
    return list(
        session.scalars(
            select(Assignment.id).where(Assignment.queue_id == queue.id, Assignment.annotator_id == person.id)
        )
    )


def path_of(queue: Queue) -> str:
    return f"/admin/queues/{queue.id}/voids"


def voiding(person: User, n_answers: int, **more: Any) -> dict[str, Any]:
    return {"annotator_id": person.id, "reason": REASON, "n_answers": n_answers, **more}


def enter_as_admin(client: TestClient, session: Session) -> User:
    admin = make.user(session, role=Role.ADMIN)
    enter(client, session, admin)
    return admin


def statuses(session: Session, *queues: Queue) -> list[str]:
    ids = [queue.id for queue in queues]
    return list(
        session.scalars(select(Assignment.status).where(Assignment.queue_id.in_(ids)).order_by(Assignment.id))
    )


@pytest.mark.parametrize(
    ("labels", "kinds"),
    [
        ([answer.SAFE, answer.SAFE, VIOLENT], {Kind.NOW_HARMFUL: 1}),
        ([VIOLENT, VIOLENT, answer.SAFE], {}),
        ([VIOLENT, answer.SAFE, answer.SAFE], {}),
        ([VIOLENT, answer.harmful("Violence", severity=1), answer.harmful("Violence", severity=1)], {}),
        ([answer.harmful("Violence", severity=1), VIOLENT, VIOLENT], {}),
        ([VIOLENT, answer.harmful("Drugs", severity=3)], {Kind.HARM_CATEGORIES: 1}),
        ([VIOLENT, answer.harmful("Violence", severity=1)], {Kind.SEVERITY: 1}),
        ([VIOLENT, answer.SAFE], {Kind.NOW_SAFE: 1}),
        ([VIOLENT], {Kind.GONE: 1}),
    ],
)
def test_the_preview_counts_labels_that_change(
    session: Session, people: list[User], labels: list[SafetyLabel], kinds: dict[Kind, int]
) -> None:
    queue = labelled(session, people, *labels)
    seen = preview_of(session, queue.id, ids_of(session, queue, people[0]))
    assert seen.n_by_kind == kinds
    assert (seen.n_answers, seen.n_places, seen.n_unanswered) == (1, 1, int(len(labels) == 1))


def test_a_kept_answer_takes_the_place_and_decides_the_label(session: Session, people: list[User]) -> None:
    queue = labelled(session, people, overlap=1)
    late = make.assignment(session, queue, people[1])
    session.execute(update(Assignment).where(Assignment.id == late.id).values(expires_at=func.now()))
    answer.safety(session, make.assignment(session, queue, people[0]), VIOLENT)
    answer.safety(session, late)
    ids = ids_of(session, queue, people[0])
    seen = preview_of(session, queue.id, ids)
    assert (seen.n_places, seen.n_promoted, seen.n_unanswered) == (0, 1, 0)
    assert seen.n_by_kind == {Kind.NOW_SAFE: 1}


def test_the_preview_tells_of_another_order(session: Session, people: list[User]) -> None:
    project = make.project(session)
    make.item(session, project, responses=("Tea.", "Coffee."))
    queue = make.queue(session, project, kind=QueueKind.SINGLE, members=tuple(people))
    for person, ranks in zip(people, ([1, 2], [2, 1], [2, 1]), strict=True):
        answer.ranking(session, make.assignment(session, queue, person), Dimension.SINGLE, ranks)
    seen = preview_of(session, queue.id, ids_of(session, queue, people[1]))
    assert [(change.before, change.after) for change in seen.changes] == [((1,), (None,))]
    assert seen.n_by_kind == {Kind.ORDER: 1}


def test_what_was_previewed_is_voided_once_and_told(
    client: TestClient, session: Session, people: list[User]
) -> None:
    queue = labelled(session, people, VIOLENT, answer.SAFE)
    admin = enter_as_admin(client, session)
    shown = post(client, f"{path_of(queue)}/preview", annotator_id=people[0].id, reason=REASON)
    assert shown.status_code == 200
    assert f"1 answer of {people[0].username} would be voided." in shown.text
    assert "harmful to safe: 1" in shown.text
    assert statuses(session, queue) == ["submitted", "submitted"]
    first = post(client, path_of(queue), **voiding(people[0], 1))
    second = post(client, path_of(queue), **voiding(people[0], 1))
    assert (first.status_code, second.status_code) == (303, 409)
    assert statuses(session, queue) == ["voided", "submitted"]
    page = client.get(path_of(queue)).text
    assert REASON in page
    assert "2 → 1" in page
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.VOIDED)).one()
    assert (entry.actor_id, entry.user_id, entry.queue_id) == (admin.id, people[0].id, queue.id)
    assert check_queue(session, queue.id) == []
    assert make.assignment(session, queue, people[2]).queue_id == queue.id


def test_another_number_than_was_previewed_voids_nothing(
    client: TestClient, session: Session, people: list[User]
) -> None:
    queue = labelled(session, people, VIOLENT)
    enter_as_admin(client, session)
    refused = post(client, path_of(queue), **voiding(people[0], 2))
    assert (refused.status_code, "Nothing was voided" in refused.text) == (409, True)
    assert statuses(session, queue) == ["submitted"]


def test_a_period_bounds_it(client: TestClient, session: Session, people: list[User]) -> None:
    project = make.project(session)
    for _ in range(3):
        make.item(session, project)
    queue = make.queue(session, project, overlap=2, members=tuple(people))
    for days_ago in (3, 2, 1):
        done = make.assignment(session, queue, people[0])
        answer.safety(session, done)
        at = now() - timedelta(days=days_ago)
        session.execute(update(Assignment).where(Assignment.id == done.id).values(closed_at=at))
    enter_as_admin(client, session)
    period = {
        "since": f"{now() - timedelta(days=2, hours=1):%Y-%m-%dT%H:%M}",
        "until": f"{now() - timedelta(days=1, hours=1):%Y-%m-%dT%H:%M}",
    }
    assert post(client, path_of(queue), **voiding(people[0], 1, **period)).status_code == 303
    assert statuses(session, queue) == ["submitted", "voided", "submitted"]
    backwards: dict[str, Any] = {"since": period["until"], "until": period["since"], "reason": REASON}
    answered = post(client, f"{path_of(queue)}/preview", annotator_id=people[0].id, **backwards)
    assert (answered.status_code, "ends before it begins" in answered.text) == (422, True)
    assert check_queue(session, queue.id) == []


def test_everywhere_is_every_queue_of_the_project(
    client: TestClient, session: Session, people: list[User]
) -> None:
    project = make.project(session)
    make.item(session, project)
    queues = [make.queue(session, project, members=tuple(people)) for _ in range(2)]
    other = labelled(session, people, VIOLENT)
    for queue in queues:
        answer.safety(session, make.assignment(session, queue, people[0]))
    enter_as_admin(client, session)
    wide = voiding(people[0], 2, is_everywhere="true")
    shown = post(client, f"{path_of(queues[0])}/preview", **wide)
    assert "2 answers of" in shown.text
    assert post(client, path_of(queues[0]), **wide).status_code == 303
    assert statuses(session, *queues) == [AssignmentStatus.VOIDED] * 2
    assert statuses(session, other) == ["submitted"]


def test_it_refuses_no_reason_and_people_of_other_queues(
    client: TestClient, session: Session, people: list[User]
) -> None:
    queue, stranger = labelled(session, people, VIOLENT), make.user(session)
    enter_as_admin(client, session)
    assert post(client, path_of(queue), **voiding(people[0], 1) | {"reason": " "}).status_code == 422
    assert post(client, path_of(queue), **voiding(stranger, 0)).status_code == 404
    for path in (path_of(queue), f"{path_of(queue)}/preview"):
        assert post(client, path, **voiding(stranger, 0)).status_code == 404
    assert client.get("/admin/queues/999999/voids").status_code == 404
    assert statuses(session, queue) == ["submitted"]


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ADJUDICATOR])
def test_it_is_for_admins(client: TestClient, session: Session, people: list[User], role: Role) -> None:
    queue = labelled(session, people, VIOLENT)
    enter(client, session, make.user(session, role=role))
    assert client.get(path_of(queue)).status_code == 403
    assert post(client, path_of(queue), **voiding(people[0], 1)).status_code == 403
    assert statuses(session, queue) == ["submitted"]


def test_ids_are_of_answers_that_stand(session: Session, people: list[User]) -> None:
    queue = labelled(session, people, VIOLENT)
    make.assignment(session, queue, people[1])
    assert len(ids_of_answers(session, queue.id, people[0].id, Period())) == 1
    assert ids_of_answers(session, queue.id, people[1].id, Period()) == []
