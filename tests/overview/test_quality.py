"""How good the work is in all queues of a project, on one page."""

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.agreement.actions import compute_agreement
from app.assignments.interventions import void_answers
from app.gold.models import DisputeState, GoldResult
from app.overview.quality import Share, missed_gold, quality_by_queue
from app.queues.models import Dimension, Queue
from tests import answer, make
from tests.browse import enter
from tests.gold.asking import MISSED, asked, hold


def queue_with_report(session: Session) -> Queue:
    """Two people agree on six items, half of them harmful."""
    project, people = make.project(session), [make.user(session) for _ in range(2)]
    for _ in range(6):
        make.item(session, project)
    queue = make.queue(session, project, overlap=2, members=tuple(people))
    for person in people:
        for n in range(6):
            label = answer.harmful("Violence") if n % 2 else answer.SAFE
            answer.safety(session, make.assignment(session, queue, person), label)
    compute_agreement(session, queue.id)
    return queue


def test_it_gathers_what_reports_found(client: TestClient, session: Session) -> None:
    queue = queue_with_report(session)
    [found] = quality_by_queue(session, queue.project_id)
    assert [figure.question for figure in found.agreement] == ["safe"]
    assert found.agreement[0].n_items == 6
    assert found.agreement[0].by_week[0][1] == found.agreement[0].alpha
    assert (found.gold, found.cases, found.batches, found.alarms) == (None, (0, 0), (0, 0, 0), {})
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = client.get(f"/admin/projects/{queue.project_id}/quality").text
    assert f'href="/agreement/queues/{queue.id}"' in page
    assert "Agreement by queue" in page
    assert "Adjudicators say with each decision" in page


def test_a_new_project_is_told_what_will_stand_here(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    project = make.project(session)
    assert "Make a queue" in client.get(f"/admin/projects/{project.id}/quality").text
    queue = make.queue(session, project)
    assert "no report yet" in client.get(f"/admin/projects/{project.id}/quality").text
    assert quality_by_queue(session, project.id)[0].queue.id == queue.id
    assert missed_gold(session, project.id) == []


def test_a_share_has_the_interval_of_its_posterior() -> None:
    """Beta(8, 4): its quantiles from tables."""
    lower, upper = Share(10, 7).interval
    assert (round(lower, 3), round(upper, 3)) == (0.39, 0.891)


def test_both_tables_are_given_as_csv(client: TestClient, session: Session) -> None:
    queue = queue_with_report(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/projects/{queue.project_id}"
    heads, line = client.get(f"{path}/quality.csv").text.splitlines()
    row = dict(zip(heads.split(","), line.split(","), strict=True))
    assert (row["queue"], row["dimension"], row["items"], row["gold_n"]) == (queue.name, "safe", "6", "")
    assert client.get(f"{path}/causes.csv").text.splitlines() == ["cause,decisions"]


def test_only_admins_see_it(client: TestClient, session: Session) -> None:
    project = make.project(session)
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    for path in ("quality", "quality.csv", "causes.csv"):
        assert client.get(f"/admin/projects/{project.id}/{path}").status_code == 403


def test_gold_that_most_people_miss_is_listed_and_what_counts_no_more_is_not_counted(
    session: Session,
) -> None:
    known = asked(session)
    people = [make.member(session, known.queue) for _ in range(6)]
    assignments = [hold(session, known.queue, person) for person in people]
    for place, assignment in enumerate(assignments):
        answer.safety(session, assignment, answer.SAFE if place < 2 else MISSED)
    queue_id = known.queue.id
    [found] = quality_by_queue(session, known.project.id)
    assert found.gold == Share(7, 2)
    void_answers(session, queue_id, [assignments[5].id], "A test")
    upheld = session.get_one(GoldResult, (assignments[4].id, Dimension.SAFETY))
    upheld.dispute_state, upheld.dispute_reason = DisputeState.UPHELD, "It is safe."
    session.flush()
    [found] = quality_by_queue(session, known.project.id)
    assert found.gold == Share(5, 2)
    [missed] = missed_gold(session, known.project.id)
    assert (missed.queue_id, missed.item_id, missed.n, missed.n_right) == (queue_id, known.gold.item_id, 5, 2)
    void_answers(session, queue_id, [assignments[3].id], "A test")
    assert missed_gold(session, known.project.id) == []
    assert missed_gold(session, make.project(session).id) == []
