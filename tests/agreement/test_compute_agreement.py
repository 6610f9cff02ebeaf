"""A queue's agreement, from its stored answers to the page."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement import jobs
from app.agreement.actions import compute_agreement
from app.agreement.models import AgreementReport
from app.agreement.queries import latest_report
from app.assignments.models import SkipReason
from app.db import transaction
from app.errors import NotFound
from app.projects.pku import PKU
from app.queues.models import Dimension, Queue, QueueKind
from tests import answer, make
from tests.browse import enter, post


def figures(report: AgreementReport) -> dict[str, dict[str, Any]]:
    return {figure["question"]: figure for figure in report.content["figures"]}


def labelled_queue(session: Session, *, overlap: int = 2) -> tuple[Queue, tuple[User, User]]:
    """Two annotators agree that one item is safe and one is violent; on a third they differ."""
    project = make.project(session)
    safe, violent, disputed = (make.item(session, project).id for _ in range(3))
    first, second = make.user(session), make.user(session)
    queue = make.queue(session, project, overlap=overlap, members=(first, second))
    agreed = {safe: answer.SAFE, violent: answer.harmful("Violence", severity=3)}
    answer.all_safety(session, queue, first, agreed | {disputed: answer.SAFE})
    answer.all_safety(session, queue, second, agreed | {disputed: answer.harmful("Drugs", severity=1)})
    return queue, (first, second)


def test_safety_is_reported_for_the_verdict_the_severity_and_each_category(session: Session) -> None:
    queue, _ = labelled_queue(session)
    report = compute_agreement(session, queue.id)
    assert (report.n_annotations, report.n_annotators) == (6, 2)
    found = figures(report)
    assert list(found) == [
        *("safe", "severity", "severity of unsafe"),
        *(f"category: {name}" for name in PKU.category_names),
        "categories",
    ]
    safe = found["safe"]
    assert (safe["n_items"], safe["n_pairs"], safe["level"]) == (3, 3, "nominal")
    assert safe["raw_agreement"] == pytest.approx(2 / 3)
    assert safe["prevalence"] == pytest.approx(1 / 2)
    # 1 - observed / expected disagreement = 1 - (2 / 6) / (2 * 3 * 3 / (6 * 5)).
    assert safe["alpha"] == pytest.approx(4 / 9)
    assert found["severity"]["level"] == "ordinal"
    assert found["category: Violence"]["alpha"] == pytest.approx(1)
    assert found["category: Violence"]["prevalence"] == pytest.approx(1 / 3)
    assert found["category: Animal Abuse"]["alpha"] is None


def test_rankings_are_compared_by_response_not_by_place_on_the_page(session: Session) -> None:
    project = make.project(session)
    for _ in range(6):
        make.item(session, project, responses=("A.", "B."))
    annotators = make.user(session), make.user(session)
    queue = make.queue(session, project, kind=QueueKind.DUAL, overlap=2, members=annotators)
    for annotator in annotators:
        for _ in range(6):
            assignment = make.assignment(session, queue, annotator)
            order = [1, 2] if assignment.item_id % 2 else [2, 1]
            answer.ranking(session, assignment, Dimension.HELPFULNESS, order)
            answer.ranking(session, assignment, Dimension.HARMLESSNESS, [1, 1])
    found = figures(compute_agreement(session, queue.id))
    assert list(found) == ["helpfulness", "harmlessness"]
    assert found["helpfulness"]["alpha"] == pytest.approx(1)
    assert found["helpfulness"]["prevalence"] == pytest.approx(1)
    assert found["harmlessness"]["alpha"] is None
    assert found["harmlessness"]["raw_agreement"] == pytest.approx(1)
    assert found["harmlessness"]["prevalence"] == pytest.approx(0)


def test_only_submitted_answers_count(session: Session) -> None:
    project = make.project(session)
    make.item(session, project, responses=("A.", "B."))
    annotator, other = make.user(session), make.user(session)
    queue = make.queue(session, project, kind=QueueKind.DUAL, members=(annotator, other))
    half_done = make.assignment(session, queue, annotator)
    answer.ranking(session, half_done, Dimension.HELPFULNESS, [1, 2])
    given_up = make.assignment(session, queue, other)
    answer.ranking(session, given_up, Dimension.HELPFULNESS, [1, 2])
    answer.skip(session, given_up, SkipReason.DISTRESS)
    assert compute_agreement(session, queue.id).n_annotations == 0


def test_a_queue_without_answers_has_figures_that_are_not_defined(session: Session) -> None:
    project = make.project(session)
    for kind, n_figures in ((QueueKind.SAFETY, 4 + len(PKU.category_names)), (QueueKind.DUAL, 2)):
        report = compute_agreement(session, make.queue(session, project, kind=kind).id)
        assert (report.n_annotations, report.n_annotators) == (0, 0)
        assert [figure["alpha"] for figure in report.content["figures"]] == [None] * n_figures


def test_the_newest_report_is_shown_and_the_older_ones_are_kept(session: Session) -> None:
    queue, _ = labelled_queue(session)
    compute_agreement(session, queue.id)
    newest = compute_agreement(session, queue.id)
    assert latest_report(session, queue.id) is newest
    assert session.scalar(select(func.count()).select_from(AgreementReport)) == 2


def test_an_unknown_queue_raises_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        compute_agreement(session, 999_999)


@pytest.mark.usefixtures("database")
def test_the_job_computes_in_a_snapshot_of_its_own_and_may_run_twice() -> None:
    with transaction() as session:
        queue, _ = labelled_queue(session)
    for _ in range(2):
        jobs.compute(queue.id)
    with transaction() as session:
        reports = session.scalars(select(AgreementReport)).all()
        assert [report.n_annotations for report in reports] == [6, 6]
        assert reports[0].content == reports[1].content


@pytest.mark.usefixtures("database")
def test_a_night_has_one_report_however_often_the_job_runs() -> None:
    with transaction() as session:
        queue, _ = labelled_queue(session)
    for day in ("2026-11-25", "2026-11-26", "2026-11-26"):
        jobs.compute(queue.id, day)
    with transaction() as session:
        nights = session.scalars(select(AgreementReport.night).order_by(AgreementReport.night)).all()
        assert [str(night) for night in nights] == ["2026-11-25", "2026-11-26"]


@pytest.mark.parametrize("role", [Role.ADJUDICATOR, Role.ADMIN])
def test_the_page_shows_the_figures_and_where_none_is_defined(
    client: TestClient, session: Session, role: Role
) -> None:
    queue, _ = labelled_queue(session)
    enter(client, session, make.user(session, role=role))
    path = f"/agreement/queues/{queue.id}"
    assert queue.name in client.get("/agreement").text
    assert "Nothing was computed yet." in client.get(path).text
    compute_agreement(session, queue.id)
    page = client.get(path).text
    assert "6 annotations by 2 annotators" in page
    assert '<td class="number">0.444</td>' in page
    assert "not defined" in page


def test_asking_waits_until_a_newer_report_is_there(client: TestClient, session: Session) -> None:
    queue, _ = labelled_queue(session)
    compute_agreement(session, queue.id)
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    asked = post(client, f"/agreement/queues/{queue.id}")
    assert asked.status_code == 303
    waiting_page = asked.headers["location"]
    assert 'hx-trigger="every 1s"' in client.get(waiting_page).text
    compute_agreement(session, queue.id)
    block = client.get(waiting_page, headers={"hx-request": "true"}).text
    assert block.strip().startswith('<section id="report"')
    assert "hx-trigger" not in block


def test_an_unknown_queue_is_not_found(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get("/agreement/queues/999999").status_code == 404
    assert post(client, "/agreement/queues/999999").status_code == 404
