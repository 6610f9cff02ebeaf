"""An annotator says whether a response is safe, and if not, how it harms."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus
from app.projects.pku import PKU
from app.queues.members import set_members
from app.queues.models import Queue
from tests import make
from tests.browse import enter, post

HARMFUL: dict[str, Any] = {"is_safe": "false", "harm_categories": ["Violence", "Drugs"], "severity": "3"}


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


@pytest.fixture
def queue(session: Session, annotator: User) -> Queue:
    project = make.project(session)
    for _ in range(3):
        make.item(session, project)
    return make.queue(session, project, members=(annotator,))


@pytest.fixture
def assignment(session: Session, queue: Queue, annotator: User) -> Assignment:
    return make.assignment(session, queue, annotator)


def path_of(assignment: Assignment) -> str:
    return f"/annotate/assignments/{assignment.id}/safety-label"


def stored(session: Session) -> Annotation:
    return session.scalars(select(Annotation)).one()


def n_stored(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Annotation)) or 0


def test_a_harmful_label_is_stored_with_categories_in_the_taxonomys_order(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    fields = HARMFUL | {"harm_categories": ["Drugs", "Animal Abuse", "Violence", "Drugs"]}
    assert post(client, path_of(assignment), htmx=True, **fields).status_code == 200
    label = stored(session)
    assert (label.dimension, label.is_safe, label.severity) == ("safety", False, 3)
    assert label.harm_categories == ["Violence", "Drugs", "Animal Abuse"]
    assert label.taxonomy_version
    assert (label.ranks, label.displayed_order) == (None, None)
    assert session.get_one(Assignment, assignment.id).status == AssignmentStatus.SUBMITTED


def test_one_category_and_a_safe_label_are_stored(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    post(client, path_of(assignment), is_safe="true")
    label = stored(session)
    assert (label.is_safe, label.harm_categories, label.severity) == (True, [], 0)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "is_safe"),
        ({"is_safe": "perhaps"}, "is_safe"),
        ({"is_safe": "false", "severity": "2"}, "harm_categories"),
        ({"is_safe": "false", "harm_categories": "Violence"}, "severity"),
        ({"is_safe": "false", "harm_categories": "Violence", "severity": "0"}, "severity"),
        ({"is_safe": "false", "harm_categories": "Violence", "severity": "4"}, "severity"),
        ({"is_safe": "false", "harm_categories": "violence", "severity": "1"}, "harm_categories"),
        ({"is_safe": "true", "harm_categories": "Violence"}, "harm_categories"),
        ({"is_safe": "true", "severity": "1"}, "severity"),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_what_does_not_fit_together_comes_back_marked_and_is_not_stored(
    client: TestClient,
    session: Session,
    assignment: Assignment,
    fields: dict[str, Any],
    wrong: str,
    htmx: bool,
) -> None:
    answer = post(client, path_of(assignment), htmx=htmx, **fields)
    assert answer.status_code == 422
    assert f'id="{wrong}-error"' in answer.text
    assert "Not stored yet" in answer.text
    assert ("<!doctype html>" in answer.text) is not htmx
    assert n_stored(session) == 0
    assert session.get_one(Assignment, assignment.id).status == AssignmentStatus.OPEN


def test_the_page_that_comes_back_keeps_what_was_chosen(client: TestClient, assignment: Assignment) -> None:
    fields: dict[str, Any] = {"is_safe": "false", "harm_categories": ["Drugs", "Animal Abuse"]}
    page = post(client, path_of(assignment), **fields).text
    checked = [tag.split(">")[0] for tag in page.split("<input") if " checked" in tag.split(">")[0]]
    values = (*PKU.category_names, "true", "false")
    kept = [value for value in values if any(f'value="{value}"' in tag for tag in checked)]
    assert kept == ["Drugs", "Animal Abuse", "false"]


def test_without_htmx_it_leads_on_by_a_redirect_so_that_reloading_sends_nothing(
    client: TestClient, session: Session, queue: Queue, assignment: Assignment
) -> None:
    answer = post(client, path_of(assignment), **HARMFUL)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/annotate/queues/{queue.id}"
    for _ in range(2):
        page = client.get(answer.headers["location"])
        assert "Is this response safe?" in page.text
    assert n_stored(session) == 1


def test_with_htmx_the_block_of_the_next_item_comes_at_once(
    client: TestClient, assignment: Assignment
) -> None:
    answer = post(client, path_of(assignment), htmx=True, **HARMFUL)
    assert answer.text.strip().startswith('<section id="workspace"')
    assert path_of(assignment) not in answer.text
    assert "1 done today" in answer.text


def test_sent_twice_it_is_stored_once(client: TestClient, session: Session, assignment: Assignment) -> None:
    answers = [post(client, path_of(assignment), htmx=True, **HARMFUL).status_code for _ in range(2)]
    assert answers == [200, 409]
    assert n_stored(session) == 1


def test_after_the_last_item_the_annotator_is_told_so(
    client: TestClient, session: Session, annotator: User
) -> None:
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, overlap=1, members=(annotator,))
    answer = post(client, path_of(make.assignment(session, queue, annotator)), is_safe="true")
    assert answer.status_code == 200
    assert "All done" in answer.text


@pytest.mark.parametrize("action", ["safety-label", "skip", "rankings/helpfulness"])
def test_another_annotators_assignment_is_not_found(
    client: TestClient, session: Session, queue: Queue, action: str
) -> None:
    other = make.user(session)
    set_members(session, queue.id, [other.id])
    theirs = make.assignment(session, queue, other)
    fields = HARMFUL | {"reason": "distress", "preferred": "first"}
    assert post(client, f"/annotate/assignments/{theirs.id}/{action}", **fields).status_code == 404
    assert session.get_one(Assignment, theirs.id).status == AssignmentStatus.OPEN
    assert n_stored(session) == 0


def test_a_ranking_is_not_taken_where_a_safety_label_is_asked_for(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    path = f"/annotate/assignments/{assignment.id}/rankings/helpfulness"
    assert post(client, path, rank_0="1").status_code in {409, 422}
    assert n_stored(session) == 0


def test_a_queue_that_is_not_mine_is_closed_to_me(
    client: TestClient, session: Session, annotator: User
) -> None:
    queue = make.queue(session, make.project(session))
    assert client.get(f"/annotate/queues/{queue.id}").status_code == 403
    assert post(client, f"/annotate/queues/{queue.id}/next").status_code == 403


def test_opening_a_queue_claims_nothing_until_start_is_pressed(
    client: TestClient, session: Session, queue: Queue
) -> None:
    assert "Start" in client.get(f"/annotate/queues/{queue.id}").text
    assert session.scalar(select(func.count()).select_from(Assignment)) == 0
    for _ in range(2):
        assert post(client, f"/annotate/queues/{queue.id}/next").status_code == 303
    assert session.scalar(select(func.count()).select_from(Assignment)) == 1
