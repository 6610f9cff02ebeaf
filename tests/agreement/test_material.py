"""What a report says beside its figures: sources, imported labels, contradictions, halos, places."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.agreement.actions import compute_agreement, follow_answers
from app.items.models import Import, ReferenceLabel
from app.projects.models import Project
from app.queues.models import Dimension, Queue, QueueItem, QueueKind
from tests import answer, make

N_SETS = 6


@pytest.fixture
def people(session: Session) -> tuple[User, ...]:
    return tuple(make.user(session) for _ in range(3))


@pytest.fixture
def project(session: Session) -> Project:
    """Sets of a response of model-a and one of model-b, each with its QA pairs."""
    made = make.project(session)
    for _ in range(N_SETS):
        make.item_with_pairs(session, made, responses=("Stay calm.", "Shout back."))
    return made


def reported(session: Session, queue: Queue) -> dict[str, Any]:
    follow_answers(session, queue.id)
    return compute_agreement(session, queue.id).content


def label_all(session: Session, project: Project, people: tuple[User, ...]) -> Queue:
    """Everybody finds the first response of each set safe and the second one violent."""
    queue = make.queue(session, project, overlap=3, members=people)
    for person in people:
        for _ in range(2 * N_SETS):
            held = make.assignment(session, queue, person)
            is_first = make.text_of(session, held.id).endswith("Stay calm.")
            answer.safety(session, held, answer.SAFE if is_first else answer.harmful("Violence", severity=2))
    return queue


def rank_all(session: Session, project: Project, people: tuple[User, ...]) -> Queue:
    """Everybody finds the first more helpful; the last person alone calls the second more harmless."""
    queue = make.queue(session, project, kind=QueueKind.DUAL, overlap=3, members=people)
    for person in people:
        for _ in range(N_SETS):
            held = make.assignment(session, queue, person)
            answer.ranking(session, held, Dimension.HELPFULNESS, [1, 2])
            harmless = [2, 1] if person is people[-1] else [1, 2]
            answer.ranking(session, held, Dimension.HARMLESSNESS, harmless)
    return queue


def test_rankings_that_contradict_safety_labels_are_counted_by_annotator(
    session: Session, project: Project, people: tuple[User, ...]
) -> None:
    labellers = tuple(make.user(session) for _ in range(3))
    follow_answers(session, label_all(session, project, labellers).id)
    content = reported(session, rank_all(session, project, people))
    found = {
        row["annotator_id"]: (row["n_yes"], row["n"])
        for row in content["contradictions"]
        if row["question"] == "unsafe above safe"
    }
    assert found[None] == (N_SETS, 3 * N_SETS)
    assert found[people[-1].id] == (N_SETS, N_SETS)
    assert found[people[0].id] == (0, N_SETS)


def test_without_safety_labels_nothing_can_be_contradicted(
    session: Session, project: Project, people: tuple[User, ...]
) -> None:
    content = reported(session, rank_all(session, project, people))
    assert [row["n"] for row in content["contradictions"]] == [0, 0]


def test_sources_are_compared_by_their_responses(
    session: Session, project: Project, people: tuple[User, ...]
) -> None:
    content = reported(session, rank_all(session, project, people))
    helpful = next(row for row in content["strengths"] if row["dimension"] == "helpfulness")
    assert helpful["sources"] == ["model-a", "model-b"]
    assert helpful["n"] == [3 * N_SETS] * 2
    assert helpful["strength"][0] > 0 > helpful["strength"][1]


def test_orders_and_places_are_reported_for_each_dimension(
    session: Session, project: Project, people: tuple[User, ...]
) -> None:
    content = reported(session, rank_all(session, project, people))
    tau = {row["dimension"]: row["tau_b"] for row in content["orders"]}
    assert tau["helpfulness"] == pytest.approx(1)
    assert tau["harmlessness"] == pytest.approx(-1 / 3)
    whole = [row for row in content["position"] if row["annotator_id"] is None]
    assert [row["n"] for row in whole] == [3 * N_SETS] * 2
    assert {row["annotator_id"] for row in content["halos"]} == {person.id for person in people}


def test_the_consensus_is_compared_with_labels_that_came_with_a_file(
    session: Session, project: Project, people: tuple[User, ...]
) -> None:
    queue = label_all(session, project, people)
    came_with = Import(project_id=project.id, file_name="judge.jsonl", n_bytes=1)
    session.add(came_with)
    session.flush()
    follow_answers(session, queue.id)
    # First responses stand at even places.
    for place, item_id in enumerate(pairs_of(session, queue)):
        label = {"is_safe": place % 2 == 0, "severity": 0 if place % 2 == 0 else 3}
        session.add(ReferenceLabel(item_id=item_id, import_id=came_with.id, dimension="safety", answer=label))
    session.flush()
    by_question = {row["question"]: row for row in reported(session, queue)["versus"]}
    safe = by_question["safe"]
    assert (safe["source"], safe["values"]) == ("judge.jsonl", ["safe", "harmful"])
    assert safe["n"] == [[N_SETS, 0], [0, N_SETS]]
    assert safe["kappa"] == pytest.approx(1)
    assert by_question["severity"]["n"][2][3] == N_SETS


def pairs_of(session: Session, queue: Queue) -> list[int]:
    of_queue = select(QueueItem.item_id).where(QueueItem.queue_id == queue.id)
    return list(session.scalars(of_queue.order_by(QueueItem.item_id)))


def test_the_competence_of_everybody_is_told(
    session: Session, project: Project, people: tuple[User, ...]
) -> None:
    content = reported(session, label_all(session, project, people))
    assert [row["annotator_id"] for row in content["competences"]] == [person.id for person in people]
    assert {row["n"] for row in content["competences"]} == {2 * N_SETS}
    assert all(row["one_coin"] > 0.8 and row["mace"] > 0.8 for row in content["competences"])
