"""An annotator orders the responses to one prompt."""

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.actions import displayed_order
from app.annotations.models import Annotation
from app.assignments.actions import expire_leases
from app.assignments.models import Assignment, AssignmentStatus
from app.db import now
from app.queues.models import Dimension, Queue, QueueKind
from tests import make
from tests.browse import enter, post

TEXTS = ("First answer.", "Second answer.", "Third answer.", "Fourth answer.")


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


def ranking_queue(
    session: Session, annotator: User, kind: QueueKind, *, n_responses: int = 2, n_items: int = 1
) -> Queue:
    project = make.project(session)
    for _ in range(n_items):
        make.item(session, project, responses=TEXTS[:n_responses])
    return make.queue(session, project, kind=kind, members=(annotator,))


def path_of(assignment: Assignment, dimension: str) -> str:
    return f"/annotate/assignments/{assignment.id}/rankings/{dimension}"


def order_on_page(page: str) -> list[int]:
    """The positions in the item of the responses, as they stand on the page."""
    shown = re.findall(r'<div class="model-text"[^>]*>([^<]+)</div>', page)
    return [TEXTS.index(text) for text in shown if text in TEXTS]


def stored(session: Session, assignment: Assignment) -> dict[str, Annotation]:
    rows = session.scalars(select(Annotation).where(Annotation.assignment_id == assignment.id))
    return {row.dimension: row for row in rows}


@pytest.mark.parametrize(("preferred", "on_page"), [("first", [1, 2]), ("second", [2, 1]), ("tie", [1, 1])])
def test_a_choice_between_two_is_stored_for_the_responses_not_for_the_places(
    client: TestClient, session: Session, annotator: User, preferred: str, on_page: list[int]
) -> None:
    queue = ranking_queue(session, annotator, QueueKind.HELPFULNESS, n_items=8)
    orders = set()
    for _ in range(8):
        assignment = make.assignment(session, queue, annotator)
        order = order_on_page(client.get(f"/annotate/queues/{queue.id}").text)
        post(client, path_of(assignment, "helpfulness"), preferred=preferred)
        answer = stored(session, assignment)["helpfulness"]
        assert answer.displayed_order == order
        assert answer.ranks == [on_page[order.index(0)], on_page[order.index(1)]]
        orders.add(tuple(order))
    assert orders == {(0, 1), (1, 0)}


@pytest.mark.parametrize(
    ("n_responses", "on_page", "without_gaps"),
    [(3, [2, 1, 3], [2, 1, 3]), (3, [1, 3, 3], [1, 2, 2]), (4, [4, 1, 1, 4], [2, 1, 1, 2])],
)
def test_three_and_four_responses_are_ranked_by_place_and_stored_by_response(
    client: TestClient,
    session: Session,
    annotator: User,
    n_responses: int,
    on_page: list[int],
    without_gaps: list[int],
) -> None:
    queue = ranking_queue(session, annotator, QueueKind.SINGLE, n_responses=n_responses)
    assignment = make.assignment(session, queue, annotator)
    order = order_on_page(client.get(f"/annotate/queues/{queue.id}").text)
    assert sorted(order) == list(range(n_responses))
    fields: dict[str, Any] = {f"rank_{place}": str(rank) for place, rank in enumerate(on_page)}
    assert post(client, path_of(assignment, "single"), **fields).status_code == 200
    answer = stored(session, assignment)["single"]
    assert answer.displayed_order == order
    assert answer.ranks == [without_gaps[order.index(position)] for position in range(n_responses)]
    assert (answer.is_safe, answer.harm_categories, answer.severity) == (None, None, None)


def test_the_order_is_the_same_at_each_load_and_drawn_anew_for_each_assignment_and_dimension() -> None:
    orders = {
        dimension: [displayed_order(assignment_id, dimension, 2) for assignment_id in range(400)]
        for dimension in (Dimension.HELPFULNESS, Dimension.HARMLESSNESS)
    }
    assert orders[Dimension.HELPFULNESS] == [
        displayed_order(assignment_id, Dimension.HELPFULNESS, 2) for assignment_id in range(400)
    ]
    for found in orders.values():
        assert 150 < sum(order == [0, 1] for order in found) < 250
    both = zip(orders[Dimension.HELPFULNESS], orders[Dimension.HARMLESSNESS], strict=True)
    assert 150 < sum(first == second for first, second in both) < 250


def test_a_dual_queue_asks_helpfulness_then_harmlessness_on_pages_of_their_own(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = ranking_queue(session, annotator, QueueKind.DUAL)
    assignment = make.assignment(session, queue, annotator)
    first = client.get(f"/annotate/queues/{queue.id}").text
    assert "more helpful?" in first
    assert "more harmless?" not in first
    second = post(client, path_of(assignment, "helpfulness"), htmx=True, preferred="tie").text
    assert "more harmless?" in second
    assert "more helpful?" not in second
    assert session.get_one(Assignment, assignment.id).status == AssignmentStatus.OPEN
    post(client, path_of(assignment, "harmlessness"), htmx=True, preferred="first")
    assert set(stored(session, assignment)) == {"helpfulness", "harmlessness"}
    assert session.get_one(Assignment, assignment.id).status == AssignmentStatus.SUBMITTED


def test_steps_can_be_neither_repeated_nor_left_out(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = ranking_queue(session, annotator, QueueKind.DUAL)
    assignment = make.assignment(session, queue, annotator)
    steps = ["harmlessness", "helpfulness", "helpfulness", "single", "harmlessness", "harmlessness"]
    answers = [
        post(client, path_of(assignment, step), htmx=True, preferred="first").status_code for step in steps
    ]
    assert answers == [409, 200, 409, 409, 200, 409]
    assert len(stored(session, assignment)) == 2


def test_a_half_answered_item_goes_on_at_its_second_step_after_a_reload(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = ranking_queue(session, annotator, QueueKind.DUAL)
    assignment = make.assignment(session, queue, annotator)
    answer = post(client, path_of(assignment, "helpfulness"), preferred="first")
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "step 2 of 2" in page
    assert path_of(assignment, "harmlessness") in page


@pytest.mark.parametrize(
    ("n_responses", "fields"),
    [
        (2, {}),
        (2, {"preferred": "third"}),
        (3, {"rank_0": "1", "rank_1": "2"}),
        (3, {"rank_0": "1", "rank_1": "2", "rank_2": "4"}),
        (3, {"rank_0": "1", "rank_1": "2", "rank_2": "0"}),
        (3, {"rank_0": "1", "rank_1": "2", "rank_2": "best"}),
    ],
)
def test_an_incomplete_order_comes_back_marked_and_is_not_stored(
    client: TestClient, session: Session, annotator: User, n_responses: int, fields: dict[str, Any]
) -> None:
    queue = ranking_queue(session, annotator, QueueKind.SINGLE, n_responses=n_responses)
    assignment = make.assignment(session, queue, annotator)
    answer = post(client, path_of(assignment, "single"), **fields)
    assert answer.status_code == 422
    assert 'id="ranks-error"' in answer.text
    for name, value in fields.items():
        if name.startswith("rank_") and value in {"1", "2"}:
            assert f'name="{name}" value="{value}" checked' in answer.text
    assert stored(session, assignment) == {}


def test_a_safety_label_is_not_taken_where_a_ranking_is_asked_for(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = ranking_queue(session, annotator, QueueKind.DUAL)
    assignment = make.assignment(session, queue, annotator)
    path = f"/annotate/assignments/{assignment.id}/safety-label"
    assert post(client, path, is_safe="true").status_code == 409
    assert session.get_one(Assignment, assignment.id).status == AssignmentStatus.OPEN


def test_an_unknown_dimension_is_not_found(client: TestClient, session: Session, annotator: User) -> None:
    queue = ranking_queue(session, annotator, QueueKind.SINGLE)
    assignment = make.assignment(session, queue, annotator)
    assert post(client, path_of(assignment, "beauty"), preferred="first").status_code == 404


def test_the_first_step_begins_the_lease_anew(client: TestClient, session: Session, annotator: User) -> None:
    queue = ranking_queue(session, annotator, QueueKind.DUAL)
    held = make.assignment(session, queue, annotator)
    held.expires_at = now() + timedelta(seconds=5)
    session.flush()
    post(client, path_of(held, "helpfulness"), preferred="first")
    session.refresh(held)
    assert held.expires_at > now() + timedelta(minutes=queue.lease_minutes - 1)


def test_an_answer_after_the_lease_went_back_is_kept(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = ranking_queue(session, annotator, QueueKind.DUAL)
    held = make.assignment(session, queue, annotator)
    held.expires_at = now() - timedelta(seconds=5)
    session.flush()
    expire_leases(session, queue.id)
    session.expire_all()
    for step in ("helpfulness", "harmlessness"):
        assert post(client, path_of(held, step), preferred="first").status_code < 400
    session.refresh(held)
    assert held.status == AssignmentStatus.SUBMITTED
    assert stored(session, held).keys() == {"helpfulness", "harmlessness"}
