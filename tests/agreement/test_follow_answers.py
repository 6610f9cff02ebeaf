"""Live figures and posteriors follow the answers, and are what a computation from scratch gives."""

from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement import jobs
from app.agreement.actions import compute_agreement, follow_answers
from app.agreement.models import ConsensusModel, ItemConsensus, LiveAgreement
from app.agreement.queries import queues_with_changes
from app.annotations.forms import SafetyLabel
from app.assignments.interventions import void_answers
from app.assignments.models import Assignment
from app.assignments.queries import n_responses
from app.db import transaction
from app.projects.pku import PKU
from app.queues.models import Dimension, Queue, QueueKind
from app.work.actions import revise_safety_label
from tests import answer, make
from tests.browse import enter

INTERVALS = {
    *("alpha_lower", "alpha_upper", "ac1_lower", "ac1_upper"),
    *("annotators_lower", "annotators_upper"),
}


def some_label(random: Random) -> SafetyLabel:
    if random.random() < 0.5:
        return answer.SAFE
    names = random.sample(PKU.category_names[:5], random.randint(1, 3))
    return answer.harmful(*names, severity=random.randint(1, 3))


def campaign(session: Session, random: Random, *, n_items: int = 12) -> tuple[Queue, list[User]]:
    """Everybody answers two thirds of the items."""
    project = make.project(session)
    for _ in range(n_items):
        make.item(session, project)
    people = [make.user(session) for _ in range(3)]
    queue = make.queue(session, project, overlap=3, members=tuple(people))
    for person in people:
        for _ in range(n_items * 2 // 3):
            answer.safety(session, make.assignment(session, queue, person), some_label(random))
    return queue, people


def live(session: Session, queue: Queue) -> dict[str, dict[str, Any]]:
    """Figures by question."""
    rows = session.scalars(
        select(LiveAgreement)
        .where(LiveAgreement.queue_id == queue.id)
        .execution_options(populate_existing=True)
    )
    return {figure["question"]: figure for row in rows for figure in row.figures}


def from_scratch(session: Session, queue: Queue) -> dict[str, dict[str, Any]]:
    """Without the intervals, which live figures have not."""
    report = compute_agreement(session, queue.id)
    return {figure["question"]: figure | dict.fromkeys(INTERVALS) for figure in report.content["figures"]}


def consensus(session: Session, queue: Queue) -> dict[tuple[str, int], tuple[int, list[float]]]:
    rows = session.scalars(
        select(ItemConsensus)
        .where(ItemConsensus.queue_id == queue.id)
        .execution_options(populate_existing=True)
    )
    return {(row.dimension, row.item_id): (row.n_answers, row.posterior) for row in rows}


@pytest.mark.parametrize("seed", range(3))
def test_live_figures_are_those_of_a_report_from_scratch_to_the_last_bit(session: Session, seed: int) -> None:
    random = Random(seed)
    queue, _ = campaign(session, random)
    follow_answers(session, queue.id)
    assert live(session, queue) == from_scratch(session, queue)
    assignments = list(session.scalars(select(Assignment).where(Assignment.status == "submitted")))
    void_answers(session, queue.id, [each.id for each in random.sample(assignments, 3)], "a test")
    session.expire_all()
    for each in random.sample([each for each in assignments if each.status == "submitted"], 4):
        member = answer.member_of(session, each)
        revise_safety_label(session, member, each.id, some_label(random))
    follow_answers(session, queue.id)
    assert live(session, queue) == from_scratch(session, queue)


def test_live_figures_of_sets_of_several_sizes_are_those_of_a_report(session: Session) -> None:
    random = Random(4)
    project = make.project(session)
    for n in (2, 3, 2, 4):
        make.item(session, project, responses=tuple(f"Answer {n}." for n in range(n)))
    people = tuple(make.user(session) for _ in range(3))
    queue = make.queue(session, project, kind=QueueKind.DUAL, overlap=3, members=people)
    for person in people:
        for _ in range(4):
            held = make.assignment(session, queue, person)
            n = n_responses(session, held.id)
            for dimension in queue.steps:
                answer.ranking(session, held, dimension, [random.randint(1, n) for _ in range(n)])
    follow_answers(session, queue.id)
    assert live(session, queue) == from_scratch(session, queue)
    n_pairs = sorted(len(posterior) for _, posterior in consensus(session, queue).values())
    assert n_pairs == sorted([3, 9, 3, 18] * 2)


def test_posteriors_are_stored_for_every_item_with_an_answer(session: Session) -> None:
    queue, _ = campaign(session, Random(5))
    follow_answers(session, queue.id)
    answered = set(session.scalars(select(Assignment.item_id).where(Assignment.status == "submitted")))
    stored = consensus(session, queue)
    assert {item_id for _, item_id in stored} == answered
    for _, posterior in stored.values():
        harmful, *severities = posterior[:5]
        assert len(posterior) == 5 + len(PKU.category_names)
        assert 0 <= harmful <= 1
        assert sum(severities) == pytest.approx(1, abs=1e-3)


def test_between_two_fits_posteriors_of_changed_items_follow_the_old_model(session: Session) -> None:
    queue, people = campaign(session, Random(6), n_items=30)
    follow_answers(session, queue.id)
    before = consensus(session, queue)
    fitted_at = session.scalars(select(ConsensusModel.fitted_at)).all()
    held = make.assignment(session, queue, people[0])
    answer.safety(session, held, answer.harmful("Violence", severity=3))
    follow_answers(session, queue.id)
    after = consensus(session, queue)
    key = ("safety", held.item_id)
    assert {item for item in after if after[item] != before.get(item)} == {key}
    assert after[key][0] == before.get(key, (0, []))[0] + 1
    assert session.scalars(select(ConsensusModel.fitted_at)).all() == fitted_at


def test_the_model_is_fitted_anew_with_a_tenth_more_answers(session: Session) -> None:
    queue, people = campaign(session, Random(7))
    follow_answers(session, queue.id)
    (n_before,) = session.scalars(select(ConsensusModel.n_answers)).all()
    for _ in range(3):
        answer.safety(session, make.assignment(session, queue, people[0]))
    follow_answers(session, queue.id)
    (n_after,) = session.scalars(select(ConsensusModel.n_answers)).all()
    assert (n_before, n_after) == (24, 27)


def test_an_item_that_lost_its_answers_has_no_posterior(session: Session) -> None:
    project = make.project(session)
    for _ in range(20):
        make.item(session, project)
    person = make.user(session)
    queue = make.queue(session, project, overlap=1, members=(person,))
    for _ in range(20):
        last = make.assignment(session, queue, person)
        answer.safety(session, last)
    follow_answers(session, queue.id)
    void_answers(session, queue.id, [last.id], "a test")
    follow_answers(session, queue.id)
    stored = consensus(session, queue)
    assert len(stored) == 19
    assert ("safety", last.item_id) not in stored


def test_following_twice_changes_nothing(session: Session) -> None:
    queue, _ = campaign(session, Random(8))
    follow_answers(session, queue.id)
    before = consensus(session, queue)
    assert session.scalar(text("SELECT count(*) FROM pattern_change")) == 0
    follow_answers(session, queue.id)
    assert consensus(session, queue) == before
    follow_answers(session, queue.id, fits=True)
    assert consensus(session, queue) == before


@pytest.mark.usefixtures("database")
def test_the_job_follows_the_queues_that_have_changed() -> None:
    with transaction() as session:
        queue, _ = campaign(session, Random(9), n_items=3)
        make.queue(session, make.project(session))
        assert queues_with_changes(session) == [queue.id]
    jobs.follow(queue.id)
    with transaction() as session:
        assert queues_with_changes(session) == []
        assert session.get_one(LiveAgreement, (queue.id, Dimension.SAFETY)).n_answers == 6


def test_the_page_of_queues_shows_them_live(client: TestClient, session: Session) -> None:
    queue, _ = campaign(session, Random(10))
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/projects/{queue.project_id}/queues"
    assert "Alpha, safety" not in client.get(path).text
    follow_answers(session, queue.id)
    assert "Alpha, safety" in client.get(path).text


@pytest.mark.parametrize("kind", [QueueKind.SAFETY, QueueKind.SINGLE])
def test_a_queue_whose_every_answer_was_voided_has_figures_that_are_not_defined(
    session: Session, kind: QueueKind
) -> None:
    project, person = make.project(session), make.user(session)
    make.item(session, project, responses=("Yes.",) if kind is QueueKind.SAFETY else ("Yes.", "No."))
    queue = make.queue(session, project, kind=kind, overlap=1, members=(person,))
    held = make.assignment(session, queue, person)
    if kind is QueueKind.SAFETY:
        answer.safety(session, held)
    else:
        answer.ranking(session, held, Dimension.SINGLE, [1, 2])
    follow_answers(session, queue.id)
    void_answers(session, queue.id, [held.id], "a test")
    for fits in (False, True):
        follow_answers(session, queue.id, fits=fits)
        assert {figure["n_answers"] for figure in live(session, queue).values()} == {0}
        assert consensus(session, queue) == {}
