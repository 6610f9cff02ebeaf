"""Batches of submitted work: made, inspected, accepted or refused."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.check import check_queue
from app.assignments.models import Assignment
from app.audit.models import Action, AuditEntry
from app.inspections.actions import end_batch, judge_answer, make_batch
from app.inspections.forms import BatchPlan, InspectorVerdict
from app.inspections.models import BatchState, InspectedAnswer, InspectionBatch
from app.queues.models import Queue
from tests import answer, make
from tests.browse import enter, post

PLAN: dict[str, Any] = {"sample_share": 0.1, "min_right": 0.9, "share_wrong": 0.2, "risk": 0.1}
RIGHT, WRONG = InspectorVerdict(is_right=True), InspectorVerdict(is_right=False, comment="Not so")


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


@pytest.fixture
def admin(session: Session) -> User:
    return make.user(session, role=Role.ADMIN)


@pytest.fixture
def inspector(session: Session) -> User:
    return make.user(session, role=Role.ADJUDICATOR)


@pytest.fixture
def queue(session: Session, annotator: User, inspector: User) -> Queue:
    """Four answers of the annotator, none of the inspector, who is a member too."""
    project = make.project(session)
    for _ in range(4):
        make.item(session, project)
    made = make.queue(session, project, overlap=1, members=(annotator, inspector))
    for _ in range(4):
        answer.safety(session, make.assignment(session, made, annotator))
    return made


def batch(session: Session, queue: Queue, admin: User, **changes: Any) -> InspectionBatch:
    planned = BatchPlan.model_validate(PLAN | changes)
    return session.get_one(InspectionBatch, make_batch(session, queue.id, planned, admin.id, seed=3))


def sample(session: Session, made: InspectionBatch) -> list[int]:
    ids = select(InspectedAnswer.assignment_id).where(
        InspectedAnswer.batch_id == made.id, InspectedAnswer.is_sampled
    )
    return list(session.scalars(ids.order_by(InspectedAnswer.assignment_id)))


def statuses(session: Session, queue: Queue) -> set[str]:
    return set(session.scalars(select(Assignment.status).where(Assignment.queue_id == queue.id)))


def path_of(made: InspectionBatch) -> str:
    return f"/inspect/batches/{made.id}"


def test_a_batch_is_planned_and_made_once(
    client: TestClient, session: Session, queue: Queue, admin: User
) -> None:
    enter(client, session, admin)
    path = f"/admin/queues/{queue.id}/inspections"
    assert "4 answers are in no batch yet." in client.get(path).text
    plan = post(client, f"{path}/plan", **PLAN).text
    assert "1 of 4 answers are inspected" in plan
    assert session.scalar(select(func.count()).select_from(InspectionBatch)) == 0
    first, second = (post(client, path, **PLAN) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 422)
    made = session.scalars(select(InspectionBatch)).one()
    assert (made.n_answers, made.n_sampled, len(sample(session, made))) == (4, 1, 1)


@pytest.mark.parametrize("changes", [{"sample_share": 0.09}, {"min_right": 1.1}, {"risk": 0}])
def test_less_than_a_tenth_is_no_sample(
    client: TestClient, session: Session, queue: Queue, admin: User, changes: dict[str, float]
) -> None:
    enter(client, session, admin)
    for way in ("", "/plan"):
        path = f"/admin/queues/{queue.id}/inspections{way}"
        assert post(client, path, **PLAN | changes).status_code == 422


def test_enough_right_ones_and_it_is_accepted(
    client: TestClient, session: Session, queue: Queue, admin: User, inspector: User
) -> None:
    made = batch(session, queue, admin, sample_share=0.5)
    enter(client, session, inspector)
    page = client.get(path_of(made)).text
    assert "0 of 2 sampled answers are judged" in page
    for assignment_id in sample(session, made):
        for _ in range(2):
            sent = post(client, f"{path_of(made)}/answers/{assignment_id}", is_right="true")
            assert sent.status_code == 303
    assert "An admin ends the batch" in client.get(path_of(made)).text
    assert post(client, f"{path_of(made)}/end").status_code == 403
    enter(client, session, admin)
    first, second = (post(client, f"{path_of(made)}/end") for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Accepted on" in client.get(path_of(made)).text
    assert statuses(session, queue) == {"submitted"}
    entries = session.scalars(select(AuditEntry.action).where(AuditEntry.action == Action.DECIDED)).all()
    assert len(entries) == 3


def test_too_few_and_all_of_it_goes_back(
    session: Session, queue: Queue, admin: User, inspector: User
) -> None:
    made = batch(session, queue, admin)
    judge_answer(session, made.id, sample(session, made)[0], inspector.id, WRONG)
    assert end_batch(session, made.id, admin.id) is BatchState.REFUSED
    assert statuses(session, queue) == {"voided"}
    reasons = set(session.scalars(select(Assignment.void_reason).where(Assignment.queue_id == queue.id)))
    assert reasons == {f"Inspection batch {made.id} was refused: 0 of 1 right"}
    for _ in range(4):
        answer.safety(session, make.assignment(session, queue, inspector))
    assert check_queue(session, queue.id) == []
    assert batch(session, queue, admin).n_answers == 4


def test_it_does_not_end_before_its_sample_is_judged(
    client: TestClient, session: Session, queue: Queue, admin: User
) -> None:
    made = batch(session, queue, admin)
    enter(client, session, admin)
    assert post(client, f"{path_of(made)}/end").status_code == 422
    assert session.get_one(InspectionBatch, made.id, populate_existing=True).state == BatchState.OPEN


def test_nobody_inspects_their_own(
    client: TestClient, session: Session, admin: User, inspector: User
) -> None:
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(inspector,))
    answer.safety(session, make.assignment(session, queue, inspector))
    made = batch(session, queue, admin)
    enter(client, session, inspector)
    assert "your own answers" in client.get(path_of(made)).text
    (assignment_id,) = sample(session, made)
    assert post(client, f"{path_of(made)}/answers/{assignment_id}", is_right="true").status_code == 403


def test_of_two_inspectors_the_first_has_it_and_may_change_it(
    client: TestClient, session: Session, queue: Queue, admin: User, inspector: User
) -> None:
    made = batch(session, queue, admin)
    (assignment_id,) = sample(session, made)
    path = f"{path_of(made)}/answers/{assignment_id}"
    judge_answer(session, made.id, assignment_id, inspector.id, RIGHT)
    enter(client, session, admin)
    assert post(client, path, is_right="false").status_code == 409
    assert client.get(path).status_code == 404
    enter(client, session, inspector)
    assert client.get(path).status_code == 200
    assert post(client, path, is_right="false", comment="On second thought").status_code == 303
    assert post(client, path, is_right="perhaps").status_code == 422
    stored = session.get_one(InspectedAnswer, assignment_id, populate_existing=True)
    assert (stored.is_right, stored.comment) == (False, "On second thought")
    end_batch(session, made.id, admin.id)
    assert post(client, path, is_right="true").status_code == 409


def test_what_is_not_sampled_is_not_judged(
    client: TestClient, session: Session, queue: Queue, admin: User, inspector: User
) -> None:
    made = batch(session, queue, admin)
    others = session.scalars(select(InspectedAnswer.assignment_id).where(~InspectedAnswer.is_sampled)).all()
    enter(client, session, inspector)
    assert post(client, f"{path_of(made)}/answers/{others[0]}", is_right="true").status_code == 404
    assert client.get("/inspect/batches/999999").status_code == 404


def test_texts_that_are_shown_are_noted(
    client: TestClient, session: Session, queue: Queue, admin: User, inspector: User
) -> None:
    made = batch(session, queue, admin)
    enter(client, session, inspector)
    client.get(path_of(made))
    viewed = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.VIEWED)).one()
    assert (viewed.actor_id, viewed.queue_id) == (inspector.id, queue.id)


def test_inspectors_find_the_open_batches(
    client: TestClient, session: Session, queue: Queue, admin: User, inspector: User, annotator: User
) -> None:
    made = batch(session, queue, admin, annotator_id=annotator.id)
    enter(client, session, inspector)
    assert f"Batch {made.id}" in client.get("/inspect").text
    assert client.get(f"/admin/queues/{queue.id}/inspections").status_code == 403
    enter(client, session, annotator)
    assert client.get("/inspect").status_code == 403
    assert client.get(path_of(made)).status_code == 403
